//! Names for files whose name is taken.

/// The name to try after `tries` that were taken: "photo.jpg", "photo (2).jpg", "photo (3).jpg" …
///
/// The number stands before the extension. A stem is cut where the name would become longer than `max` bytes.
pub(crate) fn numbered(name: &str, tries: u32, max: usize) -> String {
    if tries == 0 {
        return name.to_owned();
    }
    let (stem, extension) = match name.rsplit_once('.') {
        Some((stem, extension)) if !stem.is_empty() && !extension.contains(' ') => (stem, format!(".{extension}")),
        _ => (name, String::new()),
    };
    let suffix = format!(" ({}){extension}", tries + 1);
    let stem = &stem[..stem.floor_char_boundary(max.saturating_sub(suffix.len()))];
    format!("{stem}{suffix}")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_number_stands_before_the_extension() {
        for (name, second) in [
            ("photo.jpg", "photo (2).jpg"),
            ("archive.tar.gz", "archive.tar (2).gz"),
            ("README", "README (2)"),
            (".profile", ".profile (2)"),
            ("dr. who", "dr. who (2)"),
        ] {
            assert_eq!(numbered(name, 0, 255), name);
            assert_eq!(numbered(name, 1, 255), second);
        }
        assert_eq!(numbered("photo.jpg", 9, 255), "photo (10).jpg");
    }

    #[test]
    fn a_long_name_is_cut_between_characters() {
        let name = format!("{}.jpg", "ä".repeat(20));
        let second = numbered(&name, 1, 20);
        assert!(second.len() <= 20 && second.ends_with(" (2).jpg"), "{second}");
    }
}
