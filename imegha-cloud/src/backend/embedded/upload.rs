//! One unfinished upload: a folder with its name, its bytes, and a journal of its parts.
//!
//! ```text
//! uploads/<id>/upload    the object's name and the time of beginning
//! uploads/<id>/data      the parts, each at its place
//! uploads/<id>/parts     a journal: u32 number, u64 offset, u64 length (0: gone), first 8 bytes of their SHA-256
//! ```
//! A part stands in the journal only after its bytes are on the disk, and its bytes are touched again only
//! after the journal says that it is gone. So whatever the journal lists is whole, also after a crash.

use std::collections::BTreeMap;
use std::fs::{self, File, OpenOptions};
use std::io::{Seek as _, SeekFrom, Write as _};
use std::ops::Range;
use std::path::{Path, PathBuf};

use imegha_crypto::Hash;

use super::error::file;
use super::folder;
use crate::backend::ObjectName;
use crate::backend::blobs::check_join;
use crate::error::{Error, ErrorKind, Result};

/// An unfinished upload on the disk.
#[derive(Debug)]
pub(super) struct Unfinished {
    folder: PathBuf,
    pub(super) name: ObjectName,
    pub(super) begun_ms: u64,
    /// The place of each part by its number.
    parts: BTreeMap<u32, Range<u64>>,
    /// The bytes of the journal that are valid: the next entry is written behind them.
    journal_len: u64,
    /// Completed or aborted.
    pub(super) done: bool,
}

impl Unfinished {
    /// Makes the folder of a new upload. It is built in `workshop` and moved to its place when it is whole.
    pub(super) fn begin(workshop: &Path, folder: PathBuf, name: ObjectName, begun_ms: u64) -> Result<Self> {
        let failed = file("beginning an upload");
        let building = tempfile::Builder::new().tempdir_in(workshop).map_err(&failed)?;
        let write = |called: &str, bytes: &[u8]| {
            let mut created = File::create_new(building.path().join(called))?;
            created.write_all(bytes)?;
            created.sync_all()
        };
        write("upload", format!("{name} {begun_ms}\n").as_bytes()).map_err(&failed)?;
        write("data", b"").map_err(&failed)?;
        write("parts", b"").map_err(&failed)?;
        folder::sync(building.path())?;
        fs::rename(building.path(), &folder).map_err(&failed)?;
        // It is at its place now; there is nothing left to clean up.
        let _ = building.keep();
        folder::sync_parent(&folder)?;
        Ok(Self { folder, name, begun_ms, parts: BTreeMap::new(), journal_len: 0, done: false })
    }

    /// Reads the folder of an upload that was begun. `None` when it was completed: its bytes have become the object.
    pub(super) fn load(folder: PathBuf) -> Result<Option<Self>> {
        if !folder.join("data").exists() {
            return Ok(None);
        }
        let failed = file("reading an upload");
        let upload = fs::read_to_string(folder.join("upload")).map_err(&failed)?;
        let (name, begun_ms) = parse_upload(&upload)?;
        let journal = fs::read(folder.join("parts")).map_err(&failed)?;
        let mut parts = BTreeMap::new();
        let mut journal_len = 0;
        // An entry that was cut by a crash was never acknowledged, and is the last.
        for entry in journal.chunks(ENTRY_LEN).map_while(parse_entry) {
            journal_len += ENTRY_LEN as u64;
            let (number, place) = entry;
            if place.is_empty() {
                parts.remove(&number);
            } else {
                parts.insert(number, place);
            }
        }
        Ok(Some(Self { folder, name, begun_ms, parts, journal_len, done: false }))
    }

    /// The bytes of all parts.
    pub(super) fn len(&self) -> u64 {
        self.parts.values().map(|place| place.end - place.start).sum()
    }

    /// The parts that a part `number` at `place` takes the place of: its own number, and what it overlaps.
    pub(super) fn replaced_by(&self, number: u32, place: &Range<u64>) -> Vec<u32> {
        let overlaps = |other: &Range<u64>| other.start < place.end && place.start < other.end;
        self.parts.iter().filter(|(other, at)| **other == number || overlaps(at)).map(|(other, _)| *other).collect()
    }

    /// Strikes parts from the journal, so that their bytes may be written over.
    pub(super) fn remove(&mut self, numbers: &[u32]) -> Result<()> {
        if numbers.is_empty() {
            return Ok(());
        }
        self.append(numbers.iter().map(|number| (*number, 0..0)))?;
        self.parts.retain(|number, _| !numbers.contains(number));
        Ok(())
    }

    /// Writes a part to its place, then into the journal. Nothing that is in the journal may lie there.
    pub(super) fn write(&mut self, number: u32, offset: u64, bytes: &[u8]) -> Result<()> {
        let failed = file("writing a part");
        let mut data = OpenOptions::new().write(true).open(self.folder.join("data")).map_err(&failed)?;
        data.seek(SeekFrom::Start(offset)).map_err(&failed)?;
        data.write_all(bytes).map_err(&failed)?;
        data.sync_data().map_err(&failed)?;
        let place = offset..offset + bytes.len() as u64;
        self.append([(number, place.clone())])?;
        self.parts.insert(number, place);
        Ok(())
    }

    /// Checks that parts 1 to `parts` join to `size` bytes, and cuts the file to them. Returns the file's path.
    pub(super) fn join(&mut self, parts: u32, size: u64, stored_ms: u64) -> Result<PathBuf> {
        check_join(parts, size, |number| self.parts.get(&number).map(|place| (place.start, place.end - place.start)))?;
        let beyond: Vec<u32> = self.parts.range(parts + 1..).map(|(number, _)| *number).collect();
        self.remove(&beyond)?;
        let failed = file("completing an upload");
        let path = self.folder.join("data");
        let data = OpenOptions::new().write(true).open(&path).map_err(&failed)?;
        data.set_len(size).map_err(&failed)?;
        folder::set_time(&data, stored_ms)?;
        data.sync_all().map_err(&failed)?;
        Ok(path)
    }

    /// Removes the folder with all that is left in it. Whatever a crash leaves is removed at the next start.
    pub(super) fn clear(&mut self) -> Result<()> {
        self.done = true;
        // First what says that it is unfinished: the rest alone is swept away.
        match fs::remove_file(self.folder.join("data")) {
            Err(error) if error.kind() != std::io::ErrorKind::NotFound => {
                return Err(file("dropping an upload")(error));
            }
            _ => {}
        }
        fs::remove_dir_all(&self.folder).map_err(file("dropping an upload"))
    }

    fn append(&mut self, entries: impl IntoIterator<Item = (u32, Range<u64>)>) -> Result<()> {
        let failed = file("writing a part");
        let bytes: Vec<u8> = entries.into_iter().flat_map(|(number, place)| entry(number, &place)).collect();
        let mut journal = OpenOptions::new().write(true).open(self.folder.join("parts")).map_err(&failed)?;
        // Behind the last valid entry, and so over whatever a failed attempt left there.
        journal.seek(SeekFrom::Start(self.journal_len)).map_err(&failed)?;
        journal.write_all(&bytes).map_err(&failed)?;
        journal.sync_data().map_err(&failed)?;
        self.journal_len += bytes.len() as u64;
        Ok(())
    }
}

fn entry(number: u32, place: &Range<u64>) -> Vec<u8> {
    let mut bytes = number.to_be_bytes().to_vec();
    bytes.extend(place.start.to_be_bytes());
    bytes.extend((place.end - place.start).to_be_bytes());
    let check = Hash::of(&bytes);
    bytes.extend(&check.as_bytes()[..CHECK_LEN]);
    bytes
}

fn parse_entry(bytes: &[u8]) -> Option<(u32, Range<u64>)> {
    let (number, rest) = bytes.split_first_chunk()?;
    let (offset, rest) = rest.split_first_chunk()?;
    let (len, check) = rest.split_first_chunk()?;
    if check != &Hash::of(&bytes[..ENTRY_LEN - CHECK_LEN]).as_bytes()[..CHECK_LEN] {
        return None;
    }
    let offset = u64::from_be_bytes(*offset);
    Some((u32::from_be_bytes(*number), offset..offset.checked_add(u64::from_be_bytes(*len))?))
}

fn parse_upload(text: &str) -> Result<(ObjectName, u64)> {
    let unreadable = || Error::new(ErrorKind::Backend, "an upload on the disk cannot be read");
    let (name, begun_ms) = text.trim_end().split_once(' ').ok_or_else(unreadable)?;
    Ok((ObjectName::parse(name).map_err(|_| unreadable())?, begun_ms.parse().map_err(|_| unreadable())?))
}

const CHECK_LEN: usize = 8;
const ENTRY_LEN: usize = 4 + 8 + 8 + CHECK_LEN;

#[cfg(test)]
mod tests {
    use super::*;

    fn begin(folder: &Path) -> Unfinished {
        Unfinished::begin(folder, folder.join("upload"), ObjectName::from_salt([1; 24]), 5).unwrap()
    }

    fn load(folder: &Path) -> Unfinished {
        Unfinished::load(folder.join("upload")).unwrap().unwrap()
    }

    #[test]
    fn a_journal_cut_anywhere_lists_the_parts_before_the_cut() {
        let folder = tempfile::tempdir().unwrap();
        let mut upload = begin(folder.path());
        upload.write(2, 10, &[2; 10]).unwrap();
        upload.write(1, 0, &[1; 10]).unwrap();
        upload.remove(&[2]).unwrap();
        let journal = folder.path().join("upload/parts");
        let whole = fs::read(&journal).unwrap();
        for cut in 0..=whole.len() {
            fs::write(&journal, &whole[..cut]).unwrap();
            let parts: Vec<_> = load(folder.path()).parts.into_keys().collect();
            let expected: &[u32] = [&[][..], &[2], &[1, 2], &[1]][cut / ENTRY_LEN];
            assert_eq!(parts, expected, "cut at {cut}");
        }
        // An entry is written over the rest of a cut one.
        fs::write(&journal, &whole[..ENTRY_LEN + 3]).unwrap();
        load(folder.path()).write(3, 20, &[3; 10]).unwrap();
        assert_eq!(load(folder.path()).parts, BTreeMap::from([(2, 10..20), (3, 20..30)]));
    }

    #[test]
    fn a_flipped_entry_ends_the_journal() {
        let folder = tempfile::tempdir().unwrap();
        begin(folder.path()).write(1, 0, &[1; 10]).unwrap();
        let journal = folder.path().join("upload/parts");
        let whole = fs::read(&journal).unwrap();
        for at in 0..whole.len() {
            let mut flipped = whole.clone();
            flipped[at] ^= 1;
            fs::write(&journal, flipped).unwrap();
            assert!(load(folder.path()).parts.is_empty());
        }
    }

    #[test]
    fn a_part_replaces_what_it_overlaps() {
        let folder = tempfile::tempdir().unwrap();
        let mut upload = begin(folder.path());
        for number in 1..=3 {
            upload.write(number, u64::from(number) * 10, &[1; 10]).unwrap();
        }
        assert_eq!(upload.replaced_by(1, &(10..20)), [1]);
        assert_eq!(upload.replaced_by(1, &(10..21)), [1, 2]);
        assert_eq!(upload.replaced_by(7, &(15..31)), [1, 2, 3]);
        assert_eq!(upload.replaced_by(7, &(40..50)), [0; 0]);
    }
}
