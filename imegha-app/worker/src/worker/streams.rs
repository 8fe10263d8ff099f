//! What the service worker asks for: a download that is saved while it is opened, and what is being played.

use std::cell::RefCell;
use std::collections::HashMap;

use futures::channel::oneshot;
use imegha_cloud::CancelToken;
use imegha_crypto::{Hash, Id};
use web_sys::MessagePort;

use super::Worker;
use super::outlet::{Head, Outlet};
use crate::protocol::{ErrorCode, Failure, Reply};

/// The addresses that are answered. Each was drawn at random by this tab, and nobody else knows it.
#[derive(Debug, Default)]
pub(super) struct Streams {
    /// Downloads that wait to be asked for, once.
    saving: RefCell<HashMap<String, oneshot::Sender<Outlet>>>,
    /// What is looked at.
    playing: RefCell<Option<Playing>>,
}

/// A sound or a film that is looked at: any part of it is answered, until something else is looked at.
#[derive(Clone, Debug)]
pub(super) struct Playing {
    pub(super) address: String,
    pub(super) node: Id,
    /// What was looked at: its revision as of then.
    pub(super) sha256: Hash,
    pub(super) size: u64,
    /// What its bytes say.
    pub(super) mime: &'static str,
    pub(super) cancel: CancelToken,
}

/// Something that will be asked for; not any more once this is dropped.
pub(super) type Expected = oneshot::Receiver<Outlet>;

impl Streams {
    /// What is to be saved from this address will be asked for.
    pub(super) fn expect(&self, address: &str) -> Expected {
        let (sender, receiver) = oneshot::channel();
        self.saving.borrow_mut().retain(|_, expected| !expected.is_canceled());
        self.saving.borrow_mut().insert(address.to_owned(), sender);
        receiver
    }

    /// Answers for this from now on, and for nothing else.
    pub(super) fn play(&self, playing: Option<Playing>) {
        if let Some(before) = self.playing.replace(playing) {
            before.cancel.cancel();
        }
    }

    /// Nothing is answered any more.
    pub(super) fn stop_all(&self) {
        self.saving.borrow_mut().clear();
        self.play(None);
    }
}

impl Worker {
    /// Answers an address: the bytes from `start` on, up to `end`. An address that is saved is not played, and the reverse.
    pub(super) async fn stream(
        &self,
        address: &str,
        playing: bool,
        (start, end): (u64, Option<u64>),
        port: MessagePort,
    ) -> Result<Reply, Failure> {
        let outlet = Outlet::new(port);
        if !playing {
            let expected = self.streams.saving.borrow_mut().remove(address);
            let expected = expected.ok_or(Failure::new(ErrorCode::NotFound))?;
            return expected.send(outlet).map(|()| Reply::Done).map_err(|_| Failure::new(ErrorCode::Cancelled));
        }
        let Some(playing) = self.streams.playing.borrow().clone().filter(|playing| playing.address == address) else {
            return Err(Failure::new(ErrorCode::NotFound));
        };
        let end = end.unwrap_or(playing.size).min(playing.size);
        let range = start.min(end)..end;
        let download = self.cloud()?.download_range(&playing.node, range.clone()).await?;
        if download.entry().sha256 != Some(playing.sha256) {
            // Replaced meanwhile: two files spliced are none.
            return Err(Failure::new(ErrorCode::Conflict));
        }
        let Playing { mime, size, cancel, .. } = playing;
        let (start, len) = (range.start, Some(range.end - range.start));
        outlet.begin(&Head { mime: Some(mime), name: "", start, len, size });
        match outlet.pour(download, &cancel, |_| ()).await {
            // Whoever plays it jumps: that is no failure.
            Ok(()) | Err(Failure { code: ErrorCode::Cancelled, .. }) => Ok(Reply::Done),
            Err(failure) => Err(failure),
        }
    }
}
