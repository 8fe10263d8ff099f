//! The drawings of the first page.

use leptos::prelude::*;

/// A cloud of sealed files, and the one key to it on a phone below.
#[component]
pub(super) fn Picture() -> impl IntoView {
    view! {
        <svg class="picture" viewBox="0 0 480 420" aria-hidden="true" focusable="false">
            <circle class="p-sun" cx="356" cy="104" r="64"/>
            <path class="p-far" d="M34 366a24 24 0 0 1 1-48 38 38 0 0 1 71-8 30 30 0 0 1 18 56ZM352 388a20 20 0 0 1 2-40 32 32 0 0 1 60-4 24 24 0 0 1 10 44Z"/>
            <path class="p-cloud" d="M92 292a62 62 0 0 1-9-123 92 92 0 0 1 174-38 78 78 0 0 1 122 62 50 50 0 0 1 4 99Z"/>
            <g class="p-cards">
                <rect x="128" y="196" width="58" height="70" rx="8"/>
                <rect x="294" y="196" width="58" height="70" rx="8"/>
            </g>
            <g class="p-noise">
                <path d="M140 214h12M158 214h16M140 226h20M166 226h8M140 238h8M154 238h20M140 250h14M160 250h10"/>
                <path d="M306 214h18M330 214h10M306 226h8M320 226h20M306 238h22M334 238h6M306 250h10M322 250h18"/>
            </g>
            <path class="p-beam" d="M232 252 204 356h72l-28-104Z"/>
            <g class="p-keyhole">
                <circle cx="240" cy="206" r="25"/>
                <path d="M230 214h20l9 46a5 5 0 0 1-5 6h-28a5 5 0 0 1-5-6Z"/>
            </g>
            <rect class="p-phone" x="190" y="326" width="100" height="74" rx="14"/>
            <rect class="p-screen" x="200" y="336" width="80" height="54" rx="7"/>
            <circle class="p-sight" cx="258" cy="352" r="6"/>
            <path class="p-hills" d="M200 384v-8l20-18 18 15 14-10 28 21a7 7 0 0 1-7 6h-66a7 7 0 0 1-7-6Z"/>
        </svg>
    }
}

/// One of the three steps.
#[component]
pub(super) fn StepPicture(
    /// Which, from 0.
    step: usize,
) -> impl IntoView {
    let strokes = STROKES.get(step).copied().unwrap_or_default();
    view! {
        <svg class="step-picture" viewBox="0 0 64 48" aria-hidden="true" focusable="false">
            <path class="s-fill" d=FILLS.get(step).copied().unwrap_or_default()/>
            <path class="s-line" d=strokes/>
        </svg>
    }
}

const FILLS: &[&str] = &[
    "M18 8h28a4 4 0 0 1 4 4v24H14V12a4 4 0 0 1 4-4Z",
    "M16 6h22l10 10v26H16Z",
    "M16 38a11 11 0 0 1-2-22 16 16 0 0 1 30-4 14 14 0 0 1 6 26Z",
];

const STROKES: &[&str] = &[
    // A computer with a key.
    "M18 8h28a4 4 0 0 1 4 4v24H14V12a4 4 0 0 1 4-4ZM8 36h48l-3 5H11ZM30 22a4.5 4.5 0 1 1-9 0 4.5 4.5 0 0 1 9 0ZM30 22h12v4M37 22v3",
    // A sheet in sealed pieces.
    "M38 6H16v36h32V16ZM38 6v10h10M22 24h8v5h-8ZM34 24h8v5h-8ZM22 33h8v5h-8ZM34 33h8v5h-8Z",
    // A cloud with a lock.
    "M16 38a11 11 0 0 1-2-22 16 16 0 0 1 30-4 14 14 0 0 1 6 26ZM26 24h12v9H26ZM28.5 24v-2.5a3.5 3.5 0 0 1 7 0V24",
];
