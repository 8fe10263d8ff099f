//! Whether everything is there that should be.

use std::pin::pin;
use std::sync::Mutex;

use futures::future::{Either, select};
use imegha_cloud::{CancelToken, Cloud, Depth, ErrorKind, Looked};
use imegha_crypto::Id;
use send_wrapper::SendWrapper;

use super::Worker;
use crate::protocol::{ErrorCode, Event, Failure, Fault, Problem, Reply, Report};

impl Worker {
    /// One check runs at a time: another one, and leaving, ends it.
    pub(super) async fn check(&self, deep: bool) -> Result<Reply, Failure> {
        let cloud = self.cloud()?;
        let token = CancelToken::new();
        self.checking.replace(token.clone()).cancel();
        let port = SendWrapper::new(self.port.clone());
        let told = Mutex::new(0.0);
        let tell = move |looked: Looked| {
            let Looked { objects, of_objects, bytes, of_bytes } = looked;
            let now = js_sys::Date::now();
            let Ok(mut told) = told.lock() else { return };
            if now - *told >= INTERVAL_MS || objects == of_objects {
                *told = now;
                port.event(&Event::Checked { objects, of_objects, bytes, of_bytes });
            }
        };
        let depth = if deep { Depth::Deep } else { Depth::Quick };
        let report = match select(pin!(token.cancelled()), pin!(cloud.verify_with(depth, tell))).await {
            Either::Left(_) => return Err(Failure::new(ErrorCode::Cancelled)),
            Either::Right((report, _)) => report?,
        };
        let mut problems = Vec::new();
        for problem in report.problems.iter().take(MOST_PROBLEMS) {
            let path = match &problem.node {
                // Without a network it is told by its id: what was found is not thrown away for a name.
                Some(node) => path_of(&cloud, node).await.unwrap_or_default(),
                None => None,
            };
            let node = problem.node.map(|node| node.to_string());
            problems.push(Problem { node, path, what: problem.what.into() });
        }
        Ok(Reply::Checked(Report {
            deep,
            records: report.records,
            nodes: report.nodes,
            objects: report.objects,
            bytes: report.bytes,
            problems,
            count: report.problems.len() as u64,
        }))
    }
}

/// What something is called and the folders that it is in, from the outermost; nothing where that cannot be told.
pub(super) async fn path_of(cloud: &Cloud, node: &Id) -> Result<Option<Vec<String>>, Failure> {
    match cloud.path(node).await {
        Ok(path) => Ok(Some(path.into_iter().map(|step| step.shown_name).collect())),
        Err(error) if error.kind() == ErrorKind::Unavailable => Err(error.into()),
        Err(_) => Ok(None),
    }
}

impl From<imegha_cloud::Fault> for Fault {
    fn from(fault: imegha_cloud::Fault) -> Self {
        match fault {
            imegha_cloud::Fault::Log => Self::Log,
            imegha_cloud::Fault::Withheld => Self::Withheld,
            imegha_cloud::Fault::CannotOpen => Self::CannotOpen,
            imegha_cloud::Fault::Unreachable => Self::Unreachable,
            imegha_cloud::Fault::ObjectMissing => Self::Missing,
            imegha_cloud::Fault::ObjectDamaged => Self::Damaged,
            imegha_cloud::Fault::Thumbnail => Self::Thumbnail,
            _ => Self::Other,
        }
    }
}

/// More than these nobody reads; they are counted.
const MOST_PROBLEMS: usize = 200;

const INTERVAL_MS: f64 = 100.0;
