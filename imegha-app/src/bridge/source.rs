//! The files that a person chose or dropped, kept until they are uploaded.

use std::cell::RefCell;
use std::collections::BTreeMap;

use futures::FutureExt as _;
use futures::future::{LocalBoxFuture, join_all};
use js_sys::{Array, Function, Promise, Reflect};
use wasm_bindgen::{JsCast as _, JsValue};
use wasm_bindgen_futures::JsFuture;
use web_sys::{DataTransfer, File, FileSystemDirectoryEntry, FileSystemEntry, FileSystemFileEntry, HtmlInputElement};

use super::device;
use super::route::{self, is_litter};

/// What a person chose or dropped: files, and folders whole.
#[derive(Debug, Default)]
pub(crate) struct Picked {
    files: Vec<Found>,
    /// Files that can be found again after a reload.
    lasting: Vec<Lasting>,
    folders: Vec<FileSystemDirectoryEntry>,
}

/// A file, and where the browser finds it again once that is known.
struct Lasting {
    file: Option<File>,
    handle: LocalBoxFuture<'static, Option<JsValue>>,
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
        /// Where the browser finds it again, if it says so.
        handle: Option<JsValue>,
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
pub(crate) fn keep(number: u32, file: File, handle: Option<JsValue>) {
    SOURCES.with_borrow_mut(|sources| sources.insert(number, (file, handle)));
}

/// A transfer's file, and where the browser finds it again.
pub(crate) fn of(number: u32) -> Option<(File, Option<JsValue>)> {
    SOURCES.with_borrow(|sources| sources.get(&number).cloned())
}

/// Forgets a transfer's file, and where one goes.
pub(crate) fn forget(number: u32) {
    SOURCES.with_borrow_mut(|sources| sources.remove(&number));
    PLACES.with_borrow_mut(|places| places.remove(&number));
}

/// Forgets all of them.
pub(crate) fn forget_all() {
    SOURCES.with_borrow_mut(BTreeMap::clear);
    PLACES.with_borrow_mut(BTreeMap::clear);
}

/// Keeps where a download goes, or where the browser finds the file of an interrupted upload.
pub(crate) fn keep_place(number: u32, place: JsValue) {
    PLACES.with_borrow_mut(|places| places.insert(number, place));
}

/// What was kept by [`keep_place`].
pub(crate) fn place(number: u32) -> Option<JsValue> {
    PLACES.with_borrow(|places| places.get(&number).cloned())
}

/// What was chosen, files or a folder whole, and the input emptied, so that the same can be chosen again.
pub(crate) fn of_input(input: &HtmlInputElement) -> Picked {
    let list = input.files();
    let files = list.iter().flat_map(|list| (0..list.length()).filter_map(|index| list.get(index)));
    let files = files.map(|file| {
        let path = Reflect::get(&file, &"webkitRelativePath".into()).ok().and_then(|path| path.as_string());
        Found::File { path: route::folders_of(&path.unwrap_or_default()), file, handle: None }
    });
    let files = files.filter(|found| !found.is_litter()).collect();
    input.set_value("");
    Picked { files, ..Picked::default() }
}

/// What was chosen by a picker that says where its files are.
pub(crate) fn chosen(handles: Vec<JsValue>) -> Picked {
    let lasting = |handle: JsValue| Lasting { file: None, handle: async move { Some(handle) }.boxed_local() };
    Picked { lasting: handles.into_iter().map(lasting).collect(), ..Picked::default() }
}

/// What was dropped. It has to be taken out before the event ends; what is in folders is read later.
pub(crate) fn dropped(data: &DataTransfer) -> Picked {
    let items = data.items();
    let mut picked = Picked::default();
    for item in (0..items.length()).filter_map(|index| items.get(index)).filter(|item| item.kind() == "file") {
        match item.webkit_get_as_entry().ok().flatten() {
            Some(entry) if entry.is_directory() => picked.folders.push(entry.unchecked_into()),
            _ => picked.lasting.extend(
                item.get_as_file()
                    .ok()
                    .flatten()
                    .map(|file| Lasting { file: Some(file), handle: device::dropped(&item).boxed_local() }),
            ),
        }
    }
    picked
}

impl Picked {
    /// Goes through everything that was picked, and hands over what is found, some at a time. What is in a folder is asked of the
    /// browser piece by piece, so the page goes on meanwhile.
    pub(crate) async fn walk(self, mut take: impl FnMut(Vec<Found>)) {
        take(self.files);
        let lasting = self.lasting.into_iter().map(async |Lasting { file, handle }| {
            let handle = handle.await;
            let file = match (file, &handle) {
                (None, Some(handle)) => device::read(handle).await,
                (file, _) => file,
            };
            match file {
                Some(file) => Found::File { path: vec![], file, handle },
                None => Found::Unreadable { path: vec![], name: handle.as_ref().map(name_of).unwrap_or_default() },
            }
        });
        take(join_all(lasting).await);
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

impl std::fmt::Debug for Lasting {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Lasting").field("file", &self.file).finish_non_exhaustive()
    }
}

/// What a file is called that can be found again.
fn name_of(handle: &JsValue) -> String {
    Reflect::get(handle, &"name".into()).ok().and_then(|name| name.as_string()).unwrap_or_default()
}

impl Found {
    fn is_litter(&self) -> bool {
        // Only among what came with a folder: a file that a person chose by itself is meant.
        matches!(self, Self::File { path, file, .. } if !path.is_empty() && is_litter(&file.name()))
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
        Ok(file) => Found::File { path, file, handle: None },
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
    static PLACES: RefCell<BTreeMap<u32, JsValue>> = const { RefCell::new(BTreeMap::new()) };
    static SOURCES: RefCell<BTreeMap<u32, (File, Option<JsValue>)>> = const { RefCell::new(BTreeMap::new()) };
}
