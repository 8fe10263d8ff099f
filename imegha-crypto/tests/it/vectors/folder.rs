//! The folder on disk, by every native provider.

use std::path::PathBuf;

use imegha_crypto::provider::{self, Provider};

use super::{Folder, embedded, run_folder};

#[test]
fn vectors_of_the_folder_by_every_provider() {
    let folder = read_folder();
    assert!(!folder.is_empty(), "a folder without vectors proves nothing");
    for provider in Provider::ALL {
        let files = provider::with(*provider, || run_folder(&folder, |line| println!("{line}")));
        assert_eq!(files, folder.len());
    }
}

#[test]
fn vectors_embedded_are_those_of_the_folder() {
    let committed = read(PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("tests/vectors"));
    assert_eq!(embedded::folder(), committed);
}

fn read_folder() -> Folder {
    let named = std::env::var_os("IMEGHA_VECTORS").map(PathBuf::from);
    read(named.unwrap_or_else(|| PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("tests/vectors")))
}

fn read(path: PathBuf) -> Folder {
    let entries = std::fs::read_dir(&path).unwrap_or_else(|error| panic!("{}: {error}", path.display()));
    let mut folder: Folder = entries
        .map(|entry| entry.unwrap().path())
        .filter(|path| path.extension().is_some_and(|extension| extension == "json"))
        .map(|path| {
            let name = path.file_name().unwrap().to_str().unwrap().to_owned();
            (name, std::fs::read_to_string(path).unwrap())
        })
        .collect();
    folder.sort();
    folder
}
