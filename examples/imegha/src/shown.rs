//! Names as a terminal may see them.

/// `text` without what a terminal would obey, or what would make it look like another: control characters, and those that turn the
/// direction of writing, become `\u{…}`.
pub(crate) fn shown(text: &str) -> String {
    let mut shown = String::with_capacity(text.len());
    for character in text.chars() {
        match character.is_control() || turns(character) {
            true => shown.extend(character.escape_unicode()),
            false => shown.push(character),
        }
    }
    shown
}

/// Unicode's marks, embeddings, overrides and isolates, and its line separators.
fn turns(character: char) -> bool {
    matches!(character, '\u{61c}' | '\u{200e}' | '\u{200f}' | '\u{2028}'..='\u{202e}' | '\u{2066}'..='\u{2069}')
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nothing_is_left_that_a_terminal_obeys() {
        for (text, expected) in [
            ("Ünï 家族.txt", "Ünï 家族.txt"),
            ("a\u{1b}]0;x\u{7}b", "a\\u{1b}]0;x\\u{7}b"),
            ("a\nb\r\t", "a\\u{a}b\\u{d}\\u{9}"),
            ("\u{202e}gpj.exe", "\\u{202e}gpj.exe"),
            ("\u{9b}2J", "\\u{9b}2J"),
        ] {
            assert_eq!(shown(text), expected);
        }
    }
}
