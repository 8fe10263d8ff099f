//! A finger that stays on an entry or a picture.

use std::time::Duration;

use leptos::leptos_dom::helpers::TimeoutHandle;
use leptos::prelude::*;
use web_sys::PointerEvent;

/// Watches for a press that is long enough to mean "select".
#[derive(Clone, Copy, Debug)]
pub(crate) struct Press {
    by_finger: RwSignal<bool>,
    timer: StoredValue<Option<TimeoutHandle>>,
    from: StoredValue<(i32, i32)>,
    long: StoredValue<bool>,
}

impl Press {
    /// Of entries that are said here to be touched by a finger, or not.
    pub(crate) fn new(by_finger: RwSignal<bool>) -> Self {
        Self { by_finger, timer: StoredValue::new(None), from: StoredValue::new((0, 0)), long: StoredValue::new(false) }
    }

    /// A finger, pen or mouse came down.
    pub(crate) fn down(self, event: &PointerEvent, held: impl Fn() + 'static) {
        let finger = event.pointer_type() == "touch";
        self.by_finger.set(finger);
        self.long.set_value(false);
        self.up();
        if !finger {
            return;
        }
        self.from.set_value((event.client_x(), event.client_y()));
        let timer = set_timeout_with_handle(
            move || {
                // The entry may be gone.
                if self.long.try_set_value(true).is_none() {
                    held();
                }
            },
            LONG,
        );
        self.timer.set_value(timer.ok());
    }

    /// It moved: a finger that scrolls does not press.
    pub(crate) fn moved(self, event: &PointerEvent) {
        let (x, y) = self.from.get_value();
        if (event.client_x() - x).abs() > STILL || (event.client_y() - y).abs() > STILL {
            self.up();
        }
    }

    /// It is up again, or the browser has taken it for something else.
    pub(crate) fn up(self) {
        if let Some(Some(timer)) = self.timer.try_update_value(Option::take) {
            timer.clear();
        }
    }

    /// Whether the click that comes now is only the end of a long press.
    pub(crate) fn was_long(self) -> bool {
        self.long.try_update_value(std::mem::take).unwrap_or_default()
    }
}

const LONG: Duration = Duration::from_millis(450);

/// Pixels that a finger may tremble.
const STILL: i32 = 10;
