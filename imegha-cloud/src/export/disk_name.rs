//! Names that every file system takes, and that mean nothing to any.

use std::collections::HashSet;

use imegha_crypto::Id;

use crate::client::is_temporary;
use crate::files::name::fold;

/// The names that are given out in one folder of the disk.
#[derive(Debug, Default)]
pub(super) struct DiskNames(HashSet<String>);

impl DiskNames {
    /// Gives a node its own name, if a file system can hold it and nobody has it there.
    pub(super) fn own(&mut self, name: &str) -> Option<String> {
        (harmless(name) == name && self.0.insert(fold(name))).then(|| name.to_owned())
    }

    /// Gives a node a substitute for its name: what is harmless of it, `~`, and the first eight digits of its id, or all of them where
    /// somebody has that name already.
    pub(super) fn substitute(&mut self, name: &str, node: &Id) -> String {
        let id = node.to_string();
        let marks = [id[..8].to_owned(), id.clone()].into_iter();
        let numbered = (2..).map(|number: u64| format!("{id}-{number}"));
        let mut names = marks.chain(numbered).map(|mark| marked(name, &mark));
        names.find(|name| self.0.insert(fold(name))).expect("a folder holds fewer names than there are numbers")
    }
}

/// The extension of a name, with its dot; nothing for a name that has none.
pub(super) fn extension(name: &str) -> &str {
    match name.rfind('.') {
        Some(dot) if dot > 0 && name.len() - dot <= LONGEST_EXTENSION => &name[dot..],
        _ => "",
    }
}

fn marked(name: &str, mark: &str) -> String {
    let name = harmless(name);
    let extension = extension(&name);
    format!("{}~{mark}{extension}", &name[..name.len() - extension.len()])
}

/// `name`, if Linux, macOS and Windows can hold it and it means nothing to any of them; otherwise what is left of it.
///
/// Replaced by `_`: separators and what Windows does not allow, control characters, and those that turn the direction of writing, which
/// make a name look like another; a dot or a space at the end, which Windows drops. Put behind a `_`: the names of devices, and the
/// names that a file has while it is written. Cut: what is longer than [`LONGEST`].
fn harmless(name: &str) -> String {
    let mut harmless: String =
        name.chars().map(|character| if is_harmful(character) { '_' } else { character }).collect();
    if harmless.len() > LONGEST {
        let extension = extension(&harmless).to_owned();
        harmless.truncate(harmless.floor_char_boundary(LONGEST - extension.len()));
        harmless.push_str(&extension);
    }
    if harmless.is_empty() || harmless.ends_with(['.', ' ']) {
        harmless.pop();
        harmless.push('_');
    }
    if is_device(&harmless) || is_temporary(&harmless) {
        harmless.insert(0, '_');
    }
    harmless
}

fn is_harmful(character: char) -> bool {
    character.is_control()
        || matches!(character, '<' | '>' | ':' | '"' | '/' | '\\' | '|' | '?' | '*')
        || matches!(character, '\u{61c}' | '\u{200e}' | '\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}')
}

/// Whether Windows takes it for a device, whatever its extension.
fn is_device(name: &str) -> bool {
    let stem = name.split('.').next().unwrap_or_default().trim_end().to_uppercase();
    let numbered = |device: &str| {
        let number = stem.strip_prefix(device)?;
        number.chars().next().filter(|digit| matches!(digit, '0'..='9' | '¹' | '²' | '³'))?;
        Some(number.chars().count() == 1)
    };
    matches!(&stem[..], "CON" | "PRN" | "AUX" | "NUL" | "CONIN$" | "CONOUT$")
        || numbered("COM").or_else(|| numbered("LPT")).unwrap_or(false)
}

/// The most bytes of a name here: file systems take 255, some count UTF-16, and a mark is to follow.
const LONGEST: usize = 200;
/// The most bytes of what counts as an extension, its dot among them.
const LONGEST_EXTENSION: usize = 24;

#[cfg(test)]
mod tests {
    use super::*;

    const ID: Id = Id::from_bytes([0xab; 16]);

    fn given(name: &str) -> String {
        let mut names = DiskNames::default();
        names.own(name).unwrap_or_else(|| names.substitute(name, &ID))
    }

    #[test]
    fn usual_names_stay_as_they_are() {
        for name in [
            "a",
            "Ä.txt",
            "家族.jpg",
            ".profile",
            "…",
            "a b",
            " a",
            "~",
            "Dr. Who",
            "com",
            "com10",
            "comé",
            "console.log",
            "lpt",
            "nul-and-void",
            "👨\u{200d}👩\u{200d}👧.jpg",
            "نام\u{200c}ها",
            "manifest.jsonl",
            ".imegha",
            &"x".repeat(200),
        ] {
            assert_eq!(given(name), name);
        }
    }

    #[test]
    fn what_no_file_system_holds_gets_a_substitute() {
        for (name, substitute) in [
            ("", "_~abababab"),
            (".", "_~abababab"),
            ("..", "._~abababab"),
            ("../../.ssh/x", ".._.._~abababab.ssh_x"),
            ("/etc/passwd", "_etc_passwd~abababab"),
            ("..\\..\\x.bat", ".._.._x~abababab.bat"),
            ("C:\\x", "C__x~abababab"),
            ("stream.txt:hidden", "stream~abababab.txt_hidden"),
            ("a\0b", "a_b~abababab"),
            ("\u{202e}gpj.exe", "_gpj~abababab.exe"),
            ("a. ", "a~abababab._"),
            ("a..", "a~abababab._"),
            ("con", "_con~abababab"),
            ("Nul.txt", "_Nul~abababab.txt"),
            ("aux .tar.gz", "_aux .tar~abababab.gz"),
            ("COM¹", "_COM¹~abababab"),
            ("lpt9.x", "_lpt9~abababab.x"),
            ("conin$", "_conin$~abababab"),
        ] {
            assert_eq!(given(name), substitute, "{name:?}");
        }
        let temporary = format!(".imegha-{ID}.part");
        assert_eq!(given(&temporary), format!("_.imegha-{ID}~abababab.part"));
    }

    #[test]
    fn what_is_too_long_is_cut_and_keeps_its_extension() {
        for (name, end) in [
            (format!("{}.jpeg", "ä".repeat(500)), "ä~abababab.jpeg"),
            ("x".repeat(1_024), "x~abababab"),
            (format!("x.{}", "y".repeat(1_000)), "y~abababab"),
            (format!("{}.jpg", " ".repeat(1_000)), " ~abababab.jpg"),
        ] {
            let given = given(&name);
            assert!(given.ends_with(end) && given.len() <= LONGEST + 9, "{given}");
        }
    }

    #[test]
    fn nobody_gets_a_name_that_somebody_has() {
        let mut names = DiskNames::default();
        assert_eq!(names.own("A_B~abababab").as_deref(), Some("A_B~abababab"));
        assert_eq!(names.own("a_b~ABABABAB"), None, "folded it is the same");
        assert_eq!(names.substitute("a:b", &ID), format!("a_b~{ID}"));
        assert_eq!(names.substitute("a?b", &ID), format!("a_b~{ID}-2"));
        assert_eq!(names.substitute("a*b", &ID), format!("a_b~{ID}-3"));
    }

    /// Whatever a name is, what is given for it is one part of a path, and stays as it is when it is given once more.
    #[test]
    fn a_name_never_leads_out_of_its_folder() {
        let alphabet = ['.', '/', '\\', ' ', ':', 'c', 'o', 'n', '1', '\0', '\u{202e}', 'ß', '~'];
        for seed in 0..20_000_usize {
            let mut rest = seed;
            let mut name = String::new();
            while rest > 0 {
                name.push(alphabet[rest % alphabet.len()]);
                rest /= alphabet.len();
            }
            let given = given(&name);
            let mut parts = std::path::Path::new(&given).components();
            assert_eq!(parts.next(), Some(std::path::Component::Normal(given.as_ref())), "{name:?}");
            assert_eq!((parts.next(), harmless(&given)), (None, given.clone()), "{name:?}");
        }
    }
}
