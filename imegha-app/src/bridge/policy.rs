//! The privacy policy in force.

use leptos::prelude::*;
use serde::{Deserialize, Serialize};

use super::page;

/// Which version it is, and what the newest one changed, as whoever runs the server says it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct PolicyInForce {
    /// The version that signing up accepts.
    pub(crate) version: u32,
    /// What it changed, in a sentence or two; nothing for the version that this app was made with.
    pub(crate) change: Option<String>,
}

impl PolicyInForce {
    /// The version that this app was made with. A change of what its text promises is a new version.
    pub(crate) const OF_THIS_APP: u32 = 1;

    /// The policy of this server: while it renders a page what it was started with, in the browser what the document says.
    pub(crate) fn now() -> Self {
        if cfg!(target_arch = "wasm32") {
            let said = page::meta("imegha-policy").and_then(|json| serde_json::from_str(&json).ok());
            return said.unwrap_or_default();
        }
        use_context().unwrap_or_default()
    }
}

impl Default for PolicyInForce {
    fn default() -> Self {
        Self { version: Self::OF_THIS_APP, change: None }
    }
}
