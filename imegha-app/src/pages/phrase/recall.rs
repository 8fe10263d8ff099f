//! Three of the words, asked back.

use imegha_worker::protocol::{Failure, Recalled};
use leptos::prelude::*;

use crate::bridge::page;
use crate::components::{BusyButton, FailureNotice, Field, StepHeading};
use crate::words::{Doing, Way};

/// Asks for three words from the paper.
#[component]
pub(in crate::pages) fn RecallPhrase(
    /// All of them.
    words: RwSignal<Vec<String>>,
    /// Those that were asked for were right: takes them as they were typed.
    #[prop(into)]
    right: Callback<Vec<Recalled>>,
    /// The words are to be shown again.
    #[prop(into)]
    again: Callback<()>,
    /// Whether what follows is being done.
    #[prop(into, optional)]
    busy: Signal<bool>,
    /// What failed of it.
    #[prop(into, optional)]
    failure: Signal<Option<Failure>>,
) -> impl IntoView {
    let count = words.with_untracked(Vec::len);
    let recall = Recall::draw(count, page::random);
    let answers = [(); ASKED].map(|()| RwSignal::new(String::new()));
    let wrong = RwSignal::new([false; ASKED]);
    let check = Callback::new(move |()| {
        if busy.get_untracked() {
            return;
        }
        let typed = answers.map(|answer| answer.get_untracked());
        let judged = words.with_untracked(|words| recall.check(words, &typed));
        wrong.set(judged.map(|right| !right));
        match judged.iter().position(|right| !right) {
            Some(first) => page::focus(IDS[first]),
            None => {
                let recalled = recall.positions.into_iter().zip(typed);
                right.run(recalled.map(|(place, word)| Recalled { place, word }).collect());
            }
        }
    });
    let go = move |way: Way| if way == Way::Reload { page::reload() } else { check.run(()) };
    let field = |index: usize| {
        let position = recall.positions[index] + 1;
        let problem = Signal::derive(move || {
            if wrong.get()[index] {
                format!("This is not word {position}. Look at your paper again.")
            } else {
                String::new()
            }
        });
        view! {
            <div data-position=position>
                <Field
                    id=IDS[index]
                    label=format!("Word {position}")
                    value=answers[index]
                    problem
                />
            </div>
        }
    };
    view! {
        <StepHeading text="Is it all on paper?"/>
        <p>"Type these three words from what you wrote down. This way you know that you can read it, and that it is complete."</p>
        <form
            class="form"
            novalidate
            on:submit=move |event| {
                event.prevent_default();
                check.run(());
            }
        >
            {field(0)}
            {field(1)}
            {field(2)}
            <FailureNotice failure doing=Doing::ChangingPhrase go/>
            <BusyButton label="Check" busy_label="Checking…" busy testid="recall"/>
        </form>
        <button type="button" class="button quiet wide" data-testid="phrase-again" disabled=busy on:click=move |_| again.run(())>
            "Show the words again"
        </button>
    }
}

/// Which words are asked.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Recall {
    /// Their places from 0, in order.
    positions: [usize; ASKED],
}

impl Recall {
    /// Draws different places among `count`. `random` gives numbers from 0 to 1.
    fn draw(count: usize, random: impl Fn() -> f64) -> Self {
        let mut left: Vec<usize> = (0..count.max(ASKED)).collect();
        let mut positions = [(); ASKED].map(|()| {
            let index = (random() * left.len() as f64) as usize;
            left.remove(index.min(left.len() - 1))
        });
        positions.sort_unstable();
        Self { positions }
    }

    /// Which answers are right. Case and white space around them do not matter.
    fn check(&self, words: &[String], answers: &[String; ASKED]) -> [bool; ASKED] {
        let mut right = [false; ASKED];
        for ((right, position), answer) in right.iter_mut().zip(self.positions).zip(answers) {
            *right = words.get(position).is_some_and(|word| answer.trim().eq_ignore_ascii_case(word));
        }
        right
    }
}

const ASKED: usize = 3;
const IDS: [&str; ASKED] = ["recall-0", "recall-1", "recall-2"];

#[cfg(test)]
mod tests {
    use super::*;

    fn words() -> Vec<String> {
        (0..24).map(|number| format!("word{number}")).collect()
    }

    #[test]
    fn three_different_places_in_order() {
        for value in [0.0, 0.3, 0.5, 0.999_999, 1.0] {
            let [a, b, c] = Recall::draw(24, || value).positions;
            assert!(a < b && b < c && c < 24, "{a} {b} {c}");
        }
    }

    #[test]
    fn each_answer_is_judged_by_itself() {
        let recall = Recall { positions: [0, 11, 23] };
        let answers = ["word0", " WORD11 ", "word22"].map(str::to_owned);
        assert_eq!(recall.check(&words(), &answers), [true, true, false]);
        assert_eq!(recall.check(&[], &answers), [false; 3]);
    }

    #[test]
    fn a_beginning_of_a_word_is_not_the_word() {
        let recall = Recall { positions: [1, 2, 3] };
        assert_eq!(recall.check(&words(), &["", "word", "word3"].map(str::to_owned)), [false, false, true]);
    }
}
