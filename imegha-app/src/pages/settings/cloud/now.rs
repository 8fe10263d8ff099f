//! Where the cloud is now.

use imegha_worker::protocol::CloudPlace;
use leptos::prelude::*;

use crate::components::{Notice, Tone};

/// The place, or that there is none.
#[component]
pub(super) fn Now(
    /// Where it is.
    cloud: Option<CloudPlace>,
) -> impl IntoView {
    match cloud {
        None => view! {
            <div data-testid="no-cloud">
                <Notice tone=Tone::Care>
                    <p><strong>"Your account has no cloud yet"</strong></p>
                    <p>
                        "This server keeps no files for anybody: they go to storage of your own. Make a cloud in your AWS account, then \
                         connect it here. Until then there is nowhere to put files, and your account is complete without them."
                    </p>
                </Notice>
            </div>
        }
        .into_any(),
        Some(cloud) => view! { <Facts cloud/> }.into_any(),
    }
}

#[component]
fn Facts(cloud: CloudPlace) -> impl IntoView {
    let CloudPlace { address, hosted, id, release, open, left, recoverable } = cloud;
    let away = away(release.is_some(), open);
    let fact = |testid: &'static str, name: &'static str, value: String| {
        view! { <div><dt>{name}</dt><dd data-testid=testid>{value}</dd></div> }
    };
    view! {
        <div data-testid="place" data-hosted=if hosted { "true" } else { "false" }>
            <p>{words(hosted)}</p>
            <dl class="whereabouts">
                {fact("place-address", "Address", address)}
                {fact("place-id", "Cloud", id)}
                {fact("place-release", "Gateway", release.map_or("does not answer".to_owned(), |release| format!("version {release}")))}
            </dl>
            {away.map(|words| view! {
                <div data-testid="place-away"><Notice tone=Tone::Care><p>{words}</p></Notice></div>
            })}
            {left.then(|| view! {
                <div data-testid="place-left">
                    <Notice tone=Tone::Care>
                        <p><strong>"Your cloud has moved on from there"</strong></p>
                        <p>"It can still be read, and takes no changes. Enter the address below that it was moved to. If it has not arrived there yet, the move is finished."</p>
                    </Notice>
                </div>
            })}
            {(!recoverable).then(|| view! {
                <div data-testid="place-unrecoverable">
                    <Notice tone=Tone::Care>
                        <p><strong>"Your recovery phrase does not open this cloud yet"</strong></p>
                        <p>"What it takes is on the device that you signed up on. Sign in there once, in the same browser, and it is added."</p>
                    </Notice>
                </div>
            })}
        </div>
    }
}

/// Why nothing there can be read, if so.
fn away(answers: bool, open: bool) -> Option<&'static str> {
    match (answers, open) {
        (true, true) => None,
        (true, false) => Some(
            "The gateway answers, but does not show your cloud. Until it does, nothing there can be read or changed. If your cloud has another \
             address by now, enter it below.",
        ),
        (false, _) => Some(
            "The gateway cannot be reached at the moment. Until it answers, nothing there can be read or changed. If your cloud has another \
             address by now, enter it below.",
        ),
    }
}

fn words(hosted: bool) -> &'static str {
    if hosted {
        "Your cloud is on this server. Whoever runs it stores it, and cannot open it."
    } else {
        "Your cloud is behind a gateway of its own. This server does not see what you send there."
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_cloud_that_is_not_to_be_had_is_said_to_be() {
        assert_eq!(away(true, true), None);
        assert!(away(true, false).unwrap().contains("does not show"));
        for open in [true, false] {
            assert!(away(false, open).unwrap().contains("cannot be reached"));
        }
    }
}
