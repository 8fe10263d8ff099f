//! What a photo says of itself: its EXIF.

use std::io::Cursor;

use exif::{DateTime, Exif, In, Tag, Value};

/// What a photo says of itself.
///
/// ```
/// use imegha_cloud::Photo;
///
/// // No photo: nothing is known of it, and it is shown as it is.
/// assert_eq!(Photo::read(b"Dear diary"), Photo { taken_ms: None, orientation: 1 });
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Photo {
    /// When it was taken, in milliseconds since 1970. A camera that does not say in which time zone it was is taken at its word as if
    /// that were UTC, so that its photos keep their order.
    pub taken_ms: Option<u64>,
    /// How it is to be turned and mirrored to be shown, from 1 to 8 as EXIF counts; 1 is as it is.
    pub orientation: u8,
}

impl Photo {
    /// Reads what stands in the file of a photo: JPEG, PNG, WebP, HEIF or TIFF. What is not there, or damaged, is nothing: whoever
    /// uploads a photo must not be kept from it by what a camera wrote.
    ///
    /// The beginning of a file is enough where its EXIF stands there: the first 128 KiB of a JPEG. At most the length of `file` is held
    /// in memory beside it.
    pub fn read(file: &[u8]) -> Self {
        let exif = exif::Reader::new().read_from_container(&mut Cursor::new(file));
        match exif {
            Ok(exif) => Self { taken_ms: taken_ms(&exif), orientation: orientation(&exif) },
            Err(_) => Self { taken_ms: None, orientation: 1 },
        }
    }
}

fn orientation(exif: &Exif) -> u8 {
    let said = exif.get_field(Tag::Orientation, In::PRIMARY).and_then(|field| field.value.get_uint(0));
    said.and_then(|said| u8::try_from(said).ok()).filter(|said| (1..=8).contains(said)).unwrap_or(1)
}

/// When the picture was taken, or else when it was digitised. When the file was last changed is neither.
fn taken_ms(exif: &Exif) -> Option<u64> {
    let times = [
        (Tag::DateTimeOriginal, Tag::SubSecTimeOriginal, Tag::OffsetTimeOriginal),
        (Tag::DateTimeDigitized, Tag::SubSecTimeDigitized, Tag::OffsetTimeDigitized),
    ];
    times.into_iter().find_map(|(time, fraction, offset)| {
        let mut taken = DateTime::from_ascii(text(exif, time)?).ok()?;
        // A camera that leaves these blank, or garbles them, knows the time all the same.
        let _ = text(exif, fraction).map(|digits| taken.parse_subsec(digits));
        let _ = text(exif, offset).map(|offset| taken.parse_offset(offset));
        unix_ms(&taken)
    })
}

fn text(exif: &Exif, tag: Tag) -> Option<&[u8]> {
    match &exif.get_field(tag, In::PRIMARY)?.value {
        Value::Ascii(lines) => lines.first().map(|line| &line[..]),
        _ => None,
    }
}

/// Milliseconds since 1970; nothing for what is on no calendar, or before that.
fn unix_ms(time: &DateTime) -> Option<u64> {
    let DateTime { year, month, day, hour, minute, second, nanosecond, offset } = *time;
    let fits = (1..=days_in(year, month)?).contains(&day) && hour < 24 && minute < 60 && second <= 60;
    let offset = i64::from(offset.unwrap_or(0));
    if !fits || offset.abs() >= 24 * 60 {
        return None;
    }
    let minutes = (days_since_1970(year, month, day) * 24 + i64::from(hour)) * 60 + i64::from(minute) - offset;
    let ms = (minutes * 60 + i64::from(second)) * 1_000 + i64::from(nanosecond.unwrap_or(0) / 1_000_000);
    u64::try_from(ms).ok()
}

fn days_in(year: u16, month: u8) -> Option<u8> {
    let leap = year.is_multiple_of(4) && (!year.is_multiple_of(100) || year.is_multiple_of(400));
    match month {
        1 | 3 | 5 | 7 | 8 | 10 | 12 => Some(31),
        4 | 6 | 9 | 11 => Some(30),
        2 => Some(if leap { 29 } else { 28 }),
        _ => None,
    }
}

/// In the Gregorian calendar, whose years are counted from March here, so that a leap day is the last of its year.
fn days_since_1970(year: u16, month: u8, day: u8) -> i64 {
    let (month, day) = (i64::from(month), i64::from(day));
    let year = i64::from(year) - i64::from(month <= 2);
    let (era, of_era) = (year.div_euclid(400), year.rem_euclid(400));
    let of_year = (153 * ((month + 9) % 12) + 2) / 5 + day - 1;
    era * 146_097 + of_era * 365 + of_era / 4 - of_era / 100 + of_year - 719_468
}

#[cfg(test)]
mod tests {
    use exif::Field;
    use exif::experimental::Writer;

    use super::*;

    /// A JPEG without a picture, with that EXIF.
    fn jpeg(fields: &[(Tag, Value)]) -> Vec<u8> {
        let fields: Vec<Field> =
            fields.iter().map(|(tag, value)| Field { tag: *tag, ifd_num: In::PRIMARY, value: value.clone() }).collect();
        let mut writer = Writer::new();
        fields.iter().for_each(|field| writer.push_field(field));
        let mut tiff = Cursor::new(Vec::new());
        writer.write(&mut tiff, false).unwrap();
        let exif = [b"Exif\0\0", &tiff.into_inner()[..]].concat();
        let len = u16::try_from(exif.len() + 2).unwrap().to_be_bytes();
        [b"\xff\xd8\xff\xe1", &len[..], &exif, b"\xff\xd9"].concat()
    }

    fn ascii(text: &str) -> Value {
        Value::Ascii(vec![text.as_bytes().to_vec()])
    }

    fn taken(time: &str) -> Option<u64> {
        Photo::read(&jpeg(&[(Tag::DateTimeOriginal, ascii(time))])).taken_ms
    }

    #[test]
    fn a_photo_says_when_it_was_taken_and_how_it_is_turned() {
        let fields = [
            (Tag::DateTimeOriginal, ascii("2024:02:29 23:30:01")),
            (Tag::SubSecTimeOriginal, ascii("25")),
            (Tag::OffsetTimeOriginal, ascii("-01:30")),
            (Tag::DateTimeDigitized, ascii("2020:01:01 00:00:00")),
            (Tag::Orientation, Value::Short(vec![6])),
        ];
        let photo = Photo::read(&jpeg(&fields));
        // `date -d "2024-03-01T01:00:01Z" +%s`
        assert_eq!(photo, Photo { taken_ms: Some(1_709_254_801_250), orientation: 6 });
        let scanned = Photo::read(&jpeg(&fields[3..4]));
        assert_eq!(scanned, Photo { taken_ms: Some(1_577_836_800_000), orientation: 1 });
    }

    #[test]
    fn dates_are_those_of_the_calendar() {
        // Each by `date -u -d "…" +%s`.
        for (time, seconds) in [
            ("1970:01:01 00:00:00", 0),
            ("1999:12:31 23:59:59", 946_684_799),
            ("2000:02:29 12:00:00", 951_825_600),
            ("2026:11:30 01:43:34", 1_796_003_014),
            ("2100:03:01 00:00:00", 4_107_542_400),
        ] {
            assert_eq!(taken(time), Some(seconds * 1_000), "{time}");
        }
        for none in [
            "1969:12:31 23:59:59",
            "2023:02:29 12:00:00",
            "2100:02:29 12:00:00",
            "2024:13:01 12:00:00",
            "2024:00:01 12:00:00",
            "2024:01:00 12:00:00",
            "2024:01:01 24:00:00",
            "2024:01:01 12:60:00",
            "0000:00:00 00:00:00",
            "    :  :     :  :  ",
            "yesterday",
            "",
        ] {
            assert_eq!(taken(none), None, "{none}");
        }
    }

    #[test]
    fn garbage_beside_a_time_does_not_cost_the_time() {
        for (fraction, offset) in [("x", "y"), ("", "   :  "), ("99999999999999", "+99:99"), ("", "+23:59:59")] {
            let photo = Photo::read(&jpeg(&[
                (Tag::DateTimeOriginal, ascii("2024:02:29 23:30:01")),
                (Tag::SubSecTimeOriginal, ascii(fraction)),
                (Tag::OffsetTimeOriginal, ascii(offset)),
                (Tag::Orientation, Value::Short(vec![9])),
            ]));
            assert_eq!(photo.orientation, 1);
            assert_eq!(photo.taken_ms.is_some(), offset != "+99:99", "{fraction} {offset}");
        }
    }

    #[test]
    fn a_cut_or_altered_photo_is_read_without_harm() {
        let whole =
            jpeg(&[(Tag::DateTimeOriginal, ascii("2024:02:29 23:30:01")), (Tag::Orientation, Value::Short(vec![3]))]);
        let nothing = Photo { taken_ms: None, orientation: 1 };
        for len in 0..whole.len() - 2 {
            assert_eq!(Photo::read(&whole[..len]), nothing, "{len}");
        }
        for at in 0..whole.len() {
            for value in [0, 1, 0x7f, 0xff] {
                let mut altered = whole.clone();
                altered[at] = value;
                assert!((1..=8).contains(&Photo::read(&altered).orientation));
            }
        }
    }
}
