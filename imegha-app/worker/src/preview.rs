//! What of a file can be looked at, judged by its bytes alone: whoever named it may lie.
//!
//! An image is one that the browser decodes by itself (JPEG, PNG, GIF, WebP), begins like one, and is no larger than a device can hold:
//! its header is read before anything is decoded. Text is what has the form of text, whatever it is called; so the source of HTML and SVG is
//! shown and nothing of it runs. A sound or a film begins like one of the kinds that browsers play; it is only ever given to a media element.

use imagesize::blob_size;

use crate::protocol::NoPreview;

/// What a file turns out to be.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Look {
    /// An image. Its bytes may be given to the browser under this type.
    Image {
        /// The type that its bytes say.
        mime: &'static str,
        /// In pixels.
        width: u32,
        /// In pixels.
        height: u32,
    },
    /// An image so far, of which the rest is needed.
    Unfinished,
    /// A sound or a film.
    Media {
        /// The type that its bytes say.
        mime: &'static str,
    },
    /// Text.
    Text {
        /// As much of it as there is.
        text: String,
        /// Whether the file has more.
        cut: bool,
    },
    /// Nothing to show.
    Nothing(NoPreview),
}

/// How many bytes of a file are read before it is known what it is. A text is shown up to there.
pub(crate) const HEAD_LEN: u64 = 512 * 1024;

/// Judges a file of `size` bytes by the first of them, or by all. `name` and `mime` only tell what it is meant to be.
pub(crate) fn look(bytes: &[u8], size: u64, name: &str, mime: &str) -> Look {
    let is_whole = bytes.len() as u64 == size;
    if let Some(mime) = image_type(bytes) {
        return if size > MOST_IMAGE_LEN { Look::Nothing(NoPreview::TooLarge) } else { image(bytes, is_whole, mime) };
    }
    if let Some(mime) = media_type(bytes) {
        return Look::Media { mime };
    }
    if is_called_image(name, mime) {
        return Look::Nothing(NoPreview::Damaged);
    }
    if is_unplayable(bytes) {
        return Look::Nothing(NoPreview::Unplayable);
    }
    if is_pdf(bytes) {
        return Look::Nothing(NoPreview::Pdf);
    }
    match text(bytes, is_whole) {
        Some(text) => Look::Text { text, cut: !is_whole },
        None => Look::Nothing(NoPreview::Kind),
    }
}

/// What the first bytes say.
fn image_type(bytes: &[u8]) -> Option<&'static str> {
    if bytes.starts_with(b"\xff\xd8\xff") {
        Some("image/jpeg")
    } else if bytes.starts_with(b"\x89PNG\r\n\x1a\n") {
        Some("image/png")
    } else if bytes.starts_with(b"GIF87a") || bytes.starts_with(b"GIF89a") {
        Some("image/gif")
    } else if bytes.starts_with(b"RIFF") && bytes.get(8..12) == Some(b"WEBP") {
        Some("image/webp")
    } else {
        None
    }
}

/// What the first bytes say of sounds and films.
fn media_type(bytes: &[u8]) -> Option<&'static str> {
    let has = |at: usize, mark: &[u8]| bytes.get(at..at + mark.len()) == Some(mark);
    if has(4, b"ftyp") {
        // The same boxes hold images, which are none of those that are decoded here.
        return match bytes.get(8..12)? {
            b"avif" | b"avis" | b"heic" | b"heix" | b"heim" | b"heis" | b"hevc" | b"hevx" | b"mif1" | b"msf1" => None,
            b"M4A " | b"M4B " => Some("audio/mp4"),
            _ => Some("video/mp4"),
        };
    }
    match bytes {
        [0x1a, 0x45, 0xdf, 0xa3, ..] => Some("video/webm"),
        [b'O', b'g', b'g', b'S', ..] => {
            let head = &bytes[..bytes.len().min(512)];
            Some(if head.windows(6).any(|word| word == b"theora") { "video/ogg" } else { "audio/ogg" })
        }
        [b'R', b'I', b'F', b'F', ..] if has(8, b"WAVE") => Some("audio/wav"),
        [b'f', b'L', b'a', b'C', ..] => Some("audio/flac"),
        [b'I', b'D', b'3', 2..=4, 0, ..] => Some("audio/mpeg"),
        // A frame of MPEG's layer 3, or of AAC. 0xfe would be the mark of a text.
        [0xff, 0xfb | 0xfa | 0xf3 | 0xf2 | 0xe3 | 0xe2, ..] => Some("audio/mpeg"),
        [0xff, 0xf1 | 0xf9, ..] => Some("audio/aac"),
        _ => None,
    }
}

/// Whether it is a sound or a film of a kind that no browser plays: AVI, Windows Media, Flash.
fn is_unplayable(bytes: &[u8]) -> bool {
    bytes.starts_with(b"RIFF") && bytes.get(8..12) == Some(b"AVI ")
        || bytes.starts_with(b"\x30\x26\xb2\x75\x8e\x66\xcf\x11")
        || bytes.starts_with(b"FLV\x01")
}

/// A PDF may be made of letters only, and is none to read.
fn is_pdf(bytes: &[u8]) -> bool {
    bytes.trim_ascii_start().starts_with(b"%PDF-")
}

/// Whether name or type promise one of those images.
fn is_called_image(name: &str, mime: &str) -> bool {
    let kind = mime.split(';').next().unwrap_or_default().trim().to_ascii_lowercase();
    let extension = name.rsplit_once('.').map(|(_, extension)| extension.to_ascii_lowercase()).unwrap_or_default();
    ["image/jpeg", "image/png", "image/gif", "image/webp"].contains(&kind.as_str())
        || ["jpg", "jpeg", "png", "gif", "webp"].contains(&extension.as_str())
}

fn image(bytes: &[u8], is_whole: bool, mime: &'static str) -> Look {
    let Ok(size) = blob_size(bytes) else {
        // The header may stand behind a long preface, such as a camera's.
        return if is_whole { Look::Nothing(NoPreview::Damaged) } else { Look::Unfinished };
    };
    let (Ok(width), Ok(height)) = (u32::try_from(size.width), u32::try_from(size.height)) else {
        return Look::Nothing(NoPreview::TooLarge);
    };
    if width == 0 || height == 0 {
        return Look::Nothing(NoPreview::Damaged);
    }
    if width.max(height) > MOST_SIDE || u64::from(width) * u64::from(height) > MOST_PIXELS {
        return Look::Nothing(NoPreview::TooLarge);
    }
    if !is_whole {
        return Look::Unfinished;
    }
    if mime == "image/gif" && !gif_keeps_to_its_screen(bytes, width, height) {
        return Look::Nothing(NoPreview::Damaged);
    }
    Look::Image { mime, width, height }
}

/// Whether every frame of a GIF lies on the screen that its header names. Decoders make the screen larger for one that does not,
/// whatever the header says; those of the other formats refuse it.
fn gif_keeps_to_its_screen(bytes: &[u8], width: u32, height: u32) -> bool {
    let mut rest = Bytes(bytes);
    let mut walk = || -> Option<bool> {
        rest.take(10)?;
        rest.skip_colours()?;
        rest.take(2)?;
        loop {
            match rest.take(1)?[0] {
                0x2c => {
                    let frame = rest.take(8)?;
                    let side = |at: usize| u32::from(u16::from_le_bytes([frame[at], frame[at + 1]]));
                    if side(0) + side(4) > width || side(2) + side(6) > height {
                        return Some(false);
                    }
                    rest.skip_colours()?;
                    rest.take(1)?;
                    rest.skip_blocks()?;
                }
                0x21 => {
                    rest.take(1)?;
                    rest.skip_blocks()?;
                }
                _ => return Some(true),
            }
        }
    };
    // One that ends early shows what it has.
    walk().unwrap_or(true)
}

/// The rest of a GIF.
struct Bytes<'a>(&'a [u8]);

impl<'a> Bytes<'a> {
    fn take(&mut self, len: usize) -> Option<&'a [u8]> {
        let (taken, rest) = self.0.split_at_checked(len)?;
        self.0 = rest;
        Some(taken)
    }

    /// The flags, and the table of colours that they announce.
    fn skip_colours(&mut self) -> Option<()> {
        let flags = self.take(1)?[0];
        // Of the screen's, two bytes stand between flags and table; they are as good as colours here.
        let len = if flags & 0x80 == 0 { 0 } else { 3 << ((flags & 7) + 1) };
        self.take(len).map(drop)
    }

    fn skip_blocks(&mut self) -> Option<()> {
        loop {
            match self.take(1)?[0] {
                0 => return Some(()),
                len => self.take(len.into()).map(drop)?,
            }
        }
    }
}

/// The text of bytes that are UTF-8, or UTF-16 with a mark at its beginning, and hold no NUL.
fn text(bytes: &[u8], is_whole: bool) -> Option<String> {
    let text = match bytes {
        [0xff, 0xfe, rest @ ..] => utf16(rest, is_whole, u16::from_le_bytes)?,
        [0xfe, 0xff, rest @ ..] => utf16(rest, is_whole, u16::from_be_bytes)?,
        _ => utf8(bytes.strip_prefix(b"\xef\xbb\xbf").unwrap_or(bytes), is_whole)?.to_owned(),
    };
    (!text.contains('\0')).then_some(text)
}

fn utf8(bytes: &[u8], is_whole: bool) -> Option<&str> {
    match std::str::from_utf8(bytes) {
        Ok(text) => Some(text),
        // Only the last letter may be cut.
        Err(error) if !is_whole && error.error_len().is_none() => {
            std::str::from_utf8(&bytes[..error.valid_up_to()]).ok()
        }
        Err(_) => None,
    }
}

fn utf16(bytes: &[u8], is_whole: bool, unit: fn([u8; 2]) -> u16) -> Option<String> {
    let (units, odd) = bytes.as_chunks::<2>();
    if is_whole && !odd.is_empty() {
        return None;
    }
    let mut units: Vec<_> = units.iter().map(|bytes| unit(*bytes)).collect();
    if !is_whole && units.last().is_some_and(|last| (0xd800..0xdc00).contains(last)) {
        units.pop();
    }
    String::from_utf16(&units).ok()
}

/// 50 MB.
const MOST_IMAGE_LEN: u64 = 50_000_000;

/// 100 megapixels: 400 MB when decoded.
const MOST_PIXELS: u64 = 100_000_000;

const MOST_SIDE: u32 = 30_000;

#[cfg(test)]
mod tests {
    use super::*;

    const DAMAGED: Look = Look::Nothing(NoPreview::Damaged);
    const TOO_LARGE: Look = Look::Nothing(NoPreview::TooLarge);
    const KIND: Look = Look::Nothing(NoPreview::Kind);
    const PDF: Look = Look::Nothing(NoPreview::Pdf);
    const UNPLAYABLE: Look = Look::Nothing(NoPreview::Unplayable);

    fn whole(bytes: &[u8], name: &str, mime: &str) -> Look {
        look(bytes, bytes.len() as u64, name, mime)
    }

    fn is_text(text: &str) -> Look {
        Look::Text { text: text.to_owned(), cut: false }
    }

    /// The head of a PNG of that size; no decoder is asked.
    fn png(width: u32, height: u32) -> Vec<u8> {
        let sides = [width.to_be_bytes(), height.to_be_bytes()].concat();
        [b"\x89PNG\r\n\x1a\n\0\0\0\x0dIHDR".as_slice(), &sides, b"\x08\x06\0\0\0....\0\0\0\0IEND...."].concat()
    }

    fn jpeg(width: u16, height: u16, preface: usize) -> Vec<u8> {
        let mut bytes = b"\xff\xd8".to_vec();
        for _ in 0..preface {
            bytes.extend(b"\xff\xe1\xff\xff");
            bytes.extend([0; 0xfffd]);
        }
        bytes.extend(b"\xff\xc0\0\x11\x08");
        bytes.extend([height.to_be_bytes(), width.to_be_bytes()].concat());
        bytes.extend(b"\x03\x01\x22\0\x02\x11\x01\x03\x11\x01\xff\xd9");
        bytes
    }

    /// A GIF with a table of two colours, and frames of these places and sides.
    fn gif(screen: [u16; 2], frames: &[[u16; 4]]) -> Vec<u8> {
        let words = |words: &[u16]| words.iter().flat_map(|word| word.to_le_bytes()).collect::<Vec<_>>();
        let mut bytes = [b"GIF89a".as_slice(), &words(&screen), b"\x80\0\0\0\0\0\xff\xff\xff"].concat();
        bytes.extend(b"\x21\xf9\x04\0\0\0\0\0");
        for frame in frames {
            bytes.extend([b"\x2c".as_slice(), &words(frame), b"\0\x02\x02\x44\x01\0"].concat());
        }
        bytes.push(0x3b);
        bytes
    }

    fn webp(width: u32, height: u32) -> Vec<u8> {
        let side = |side: u32| (side - 1).to_le_bytes()[..3].to_vec();
        [b"RIFF\x1a\0\0\0WEBPVP8X\x0a\0\0\0\0\0\0\0".as_slice(), &side(width), &side(height), &[0; 8]].concat()
    }

    #[test]
    fn sounds_and_films_are_known_by_their_bytes() {
        for (bytes, mime) in [
            (b"\0\0\0\x20ftypisom\0\0\x02\0".as_slice(), "video/mp4"),
            (b"\0\0\0\x20ftypM4A \0\0\x02\0", "audio/mp4"),
            (b"\x1a\x45\xdf\xa3\x9f\x42\x86", "video/webm"),
            (b"OggS\0\x02...\x01vorbis", "audio/ogg"),
            (b"OggS\0\x02...\x80theora", "video/ogg"),
            (b"RIFF\x24\0\0\0WAVEfmt ", "audio/wav"),
            (b"fLaC\0\0\0\x22", "audio/flac"),
            (b"ID3\x04\0\0\0\0", "audio/mpeg"),
            (b"\xff\xfb\x90\x64", "audio/mpeg"),
            (b"\xff\xf1\x50\x80", "audio/aac"),
        ] {
            // Whatever it is called, as an image too.
            for name in ["a", "a.jpg", "a.html", "a.mp4"] {
                assert_eq!(whole(bytes, name, "text/html"), Look::Media { mime }, "{bytes:?}");
            }
        }
    }

    #[test]
    fn what_no_browser_plays_and_what_only_looks_like_a_sound_is_none() {
        assert_eq!(whole(b"RIFF\0\0\0\0AVI LIST", "a.avi", ""), UNPLAYABLE);
        assert_eq!(whole(b"\x30\x26\xb2\x75\x8e\x66\xcf\x11", "a.wmv", ""), UNPLAYABLE);
        assert_eq!(whole(b"\0\0\0\x20ftypheic\0\0\0\0", "a.heic", ""), KIND);
        assert_eq!(
            whole(b"ID3 is how a text begins too", "a.mp3", "audio/mpeg"),
            is_text("ID3 is how a text begins too")
        );
        assert_eq!(whole(b"\xff\xfea\0", "a.mp3", ""), is_text("a"));
        for cut in [b"".as_slice(), b"RIFF", b"\0\0\0\x20ftyp", b"\xff", b"ID3"] {
            assert!(!matches!(whole(cut, "a", ""), Look::Media { .. }), "{cut:?}");
        }
    }

    #[test]
    fn images_are_known_by_their_bytes_whatever_they_are_called() {
        for (bytes, mime) in [
            (png(640, 480), "image/png"),
            (jpeg(640, 480, 0), "image/jpeg"),
            (gif([640, 480], &[[0, 0, 640, 480], [600, 400, 40, 80]]), "image/gif"),
            (webp(640, 480), "image/webp"),
        ] {
            for (name, called) in
                [("a.html", "text/html"), ("a.svg", "image/svg+xml"), ("a", ""), ("a.png", "image/png")]
            {
                assert_eq!(
                    whole(&bytes, name, called),
                    Look::Image { mime, width: 640, height: 480 },
                    "{mime} as {called}"
                );
            }
        }
    }

    /// ATTACKS 60. Turns red without the comparison with `MOST_SIDE` and `MOST_PIXELS` in `image`.
    #[test]
    fn a60_what_would_fill_the_memory_is_refused_by_its_header() {
        for (width, height) in [(10_001, 10_000), (30_001, 1), (1, 30_001), (u32::MAX, u32::MAX), (65_536, 65_536)] {
            assert_eq!(whole(&png(width, height), "bomb.png", "image/png"), TOO_LARGE, "{width} x {height}");
        }
        assert_eq!(whole(&jpeg(65_535, 65_535, 0), "bomb.jpg", "image/jpeg"), TOO_LARGE);
        assert_eq!(whole(&gif([65_535, 65_535], &[]), "bomb.gif", "image/gif"), TOO_LARGE);
        assert_eq!(whole(&webp(16_000_000, 16_000_000), "bomb.webp", "image/webp"), TOO_LARGE);
        // Its first bytes are enough: the rest is not even fetched.
        assert_eq!(look(&png(30_001, 30_001), 40_000_000, "bomb.png", ""), TOO_LARGE);
        assert_eq!(look(&png(10, 10), 50_000_001, "large.png", ""), TOO_LARGE);
        assert_eq!(whole(&png(0, 10), "none.png", ""), DAMAGED);

        // The control: what is at the limits is shown.
        assert!(matches!(whole(&png(10_000, 10_000), "a.png", ""), Look::Image { .. }));
        assert!(matches!(whole(&png(30_000, 3_333), "a.png", ""), Look::Image { .. }));
    }

    /// ATTACKS 60. Turns red without `gif_keeps_to_its_screen`.
    #[test]
    fn a60_a_frame_larger_than_its_screen_is_a_lie() {
        for frame in [[0, 0, 60_000, 60_000], [9, 9, 2, 1], [9, 9, 1, 2], [65_535, 0, 65_535, 1]] {
            assert_eq!(whole(&gif([10, 10], &[[0, 0, 10, 10], frame]), "lie.gif", "image/gif"), DAMAGED, "{frame:?}");
        }
        assert!(matches!(whole(&gif([10, 10], &[[0, 0, 10, 10], [9, 9, 1, 1]]), "a.gif", ""), Look::Image { .. }));
        let cut = gif([10, 10], &[[0, 0, 10, 10]]);
        for len in 13..cut.len() {
            assert!(matches!(whole(&cut[..len], "cut.gif", ""), Look::Image { .. }), "{len}");
        }
    }

    #[test]
    fn a_header_behind_a_long_preface_needs_the_rest() {
        let photo = jpeg(640, 480, 9);
        assert_eq!(look(&photo[..HEAD_LEN as usize], photo.len() as u64, "photo.jpg", ""), Look::Unfinished);
        assert_eq!(whole(&photo, "photo.jpg", ""), Look::Image { mime: "image/jpeg", width: 640, height: 480 });
        assert_eq!(whole(&photo[..1_000], "photo.jpg", ""), DAMAGED);
        assert_eq!(look(&png(10, 10), 1_000, "photo.png", ""), Look::Unfinished);
    }

    /// ATTACKS 59. Turns red when `look` goes by name or type.
    #[test]
    fn a59_what_could_run_is_text_or_nothing() {
        let html = "<!doctype html><script>alert(1)</script>";
        let svg = r#"<svg xmlns="http://www.w3.org/2000/svg" onload="alert(1)"/>"#;
        assert_eq!(whole(html.as_bytes(), "page.html", "text/html"), is_text(html));
        assert_eq!(whole(svg.as_bytes(), "drawing.svg", "image/svg+xml"), is_text(svg));
        assert_eq!(whole(b"%PDF-1.7\n1 0 obj <</OpenAction <</S /JavaScript>>>>", "a.pdf", "application/pdf"), PDF);
        assert_eq!(whole(b"\n %PDF-1.7", "a.txt", "text/plain"), PDF);
        for (name, mime) in [("a.png", ""), ("a", "image/png"), ("A.JPEG", ""), ("a.txt", "image/webp; x=y")] {
            assert_eq!(whole(html.as_bytes(), name, mime), DAMAGED, "{name} {mime}");
            assert_eq!(whole(svg.as_bytes(), name, mime), DAMAGED, "{name} {mime}");
        }
    }

    #[test]
    fn text_is_what_has_its_form() {
        assert_eq!(
            whole("Grüße, समुद्र\r\n".as_bytes(), "a.bin", "application/octet-stream"),
            is_text("Grüße, समुद्र\r\n")
        );
        assert_eq!(whole(b"\xef\xbb\xbfmarked", "a.txt", ""), is_text("marked"));
        assert_eq!(whole(b"\xff\xfeG\0r\0\xfc\0", "a.txt", ""), is_text("Grü"));
        assert_eq!(whole(b"\xfe\xff\0G\0r\0\xfc", "a.txt", ""), is_text("Grü"));
        assert_eq!(whole(b"", "a.txt", ""), is_text(""));
        for binary in [
            b"a\0b".as_slice(),
            b"\xc3",
            b"\xc0\x80",
            b"\xff\xfea",
            b"\xff\xfe\0\xd8",
            b"\xff\xfea\0\0\0",
            b"\x7fELF\x02\x01\0",
        ] {
            assert_eq!(whole(binary, "a.txt", "text/plain"), KIND, "{binary:?}");
        }
    }

    #[test]
    fn a_cut_text_ends_between_letters() {
        let cut = |bytes: &[u8], expected: &str| {
            let expected = Look::Text { text: expected.to_owned(), cut: true };
            assert_eq!(look(bytes, 1_000, "a.txt", ""), expected);
        };
        cut(b"abc", "abc");
        cut("ü".repeat(3).as_bytes().split_last().expect("not empty").1, "üü");
        cut(b"\xff\xfea\0b", "a");
        cut(b"\xff\xfea\0\x3d\xd8", "a");
        assert_eq!(look(b"\xc3a", 1_000, "a.txt", ""), KIND, "not at its end");
    }
}
