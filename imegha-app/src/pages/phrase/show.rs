//! The 24 words, shown once.

use leptos::prelude::*;
use leptos::task::spawn_local;

use crate::bridge::page;
use crate::components::{Icon, Notice, Shape, StepHeading, Tone};

/// Shows the words, and ways to keep them.
#[component]
pub(in crate::pages) fn ShowPhrase(
    /// The words.
    words: RwSignal<Vec<String>>,
    /// Whose they are.
    #[prop(into)]
    email: Signal<String>,
    /// They are on paper.
    #[prop(into)]
    kept: Callback<()>,
) -> impl IntoView {
    let said = RwSignal::new("");
    let copy = move |_| {
        spawn_local(async move {
            let went = page::copy(&numbered(&words.get_untracked(), " ")).await;
            said.try_set(if went {
                "Copied. Paste it where it is safe, then copy something else."
            } else {
                "The browser did not let it be copied."
            });
        });
    };
    let save = move |_| {
        let text = text_file(&words.get_untracked(), &email.get_untracked());
        let went = page::text_file(&text).is_some_and(|file| page::save(&file, "imegha-recovery-phrase.txt"));
        said.set(if went {
            "Saved. Whoever reads that file can open your files: move it off this device."
        } else {
            "The browser did not let it be saved."
        });
    };
    let list = move || {
        let word = |word: String| view! { <li data-testid="phrase-word">{word}</li> };
        words.get().into_iter().map(word).collect_view()
    };
    view! {
        <StepHeading text="Your 24 words"/>
        <p>
            "If you forget your password, these words are the only way back into your cloud. They are shown this once, and nobody else \
             has them: write them on paper, in this order, and keep the paper where you keep what matters."
        </p>
        <ol class="phrase" data-testid="phrase" translate="no">{list}</ol>
        <div class="phrase-tools">
            <button type="button" class="button quiet small" data-testid="phrase-print" on:click=move |_| page::print()>
                <Icon shape=Shape::Print/>"Print"
            </button>
            <button type="button" class="button quiet small" data-testid="phrase-save" on:click=save>
                <Icon shape=Shape::Download/>"Save"
            </button>
            <button type="button" class="button quiet small" data-testid="phrase-copy" on:click=copy>
                <Icon shape=Shape::Copy/>"Copy"
            </button>
        </div>
        <p class="fine" aria-live="polite">{said}</p>
        <Notice tone=Tone::Care>
            <p>
                <strong>"Whoever has these words can open everything. "</strong>
                "Paper is best: printers, clipboards and files leave traces. Nobody from iMegha will ever ask for them."
            </p>
        </Notice>
        <button type="button" class="button wide" data-testid="phrase-kept" on:click=move |_| kept.run(())>
            "I have written them down"
        </button>
    }
}

/// The words with their numbers.
fn numbered(words: &[String], separator: &str) -> String {
    let numbered: Vec<_> = words.iter().enumerate().map(|(index, word)| format!("{}. {word}", index + 1)).collect();
    numbered.join(separator)
}

fn text_file(words: &[String], email: &str) -> String {
    format!(
        "iMegha recovery phrase of {email}\r\n\r\n{}\r\n\r\nWhoever has these 24 words can open everything in this account. \
         Keep them on paper, and delete this file.\r\n",
        numbered(words, "\r\n")
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_words_keep_their_numbers() {
        let words = ["legal".to_owned(), "winner".to_owned()];
        assert_eq!(numbered(&words, " "), "1. legal 2. winner");
        assert!(text_file(&words, "ann@example.org").contains("1. legal\r\n2. winner\r\n"));
    }
}
