//! A platform that lies: a wrapper round a real one that changes its answers.

use std::fmt;
use std::sync::{Arc, Mutex};

use async_trait::async_trait;
use imegha_platform::Result;
use imegha_platform::client::{Platform, Request, Response, Transport};
use imegha_platform::protocol::SessionKind;
use serde_json::Value;

/// Changes the JSON of each answer, by the request's path.
pub(crate) struct EvilPlatform<F> {
    inner: Arc<dyn Transport>,
    lie: F,
    sent: Mutex<Vec<(String, Vec<u8>)>>,
}

impl<F: Fn(&str, &mut Value) + Send + Sync + 'static> EvilPlatform<F> {
    pub(crate) fn new(inner: Arc<dyn Transport>, lie: F) -> Arc<Self> {
        Arc::new(Self { inner, lie, sent: Mutex::default() })
    }

    pub(crate) fn client(self: &Arc<Self>) -> Platform {
        Platform::with_transport(self.clone())
    }

    /// The paths that were asked, in order.
    pub(crate) fn asked(&self) -> Vec<String> {
        self.sent.lock().unwrap().iter().map(|(path, _)| path.clone()).collect()
    }

    /// The bodies that were sent to a path.
    pub(crate) fn sent(&self, path: &str) -> Vec<Value> {
        let sent = self.sent.lock().unwrap();
        sent.iter()
            .filter(|(to, _)| to == path)
            .map(|(_, body)| serde_json::from_slice(body).unwrap_or(Value::Null))
            .collect()
    }
}

#[async_trait]
impl<F: Fn(&str, &mut Value) + Send + Sync + 'static> Transport for EvilPlatform<F> {
    async fn send(&self, request: Request) -> Result<Response> {
        let path = request.path.clone();
        let body = request.body.as_ref().map(|body| body.to_vec()).unwrap_or_default();
        self.sent.lock().unwrap().push((path.clone(), body));
        let mut response = self.inner.send(request).await?;
        if let Ok(mut json) = serde_json::from_slice(&response.body) {
            (self.lie)(&path, &mut json);
            response.body = serde_json::to_vec(&json).unwrap();
        }
        Ok(response)
    }

    fn origin(&self) -> String {
        self.inner.origin()
    }

    fn session_kind(&self) -> SessionKind {
        self.inner.session_kind()
    }
}

impl<F> fmt::Debug for EvilPlatform<F> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("EvilPlatform")
    }
}
