//! A name that somebody else may have chosen, to fool who reads it.

use leptos::prelude::*;

/// A file's name: isolated from the text around it, cut in the middle where there is no room, its end always in sight.
#[component]
pub(crate) fn FileName(
    /// The name.
    #[prop(into)]
    name: String,
) -> impl IntoView {
    let shown = shown_name(&name);
    let (stem, tail) = split(&shown);
    let (stem, tail) = (stem.to_owned(), tail.to_owned());
    view! {
        <bdi class="file-name" title=shown>
            <span class="file-name-stem">{stem}</span>
            <span class="file-name-tail">{tail}</span>
        </bdi>
    }
}

/// The name as it may be shown: what turns the direction of text, or is not seen, becomes a visible sign, and what is
/// absurdly long loses its middle. Isolation alone does not help: `exe` turned round *inside* a name reads `jpg`.
pub(crate) fn shown_name(name: &str) -> String {
    let count = name.chars().count();
    let visible = |c: char| if is_deceptive(c) { char::REPLACEMENT_CHARACTER } else { c };
    if count <= MOST_SHOWN {
        return name.chars().map(visible).collect();
    }
    let head = name.chars().take(MOST_SHOWN - END - 1);
    let end = name.chars().skip(count - END);
    head.chain(['…']).chain(end).map(visible).collect()
}

/// The name as the browser may write it to disk, on every system.
pub(crate) fn download_name(name: &str) -> String {
    let clean: String = shown_name(name)
        .chars()
        .map(|c| if FORBIDDEN.contains(&c) || c == char::REPLACEMENT_CHARACTER { '_' } else { c })
        .collect();
    // Windows drops dots and spaces at the end; a dot at the beginning hides a file elsewhere.
    let clean = clean.trim_matches(|c: char| c == '.' || c.is_whitespace());
    let stem = clean.split('.').next().unwrap_or_default().trim_end().to_ascii_lowercase();
    let is_device = RESERVED.contains(&stem.as_str())
        || ["com", "lpt"].iter().any(|port| {
            stem.strip_prefix(port)
                .is_some_and(|digit| digit.chars().count() == 1 && digit.chars().all(char::is_numeric))
        });
    match clean {
        "" => "file".to_owned(),
        clean if is_device => format!("_{clean}"),
        clean => clean.to_owned(),
    }
}

/// The part that may be cut, and the part that stays: a few letters and the extension.
fn split(name: &str) -> (&str, &str) {
    let plain = |index: usize| {
        let byte = |at: usize| name.as_bytes().get(at).is_some_and(u8::is_ascii_alphanumeric);
        index > 0 && byte(index - 1) && byte(index)
    };
    if name.chars().count() <= SHORT {
        return (name, "");
    }
    let from = name.len() - name.len().min(TAIL);
    let place = (from..name.len()).find(|index| plain(*index));
    // Between other letters the cut could part what belongs together, so there is none.
    place.map_or((name, ""), |place| name.split_at(place))
}

/// Whether a character has no place in a name: controls, and what turns or hides text (Unicode TR 36).
fn is_deceptive(c: char) -> bool {
    c.is_control()
        || matches!(c, '\u{ad}' | '\u{61c}' | '\u{180e}' | '\u{200b}' | '\u{200e}' | '\u{200f}' | '\u{2028}'..='\u{202e}'
            | '\u{2060}'..='\u{206f}' | '\u{feff}' | '\u{fff9}'..='\u{fffb}')
}

const MOST_SHOWN: usize = 200;
const END: usize = 30;
const SHORT: usize = 20;
const TAIL: usize = 11;

/// What some file system gives a meaning to.
const FORBIDDEN: &[char] = &['/', '\\', ':', '*', '?', '"', '<', '>', '|'];

/// What Windows takes for a device, whatever the extension.
const RESERVED: &[&str] = &["con", "prn", "aux", "nul"];

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_cannot_turn_itself_round() {
        assert_eq!(shown_name("photo\u{202e}gpj.exe"), "photo\u{fffd}gpj.exe");
        assert_eq!(shown_name("a\u{200b}b\u{0}c\u{2067}d\ne"), "a\u{fffd}b\u{fffd}c\u{fffd}d\u{fffd}e");
        for honest in ["Ferienfoto größer.jpg", "समुद्र.jpg", "شاطئ.jpg", "👩\u{200d}👧.png", "<b>bold</b>.txt"]
        {
            assert_eq!(shown_name(honest), honest);
        }
    }

    #[test]
    fn an_absurd_name_loses_its_middle() {
        let name = format!("{}.jpg", "é".repeat(10_000));
        let shown = shown_name(&name);
        assert_eq!(shown.chars().count(), MOST_SHOWN);
        assert!(shown.contains('…') && shown.ends_with(".jpg"));
    }

    #[test]
    fn the_end_of_a_long_name_stays_in_sight() {
        assert_eq!(split("IMG_20260801_183000_edited.jpeg"), ("IMG_20260801_183000_e", "dited.jpeg"));
        assert_eq!(split("short.jpg"), ("short.jpg", ""));
        assert_eq!(split("समुद्र तट पर बहुत लंबा नाम"), ("समुद्र तट पर बहुत लंबा नाम", ""));
        for name in ["ab\u{301}".repeat(20), "é".repeat(30), "👩\u{200d}👧".repeat(9)] {
            let (stem, tail) = split(&name);
            assert_eq!(format!("{stem}{tail}"), name);
        }
    }

    #[test]
    fn a_download_is_harmless_on_every_disk() {
        for (name, expected) in [
            ("photo.jpg", "photo.jpg"),
            ("../../.ssh/authorized_keys", "_.._.ssh_authorized_keys"),
            ("/etc/passwd", "_etc_passwd"),
            ("C:\\x.txt", "C__x.txt"),
            ("con.txt", "_con.txt"),
            ("NUL", "_NUL"),
            ("com1.log", "_com1.log"),
            ("common.log", "common.log"),
            ("a\u{0}\u{202e}b", "a__b"),
            ("trailing. . .", "trailing"),
            ("..", "file"),
            ("", "file"),
        ] {
            assert_eq!(download_name(name), expected, "{name:?}");
        }
    }
}
