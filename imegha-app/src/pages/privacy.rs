//! The privacy policy, in plain words.

use leptos::prelude::*;
use leptos_meta::Title;
use leptos_router::components::A;

use crate::bridge::PolicyInForce;

/// The policy.
#[component]
pub(crate) fn Privacy() -> impl IntoView {
    let PolicyInForce { version, change } = PolicyInForce::now();
    view! {
        <Title text="Privacy policy · iMegha"/>
        <article class="prose" data-testid="privacy">
            <p class="eyebrow">"Version " {version}</p>
            <h1>"Privacy policy"</h1>
            <p class="lead">
                "The short of it: the service knows your email address and your public name, and keeps keys that it cannot use. What you store, \
                 it cannot read."
            </p>

            <h2>"Where your files are"</h2>
            <p>
                "Your files and messages are kept in a cloud of your own, not among the records of the service. With a cloud in your own AWS \
                 account, that is your AWS account. On a server that hosts clouds, it is a folder of sealed data that the host keeps for you, \
                 apart from the service's records. This version of iMegha offers the second; the first is being built."
            </p>

            <h2>"What nobody but you can read"</h2>
            <p>
                "Everything is encrypted on your device before it leaves: files, their names, types and dates, your albums and your profile, later \
                 also messages. The service never holds your password, a key in the clear, a file name, or the means to get at your cloud's content. It \
                 cannot hand over what it does not have."
            </p>
            <p>
                "In technical words: each file has an AES-256-GCM key of its own, keys are exchanged by RSA-2048-OAEP, the password is stretched by \
                 PBKDF2-SHA256 with 100,000 iterations or more, and the recovery phrase has 24 words by BIP39."
            </p>

            <h2>"What the service stores"</h2>
            <p>"These six kinds of things, and nothing else:"</p>
            <ul>
                <li>"your email address;"</li>
                <li>"your iMTag, the unique name that others find you by;"</li>
                <li>
                    "encrypted keys, and what belongs to them: the settings by which a password is stretched, a check of the secret that is made from it, \
                     the public half of the recovery phrase, and the sealed address of your cloud;"
                </li>
                <li>"your public keys and their history;"</li>
                <li>"who is connected with whom, with sealed contact cards (once there are connections);"</li>
                <li>"tokens to wake your devices by, if you allow notifications (once there are notifications)."</li>
            </ul>
            <p>
                "With the account it keeps what any account needs: which version of this policy you accepted, which sessions are open, and how many \
                 tries to sign in have failed."
            </p>

            <h2>"What is not collected"</h2>
            <p>
                "No files, messages, photos or passwords. No profile: no name, no phone number, nothing about you. No browsing history, no analytics, no \
                 advertising. No network address and no description of your browser is kept: to slow down guessing, an address is kept only \
                 as a scrambled value whose key is forgotten within the hour. These pages load nothing from other companies."
            </p>

            <h2>"What can be seen nevertheless"</h2>
            <p>
                "Where your cloud is stored, one can see how many sealed things it holds, how large they are, and when they were written. Whoever \
                 runs a server can see that somebody is connected while it lasts."
            </p>

            <h2>"Cookies"</h2>
            <p>
                "One keeps you signed in, and is gone when you sign out. One remembers whether you chose light or dark, if you did. Neither \
                 follows you anywhere."
            </p>

            <h2>"Sharing and notifications"</h2>
            <p>
                "These are not part of this version. When they come: a file that you share stays in your cloud, and those you share it with read it \
                 there by an encrypted link; and a notification carries the sender's name and “sent a message”, no more."
            </p>

            <h2>"Leaving"</h2>
            <p>
                "Your data is kept in a published format and in services that anyone can use, so that you can take it along. Deleting your account \
                 removes what the service stores about you; your cloud stays until you delete it, or, where a server hosts it, until whoever runs \
                 the server removes it. Both are in the app: the export in your account's menu, the end of the account in its settings."
            </p>

            <h2>"Age"</h2>
            <p>"iMegha is for people of 13 or older. Younger people are refused when they sign up."</p>

            <h2>"Changes"</h2>
            <p>
                "When this policy changes, it gets a new version, and you are told by email or in the app before it counts for you."
            </p>
            {change.map(|change| view! { <p data-testid="policy-newest">"Version " {version} ": " {change}</p> })}
            <p><A href="/sign-up">"Back to signing up"</A></p>
        </article>
    }
}
