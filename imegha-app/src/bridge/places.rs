//! The folders that were made for uploads, so that each is asked for once.

use std::cell::RefCell;
use std::collections::HashMap;
use std::rc::Rc;

use futures::lock::Mutex;
use imegha_worker::protocol::{ErrorCode, Failure, Reply, Request};
use leptos::prelude::Update as _;

use super::Client;
use super::message::failure;

/// The id of the folder at `path` below `folder`; made if it is not there. One is asked for at a time, or two uploads would both
/// make it.
pub(super) async fn of(client: Client, folder: &str, path: &[String]) -> Result<String, Failure> {
    if path.is_empty() {
        return Ok(folder.to_owned());
    }
    let places = PLACES.with_borrow(Rc::clone);
    let mut places = places.lock().await;
    let key = (folder.to_owned(), path.to_vec());
    if let Some(id) = places.get(&key) {
        return Ok(id.clone());
    }
    let request = Request::EnsureFolder { parent: Some(folder.to_owned()), path: path.to_vec() };
    match client.ask(request).await? {
        Reply::Stored(entry) => {
            // The first of a tree appears in the list that the person looks at.
            if !places.keys().any(|(known, names)| known == folder && names.first() == path.first()) {
                client.changed.update(|changed| *changed = changed.wrapping_add(1));
                client.reread();
            }
            places.insert(key, entry.id.clone());
            Ok(entry.id)
        }
        _ => Err(failure(ErrorCode::Version)),
    }
}

/// Forgets all of them: one may be gone, or somebody else is in.
pub(super) fn forget_all() {
    PLACES.set(Rc::default());
}

type Places = HashMap<(String, Vec<String>), String>;

thread_local! {
    static PLACES: RefCell<Rc<Mutex<Places>>> = RefCell::default();
}
