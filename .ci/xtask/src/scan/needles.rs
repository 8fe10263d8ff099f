//! Short secrets: passwords, phrases, names.

use anyhow::{Context, Result, bail};
use memchr::memmem::Finder;

/// Texts to look for, each with a word on what it is.
#[derive(Debug, Default)]
pub(super) struct Needles(Vec<(String, Finder<'static>)>);

impl Needles {
    /// Reads lines of `what: text`. A phrase is looked for by every three of its words in a row, however they are joined.
    pub(super) fn parse(lines: &str) -> Result<Self> {
        let mut needles = Self::default();
        for line in lines.lines().filter(|line| !line.trim().is_empty()) {
            let (what, text) = line.split_once(": ").with_context(|| format!("`{line}` is not `what: text`"))?;
            if text.len() < SHORTEST {
                bail!("`{text}` is too short: it would be found by chance");
            }
            if what == "phrase" {
                let words: Vec<&str> = text.split_whitespace().collect();
                for (index, three) in words.windows(3).enumerate() {
                    for joint in JOINTS {
                        needles.push(format!("words {} to {} of the phrase", index + 1, index + 3), &three.join(joint));
                    }
                }
            } else {
                needles.push(format!("the {what} “{text}”"), text);
            }
        }
        Ok(needles)
    }

    pub(super) fn len(&self) -> usize {
        self.0.len()
    }

    /// What of it stands in some bytes.
    pub(super) fn find<'a>(&'a self, data: &'a [u8]) -> impl Iterator<Item = &'a str> {
        self.0.iter().filter(|(_, finder)| finder.find(data).is_some()).map(|(what, _)| what.as_str())
    }

    /// Everything, to be planted.
    pub(super) fn canaries(&self) -> impl Iterator<Item = (String, Vec<u8>)> {
        self.0.iter().map(|(what, finder)| (what.clone(), finder.needle().to_vec()))
    }

    fn push(&mut self, what: String, text: &str) {
        self.0.push((what, Finder::new(text.as_bytes()).into_owned()));
    }
}

/// Shorter texts stand in random bytes by chance.
const SHORTEST: usize = 6;

/// What may stand between two words of a phrase.
const JOINTS: &[&str] = &[" ", "", ",", "\n", "\",\""];

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn three_words_in_a_row_are_found_and_two_are_not() {
        let needles = Needles::parse("phrase: abandon ability able about above absent\npassword: hunter2hunter2")
            .expect("it is well formed");
        assert_eq!(needles.find(b"..able about above..").collect::<Vec<_>>(), ["words 3 to 5 of the phrase"]);
        assert_eq!(needles.find(br#"["about","above","absent"]"#).count(), 1);
        assert_eq!(needles.find(b"able about, then nothing").count(), 0);
        assert_eq!(needles.find(b"xhunter2hunter2x").count(), 1);
        assert!(Needles::parse("name: a").is_err());
    }
}
