//! The files that a person chose or dropped, kept until they are uploaded.

use std::cell::RefCell;
use std::collections::BTreeMap;

use js_sys::{Array, Function, Promise, Reflect};
use wasm_bindgen::{JsCast as _, JsValue};
use wasm_bindgen_futures::JsFuture;
use web_sys::{DataTransfer, File, FileSystemDirectoryEntry, FileSystemEntry, FileSystemFileEntry, HtmlInputElement};

use super::route::{self, is_litter};

/// What a person chose or dropped: files, and folders whole.
#[derive(Debug, Default)]
pub(crate) struct Picked {
    files: Vec<Found>,
    folders: Vec<FileSystemDirectoryEntry>,
}

/// Something that was found in what was picked.
#[derive(Debug)]
pub(crate) enum Found {
    /// A file.
    File {
        /// The names of the folders that it is in, from the outermost.
        path: Vec<String>,
        /// Itself.
        file: File,
    },
    /// A file that the browser cannot read.
    Unreadable {
        /// As of a file.
        path: Vec<String>,
        /// Its name.
        name: String,
    },
    /// A folder with nothing in it.
    Empty {
        /// Its name, after those of the folders that it is in.
        path: Vec<String>,
    },
}

/// Keeps a transfer's file, so that a failed upload can be tried again.
pub(crate) fn keep(number: u32, file: File) {
    SOURCES.with_borrow_mut(|sources| sources.insert(number, file));
}

/// A transfer's file.
pub(crate) fn of(number: u32) -> Option<File> {
    SOURCES.with_borrow(|sources| sources.get(&number).cloned())
}

/// Forgets a transfer's file.
pub(crate) fn forget(number: u32) {
    SOURCES.with_borrow_mut(|sources| sources.remove(&number));
}

/// Forgets all of them.
pub(crate) fn forget_all() {
    SOURCES.with_borrow_mut(BTreeMap::clear);
}

/// What was chosen, files or a folder whole, and the input emptied, so that the same can be chosen again.
pub(crate) fn of_input(input: &HtmlInputElement) -> Picked {
    let list = input.files();
    let files = list.iter().flat_map(|list| (0..list.length()).filter_map(|index| list.get(index)));
    let files = files.map(|file| {
        let path = Reflect::get(&file, &"webkitRelativePath".into()).ok().and_then(|path| path.as_string());
        Found::File { path: route::folders_of(&path.unwrap_or_default()), file }
    });
    let files = files.filter(|found| !found.is_litter()).collect();
    input.set_value("");
    Picked { files, folders: Vec::new() }
}

/// What was dropped. It has to be taken out before the event ends; what is in folders is read later.
pub(crate) fn dropped(data: &DataTransfer) -> Picked {
    let items = data.items();
    let mut picked = Picked::default();
    for item in (0..items.length()).filter_map(|index| items.get(index)).filter(|item| item.kind() == "file") {
        match item.webkit_get_as_entry().ok().flatten() {
            Some(entry) if entry.is_directory() => picked.folders.push(entry.unchecked_into()),
            _ => picked.files.extend(item.get_as_file().ok().flatten().map(|file| Found::File { path: vec![], file })),
        }
    }
    picked
}

impl Picked {
    /// Goes through everything that was picked, and hands over what is found, some at a time. What is in a folder is asked of the
    /// browser piece by piece, so the page goes on meanwhile.
    pub(crate) async fn walk(self, mut take: impl FnMut(Vec<Found>)) {
        take(self.files);
        let mut folders: Vec<_> = self.folders.into_iter().rev().map(|folder| (Vec::new(), folder)).collect();
        while let Some((above, folder)) = folders.pop() {
            let mut path = above;
            path.push(folder.name());
            let reader = folder.create_reader();
            let mut is_empty = true;
            loop {
                // A reader gives a hundred at a time, and none at the end.
                let batch = promise(|resolve, reject| reader.read_entries_with_callback_and_callback(resolve, reject));
                let Ok(batch) = batch.await.map(|batch| Array::from(&batch)) else {
                    take(vec![Found::Unreadable { path: path[..path.len() - 1].to_vec(), name: folder.name() }]);
                    is_empty = false;
                    break;
                };
                if batch.length() == 0 {
                    break;
                }
                is_empty = false;
                let mut found = Vec::new();
                for entry in batch.iter().map(|entry| entry.unchecked_into::<FileSystemEntry>()) {
                    if entry.is_directory() {
                        folders.push((path.clone(), entry.unchecked_into()));
                    } else if !is_litter(&entry.name()) {
                        found.push(read(&path, entry.unchecked_into()).await);
                    }
                }
                take(found);
            }
            if is_empty {
                take(vec![Found::Empty { path }]);
            }
        }
    }
}

impl Found {
    fn is_litter(&self) -> bool {
        // Only among what came with a folder: a file that a person chose by itself is meant.
        matches!(self, Self::File { path, file } if !path.is_empty() && is_litter(&file.name()))
    }
}

async fn read(path: &[String], entry: FileSystemFileEntry) -> Found {
    let path = path.to_vec();
    let file = promise(|resolve, reject| {
        entry.file_with_callback_and_callback(resolve, reject);
        Ok(())
    })
    .await;
    match file.and_then(|file| file.dyn_into::<File>()) {
        Ok(file) => Found::File { path, file },
        Err(_) => Found::Unreadable { path, name: entry.name() },
    }
}

/// What a function answers by one of two callbacks.
async fn promise(ask: impl Fn(&Function, &Function) -> Result<(), JsValue>) -> Result<JsValue, JsValue> {
    let answered = Promise::new(&mut |resolve, reject| {
        if let Err(refused) = ask(&resolve, &reject) {
            _ = reject.call1(&JsValue::NULL, &refused);
        }
    });
    JsFuture::from(answered).await
}

thread_local! {
    static SOURCES: RefCell<BTreeMap<u32, File>> = const { RefCell::new(BTreeMap::new()) };
}
