//! The files of photos, as somebody who sent one may have made it: their EXIF is read before they are stored.
//!
//! Nothing panics; what is read is an orientation that there is, and a time that four digits of a year can say.
#![no_main]

use imegha_cloud::Photo;
use libfuzzer_sys::fuzz_target;

/// The first millisecond of the year 10000, and a day for what lies west of Greenwich.
const NO_YEAR_MS: u64 = 253_402_300_800_000 + 24 * 60 * 60 * 1_000;

fuzz_target!(|file: &[u8]| {
    let photo = Photo::read(file);
    assert!((1..=8).contains(&photo.orientation));
    assert!(photo.taken_ms.is_none_or(|ms| ms < NO_YEAR_MS));
    // The same EXIF, whatever the file is: in a JPEG around it.
    if let Ok(len) = u16::try_from(file.len() + 8) {
        let jpeg = [b"\xff\xd8\xff\xe1", &len.to_be_bytes()[..], b"Exif\0\0", file, b"\xff\xd9"].concat();
        assert!((1..=8).contains(&Photo::read(&jpeg).orientation));
    }
});
