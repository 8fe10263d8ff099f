//! The 24 words, typed from paper.

use leptos::prelude::*;

use super::FieldProblem;

/// A field for the words of a recovery phrase, which counts them. No browser is to spell them, to keep them, or to send them anywhere.
#[component]
pub(crate) fn PhraseField(
    /// The id of the field.
    id: &'static str,
    /// What was typed.
    value: RwSignal<String>,
    /// What is wrong; empty while nothing is.
    #[prop(into)]
    problem: Signal<String>,
) -> impl IntoView {
    let (hint_id, problem_id) = (format!("{id}-hint"), format!("{id}-problem"));
    let count = move || match value.with(|typed| words_of(typed).split_whitespace().count()) {
        0 => "In their order, with a space between them. Their numbers may stand with them.".to_owned(),
        1 => "1 word of 24.".to_owned(),
        count => format!("{count} words of 24."),
    };
    view! {
        <div class="field" class:has-problem=move || !problem.get().is_empty()>
            <label for=id>"Your 24 words"</label>
            <textarea
                id=id
                class="phrase-field"
                rows="4"
                autocomplete="off"
                autocapitalize="none"
                spellcheck="false"
                translate="no"
                data-testid=id
                aria-describedby=format!("{hint_id} {problem_id}")
                aria-invalid=move || (!problem.get().is_empty()).then_some("true")
                prop:value=value
                on:input=move |event| value.set(event_target_value(&event))
            ></textarea>
            <p id=hint_id class="field-hint" data-testid=format!("{id}-count")>{count}</p>
            <FieldProblem id problem/>
        </div>
    }
}

/// The words alone: what was copied or saved from here has a number before each.
pub(crate) fn words_of(typed: &str) -> String {
    let pieces = typed.split(|c: char| c.is_whitespace() || c == ',' || c == ';');
    let bare = pieces.map(|piece| {
        let unnumbered = piece.trim_start_matches(|c: char| c.is_ascii_digit());
        // Digits count as a number only where nothing else begins the piece.
        if unnumbered.len() < piece.len() { unnumbered.trim_start_matches(['.', ')', ':']) } else { piece }
    });
    bare.filter(|word| !word.is_empty()).collect::<Vec<_>>().join(" ")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn words_come_with_numbers_or_without() {
        for typed in [
            "legal winner thank",
            " legal\n winner\tthank ",
            "1. legal 2. winner 3. thank",
            "1.legal 2)winner 3 thank",
            "legal, winner, thank",
        ] {
            assert_eq!(words_of(typed), "legal winner thank", "{typed:?}");
        }
        assert_eq!(words_of(""), "");
        assert_eq!(words_of("12 . "), ".", "what is no number stays, and is refused as a word");
    }

    #[test]
    fn what_is_no_number_stays_to_be_refused() {
        assert_eq!(words_of("wörd le1gal"), "wörd le1gal");
    }
}
