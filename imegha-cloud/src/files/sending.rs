//! Sending a file's content to storage: sealed part by part, a few parts at a time.

use futures::future::{BoxFuture, Either, select};
use futures::stream::FuturesUnordered;
use futures::{FutureExt as _, TryFutureExt as _, TryStreamExt as _};
use imegha_crypto::{ContentKind, ContentSealer, FileKey, Id, SealedObject, SealedPart, device, layout};

use super::journal::Journal;
use super::object::{Stored, discard};
use super::parts::{Part, Parts};
use super::resumption::{Begun, NotStored, Place, Resumption};
use crate::backend::{ObjectName, Upload};
use crate::client::local::sendable;
use crate::client::retry::{Attempts, persist};
use crate::client::{Source, Store, Watch};
use crate::error::{ErrorKind, Result};

/// What an object is to be the content of.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Target<'a> {
    /// The file; nothing for a new one, whose id is drawn with the object's key.
    pub(crate) file: Option<&'a Id>,
    /// The number of the revision.
    pub(crate) number: u64,
    /// Where the file is, and its name: for the journal.
    pub(crate) folder: &'a Id,
    pub(crate) name: &'a str,
    /// The plaintext of a part.
    pub(crate) part_len: u64,
}

/// Seals what `source` holds under a fresh key and stores it, or goes on with what a journal says was begun. When this fails nothing is
/// left to see, and nothing at all but for what can be gone on with.
pub(crate) async fn store(
    store: &Store,
    target: &Target<'_>,
    mut source: Box<dyn Source>,
    watch: &Watch,
    resumption: &mut Option<Resumption>,
) -> Result<Stored> {
    loop {
        let error = match attempt(store, target, &mut *source, watch, resumption).await {
            Ok(stored) => return Ok(stored),
            // Only of a journal's attempt, so that this happens once.
            Err(NotStored::Anew) => {
                if let Some(resumption) = resumption {
                    resumption.discard(store).await;
                }
                watch.cancel.guard(source.rewind()).await?;
                continue;
            }
            Err(NotStored::Failed(error)) => error,
        };
        if let Some(resumption) = resumption {
            match error.kind() == ErrorKind::Cancelled && !watch.cancel.is_paused() {
                true => resumption.discard(store).await,
                false => resumption.rest(store).await,
            }
        }
        return Err(error);
    }
}

async fn attempt(
    store: &Store,
    target: &Target<'_>,
    source: &mut dyn Source,
    watch: &Watch,
    resumption: &mut Option<Resumption>,
) -> Result<Stored, NotStored> {
    let (size, total) = (source.size(), source.size().unwrap_or(0));
    let started_ms = store.clock.now_ms();
    watch.progress(0, total);
    let begun = match resumption {
        Some(resumption) => resumption.go_on(store, target, size, watch).await?,
        None => None,
    };
    let (node, file_key, place, mut sealer) = match begun {
        Some(Begun { node, object, file_key, place }) => {
            let salt = *object.as_bytes();
            let sealer = ContentSealer::dangerous_resume(&file_key, ContentKind::Content, &node, target.number, salt);
            (node, file_key, Some(place), sealer)
        }
        None => {
            let (node, file_key) = (target.file.map_or_else(Id::generate, |file| Ok(*file))?, FileKey::generate()?);
            let sealer = ContentSealer::new(&file_key, ContentKind::Content, &node, target.number)?;
            (node, file_key, None, sealer)
        }
    };
    let (name, commitment) = (ObjectName::from_salt(sealer.salt()), sealer.commitment());
    let since_ms = match place {
        Some(Place::Object(_)) => 0,
        _ => started_ms,
    };
    let mut parts = Parts::new(source, target.part_len);

    let first = watch.cancel.guard(parts.next()).await?;
    let len = if first.last && place.is_none() {
        store_whole(store, watch, &name, &mut sealer, first.plaintext).await?
    } else {
        let goes_on = place.is_some();
        let place = match place {
            Some(place) => place,
            None => {
                let upload = persist(Attempts::at_network(&store.clock), watch, |_| store.blobs.begin_upload(&name));
                let upload = watch.cancel.guard(upload).await?;
                if let Some(resumption) = resumption {
                    resumption.begin(Journal {
                        node,
                        number: target.number,
                        folder: *target.folder,
                        name: target.name.to_owned(),
                        size,
                        begun_ms: store.clock.now_ms(),
                        object: name,
                        upload: upload.id().clone(),
                        file_key: file_key.clone(),
                        parts: Vec::new(),
                        ended: false,
                        committing: false,
                    });
                }
                Place::Upload(upload)
            }
        };
        let in_flight = FuturesUnordered::new();
        let mut sending = Sending { store, watch, place: &place, in_flight, landed: Vec::new(), done: 0, total };
        let sent = watch.cancel.guard(sending.run(&name, &mut sealer, &mut parts, first, resumption)).await;
        // What is on its way still must not arrive after the upload was dropped.
        let landed = std::mem::take(&mut sending.landed);
        drop(sending);
        match (resumption, &place) {
            (Some(resumption), _) => resumption.stored(landed),
            (None, Place::Upload(upload)) if sent.is_err() => {
                // Best effort: what cannot be dropped now is unfinished and invisible, and is collected later.
                let _ = upload.abort().await;
                discard(store, &name).await;
            }
            (None, _) => {}
        }
        match sent {
            // The backend has lost the upload meanwhile, or parts that it said it had.
            Err(NotStored::Failed(error)) if goes_on && says_it_is_not_there(error.kind()) => {
                return Err(NotStored::Anew);
            }
            sent => sent?,
        }
    };
    let (size, sha256) = parts.finish();
    watch.progress(size, total);
    Ok(Stored { node, file_key, name, len, since_ms, commitment, size, sha256, thumbnail: None })
}

/// Seals a small object, all of whose plaintext is in memory, and stores it. When this fails nothing is left to see.
pub(super) async fn store_whole(
    store: &Store,
    watch: &Watch,
    name: &ObjectName,
    sealer: &mut ContentSealer,
    plaintext: Vec<u8>,
) -> Result<u64> {
    let sealed = sendable(device::seal_part(sealer, plaintext, true)).await?;
    let len = sealed.as_bytes().len() as u64;
    let object = SealedObject::from_received(sealed.into_bytes())?;
    let put = persist(Attempts::at_network(&store.clock), watch, |again| {
        let object = object.clone();
        async move {
            match store.blobs.put(name, object).await {
                // The name is random: what is there is what the attempt before put there.
                Err(error) if again && error.kind() == ErrorKind::AlreadyExists => Ok(()),
                result => result,
            }
        }
    });
    let result = watch.cancel.guard(put).await;
    if result.is_err() {
        discard(store, name).await;
    }
    result.map(|()| len)
}

/// The state of one upload in parts.
struct Sending<'a> {
    store: &'a Store,
    watch: &'a Watch,
    place: &'a Place,
    /// Each yields its number, and how much plaintext it has brought.
    in_flight: FuturesUnordered<BoxFuture<'a, Result<(u32, u64)>>>,
    /// Parts that have arrived, and that the journal does not say so of yet.
    landed: Vec<u32>,
    done: u64,
    total: u64,
}

impl<'a> Sending<'a> {
    /// Sends all parts, a few at a time, and completes the upload. Gives the object's length. A part that does not arrive is
    /// sent again with the same bytes: sealing it anew could seal two plaintexts under one nonce, when the source has changed
    /// meanwhile.
    async fn run(
        &mut self,
        name: &ObjectName,
        sealer: &mut ContentSealer,
        parts: &mut Parts<'_>,
        first: Part,
        resumption: &mut Option<Resumption>,
    ) -> Result<u64, NotStored> {
        let mut part = first;
        let mut plain_len = 0;
        let count = loop {
            // A store that answers at once gives nobody else a turn.
            self.watch.cancel.check()?;
            let (number, len, last, offset) = (part.number, part.plaintext.len() as u64, part.last, sealer.offset());
            plain_len += len;
            let mut stored = false;
            if let Some(resumption) = resumption {
                resumption.stored(self.landed.drain(..));
                stored = self.alongside(resumption.enter(number, &part.plaintext, last)).await?;
            }
            match self.place {
                Place::Upload(upload) if !stored => {
                    let sealed = sendable(device::seal_part(sealer, part.plaintext, last)).err_into();
                    let sealed = self.alongside::<_, NotStored>(sealed).await?;
                    self.send(&**upload, number, offset, sealed, len);
                }
                _ => {
                    sealer.skip_part(part.plaintext.len(), last)?;
                    self.progress(len);
                }
            }
            if last {
                break number;
            }
            while self.in_flight.len() >= PARTS_IN_FLIGHT {
                self.land().await?;
            }
            part = self.alongside(parts.next()).await?;
        };
        while !self.in_flight.is_empty() {
            self.land().await?;
        }
        let object_len = layout::sealed_len(plain_len);
        self.complete(name, count, object_len).await?;
        Ok(object_len)
    }

    async fn complete(&mut self, name: &ObjectName, count: u32, object_len: u64) -> Result<(), NotStored> {
        let upload = match self.place {
            Place::Upload(upload) => upload,
            Place::Object(len) if *len == object_len => return Ok(()),
            Place::Object(_) => return Err(NotStored::Anew),
        };
        let store = self.store;
        let complete = persist(Attempts::at_network(&store.clock), self.watch, |_| async move {
            match upload.complete(count, object_len).await {
                // The answer to an attempt before, of this process or another, was lost, and not the attempt.
                Err(error) if matches!(error.kind(), ErrorKind::AlreadyExists | ErrorKind::NotFound) => {
                    match store.blobs.head(name).await {
                        Ok(meta) if meta.size == object_len => Ok(()),
                        _ => Err(error),
                    }
                }
                result => result,
            }
        });
        Ok(complete.await?)
    }

    fn send(&mut self, upload: &'a dyn Upload, number: u32, offset: u64, sealed: SealedPart, len: u64) {
        let (store, watch) = (self.store, self.watch);
        let sent = async move {
            let attempts = Attempts::at_network(&store.clock);
            persist(attempts, watch, |_| upload.put_part(number, offset, sealed.clone())).await?;
            Ok((number, len))
        };
        self.in_flight.push(sent.boxed());
    }

    /// Waits for one part to arrive.
    async fn land(&mut self) -> Result<()> {
        if let Some((number, len)) = self.in_flight.try_next().await? {
            self.landed.push(number);
            self.progress(len);
        }
        Ok(())
    }

    fn progress(&mut self, len: u64) {
        self.done += len;
        self.watch.progress(self.done, self.total);
    }

    /// Does `work` while parts are on their way.
    async fn alongside<T, E: From<crate::Error>>(
        &mut self,
        work: impl Future<Output = Result<T, E>> + Send,
    ) -> Result<T, E> {
        let mut work = std::pin::pin!(work);
        loop {
            if self.in_flight.is_empty() {
                return work.await;
            }
            match select(work.as_mut(), std::pin::pin!(self.land())).await {
                Either::Left((result, _)) => return result,
                Either::Right((landed, _)) => landed?,
            }
        }
    }
}

impl Target<'_> {
    /// Whether a journal is of a revision of this file, or as this of a new one.
    pub(crate) fn is_of(&self, journal: &Journal) -> bool {
        self.file == (journal.number > 1).then_some(&journal.node)
    }

    /// Whether a journal's attempt is one at this.
    pub(super) fn fits(&self, journal: &Journal) -> bool {
        self.is_of(journal) && self.number == journal.number
    }
}

/// How a backend says that it has no such upload, or misses a part of it, or has another object in its place.
fn says_it_is_not_there(kind: ErrorKind) -> bool {
    matches!(kind, ErrorKind::NotFound | ErrorKind::Malformed | ErrorKind::AlreadyExists)
}

/// Parts that are being sent at once. Each is held twice: sealed, and by the store that sends it.
const PARTS_IN_FLIGHT: usize = 2;
