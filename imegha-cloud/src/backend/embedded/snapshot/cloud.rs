//! Clouds: the database and exactly the objects that it names.

use std::collections::BTreeMap;
use std::fs::{self, File};
use std::io;
use std::path::{Path, PathBuf};

use super::database::{copy_database, named_objects};
use crate::backend::ObjectName;
use crate::backend::embedded::blobs::{object_path, read_folder};
use crate::backend::embedded::error::file;
use crate::backend::embedded::{BLOBS, DATABASE, folder};
use crate::error::Result;

/// What a copy of a cloud holds.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct CloudCopy {
    /// How many objects the database names.
    pub objects: u64,
    /// Their bytes together.
    pub bytes: u64,
    /// Those that the database names and that are not there, or not as long as it says: lost or cut before the copy.
    pub lost: Vec<ObjectName>,
}

/// Copies the cloud in the folder `from`, which may be in use, to the folder `to`. Blocks.
///
/// The copy is of one moment: its database, and every object that this database names. Objects are immutable, so they become hard
/// links where that can be, of `from` or of the copy `earlier` that was made before, and are copied elsewhere. Unfinished uploads
/// and objects that no record names stay behind. `to` should be new: what a copy that was interrupted left in it is of no use.
///
/// # Errors
/// `NotFound` when there is no cloud; otherwise as the file system and SQLite give them.
pub fn copy_cloud(from: &Path, to: &Path, earlier: Option<&Path>) -> Result<CloudCopy> {
    let copying =
        Copying { from: from.join(BLOBS), to: to.join(BLOBS), earlier: earlier.map(|earlier| earlier.join(BLOBS)) };
    folder::create(to)?;
    folder::create(&copying.to)?;
    folder::create(&copying.to.join("objects"))?;
    let mut attempt = 1;
    loop {
        // The objects first: what is deleted while the database is copied is here by then.
        copying.all()?;
        copy_database(&from.join(DATABASE), &to.join(DATABASE))?;
        let named = named_objects(&to.join(DATABASE))?;
        // Then those that are younger than the first look and named all the same.
        for name in named.keys() {
            copying.one(name)?;
        }
        let copy = compare(&copying.to, named.clone())?;
        // One that came and went between the two looks is no loss: a later database does not name it.
        if copy.lost.is_empty() || attempt == ATTEMPTS {
            copying.drop_all_but(&named)?;
            copying.sync()?;
            return Ok(copy);
        }
        attempt += 1;
    }
}

/// Checks that the cloud in `folder` is whole, as far as that shows without a key: its database, and every object that it names,
/// by its length. For a cloud that nobody writes, such as a copy. Blocks.
///
/// # Errors
/// `NotFound` when there is no cloud; `Backend` when its database is damaged.
pub fn check_cloud(folder: &Path) -> Result<CloudCopy> {
    compare(&folder.join(BLOBS), named_objects(&folder.join(DATABASE))?)
}

fn compare(blobs: &Path, named: BTreeMap<ObjectName, u64>) -> Result<CloudCopy> {
    let mut copy = CloudCopy::default();
    for (name, size) in named {
        copy.objects += 1;
        copy.bytes += size;
        match fs::metadata(object_path(blobs, &name)) {
            Ok(metadata) if metadata.len() == size => {}
            Err(error) if error.kind() != io::ErrorKind::NotFound => return Err(file("reading an object")(error)),
            _ => copy.lost.push(name),
        }
    }
    Ok(copy)
}

/// The `blobs` folders that take part.
struct Copying {
    from: PathBuf,
    to: PathBuf,
    earlier: Option<PathBuf>,
}

impl Copying {
    /// Every object that there is now.
    fn all(&self) -> Result<()> {
        for prefix in 0..=u8::MAX {
            for object in read_folder(&self.from, prefix)? {
                self.one(&object.name)?;
            }
        }
        Ok(())
    }

    /// One object, unless it is there or is gone.
    fn one(&self, name: &ObjectName) -> Result<()> {
        let (from, to) = (object_path(&self.from, name), object_path(&self.to, name));
        if to.exists() || !from.exists() {
            return Ok(());
        }
        folder::create_unsynced(to.parent().expect("an object lies in the folder of its prefix"))?;
        let failed = file("copying an object");
        match self.link(name, &from, &to).or_else(|_| copy(&from, &to)) {
            Ok(()) => Ok(()),
            // Deleted since it was seen.
            Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(()),
            Err(error) => Err(failed(error)),
        }
    }

    fn link(&self, name: &ObjectName, from: &Path, to: &Path) -> io::Result<()> {
        fs::hard_link(from, to).or_else(|error| {
            let Some(earlier) = &self.earlier else { return Err(error) };
            let earlier = object_path(earlier, name);
            // A name is used once, so the same name is the same object, if the earlier copy is whole.
            if fs::metadata(&earlier)?.len() != fs::metadata(from)?.len() {
                return Err(error);
            }
            fs::hard_link(&earlier, to)
        })
    }

    /// Drops the objects that no record of the copy names: they came later, or never came to be a file.
    fn drop_all_but(&self, named: &BTreeMap<ObjectName, u64>) -> Result<()> {
        for prefix in 0..=u8::MAX {
            for object in read_folder(&self.to, prefix)? {
                if !named.contains_key(&object.name) {
                    fs::remove_file(object_path(&self.to, &object.name)).map_err(file("dropping an object"))?;
                }
            }
        }
        Ok(())
    }

    /// Makes the names of all objects durable.
    fn sync(&self) -> Result<()> {
        let objects = self.to.join("objects");
        for entry in fs::read_dir(&objects).map_err(file("reading a folder"))? {
            folder::sync(&entry.map_err(file("reading a folder"))?.path())?;
        }
        folder::sync(&objects)
    }
}

/// Copies a file whole and durably, or leaves nothing.
fn copy(from: &Path, to: &Path) -> io::Result<()> {
    let copied = fs::copy(from, to).and_then(|_| File::open(to)?.sync_all());
    if copied.is_err() {
        let _ = fs::remove_file(to);
    }
    copied
}

const ATTEMPTS: u32 = 4;
