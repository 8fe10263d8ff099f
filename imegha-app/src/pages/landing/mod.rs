//! The first page: what iMegha is, what it protects against, and what not.

mod picture;

use leptos::prelude::*;
use leptos_meta::{Meta, Title};
use leptos_router::components::A;

use crate::bridge::Client;
use crate::components::{Icon, Shape};
use picture::{Picture, StepPicture};

/// The first page.
#[component]
pub(crate) fn Landing() -> impl IntoView {
    view! {
        <Title text="iMegha: a cloud that only you can read"/>
        <Meta
            name="description"
            content="iMegha encrypts your files on your own device and keeps them in a cloud that is yours. Whoever runs the server cannot read them."
        />
        <div data-testid="landing">
            <Hero/>
            <Steps/>
            <Limits/>
            <Knowledge/>
            <Closing/>
        </div>
    }
}

#[component]
fn Hero() -> impl IntoView {
    view! {
        <section class="hero">
            <div class="hero-words">
                <h1>"A cloud that only you can read"</h1>
                <p class="lead">
                    "iMegha seals every file on your device before it leaves. What is stored is yours to take along, and whoever runs \
                     the server sees neither your password nor so much as a file name."
                </p>
                <Ways/>
                <p class="fine">"Open source. No advertising, no analytics, nothing loaded from elsewhere."</p>
            </div>
            <Picture/>
        </section>
    }
}

/// The ways in, or back to the files for who is in already.
#[component]
fn Ways() -> impl IntoView {
    let client = Client::expect();
    let signed_in = move || client.session.with(Option::is_some);
    let outside = || {
        view! {
            <A href="/sign-up" attr:class="button big">"Create your cloud"</A>
            <A href="/sign-in" attr:class="button big quiet">"Sign in"</A>
        }
    };
    view! {
        <p class="ways">
            <Show when=signed_in fallback=outside>
                <A href="/files" attr:class="button big">"To my files"</A>
            </Show>
        </p>
    }
}

#[component]
fn Steps() -> impl IntoView {
    view! {
        <section class="band" aria-labelledby="how">
            <h2 id="how">"How it works"</h2>
            <ol class="steps">
                <li>
                    <StepPicture step=0/>
                    <h3>"Your keys are made here"</h3>
                    <p>
                        "When you sign up, your device draws its own keys and 24 words to get them back by. Your password never leaves \
                         the device, not even for signing in."
                    </p>
                </li>
                <li>
                    <StepPicture step=1/>
                    <h3>"Every file is sealed by a key of its own"</h3>
                    <p>
                        "AES-256 in pieces, each of which notices if a single bit of it changes. Names, types and dates are sealed too."
                    </p>
                </li>
                <li>
                    <StepPicture step=2/>
                    <h3>"Your cloud keeps what only you can open"</h3>
                    <p>
                        "It lies apart from the service that knows your address. The format is published, and a program on your own \
                         machine opens it too."
                    </p>
                </li>
            </ol>
        </section>
    }
}

#[component]
fn Limits() -> impl IntoView {
    view! {
        <section class="limits" aria-labelledby="limits">
            <h2 id="limits">"What it protects against, and what not"</h2>
            <p class="lead">"Trust begins with knowing the limits. These are ours."</p>
            <div class="two">
                <div class="panel good">
                    <h3><Icon shape=Shape::Lock/>"It keeps out"</h3>
                    <ul>
                        <li><strong>"The host."</strong>" Whoever runs the server, or works there, cannot read your files, their names or your password."</li>
                        <li><strong>"The thief."</strong>" A stolen disk, a backup or the whole database holds sealed bytes and nothing else."</li>
                        <li><strong>"The forger."</strong>" A file that storage changed, cut or swapped is refused, never shown as if it were right."</li>
                        <li><strong>"The clock turned back."</strong>" A device that saw a newer state notices when it is shown an older one."</li>
                        <li><strong>"The listener."</strong>" What goes over the network is sealed before it gets there."</li>
                    </ul>
                </div>
                <div class="panel care">
                    <h3><Icon shape=Shape::Warning/>"It cannot help when"</h3>
                    <ul>
                        <li><strong>"Your device is taken over"</strong>" while you are signed in. What you can open there, so can they."</li>
                        <li>
                            <strong>"Password and words are both lost."</strong>
                            " Nobody can bring your files back then; we could not if we wanted to."
                        </li>
                        <li>
                            <strong>"The server sends another page"</strong>
                            " than the one that was reviewed. That is the limit of every web page; the native program is the way around it."
                        </li>
                        <li>
                            <strong>"Somebody counts."</strong>
                            " How many files you keep, how large they are and when you write them can be seen where they are stored."
                        </li>
                        <li>
                            <strong>"The disk breaks."</strong>
                            " Encryption is no backup: keep a second copy of what you cannot lose."
                        </li>
                    </ul>
                </div>
            </div>
        </section>
    }
}

#[component]
fn Knowledge() -> impl IntoView {
    view! {
        <section class="band" aria-labelledby="knows">
            <h2 id="knows">"What the service knows of you"</h2>
            <dl class="knows">
                <div><dt>"Your email address"</dt><dd>"Known: it is how you sign in, and where codes go."</dd></div>
                <div><dt>"Your iMTag"</dt><dd>"Known: the public name under which others will find you."</dd></div>
                <div><dt>"Your keys"</dt><dd>"Only the public ones, and the others sealed: it can keep them, not use them."</dd></div>
                <div><dt>"Your password"</dt><dd>"Never sent."</dd></div>
                <div><dt>"Files and their names"</dt><dd>"Never seen. They are not even stored with the service, but in your cloud, sealed."</dd></div>
                <div><dt>"Where you come from, what you look at"</dt><dd>"Not kept. There is nothing that measures you."</dd></div>
            </dl>
            <p>
                "Where your cloud is: on this server each account has a cloud of its own, a folder of sealed files that the host keeps apart \
                 from the accounts. Keeping it in your own AWS account instead is being built, and not part of this version; neither are sharing, \
                 messages, and setting a new password by the 24 words."
            </p>
            <p><A href="/privacy">"Read the privacy policy"</A></p>
        </section>
    }
}

#[component]
fn Closing() -> impl IntoView {
    view! {
        <section class="closing">
            <h2>"Begin with one file"</h2>
            <p>"It takes two minutes, a pen and a sheet of paper."</p>
            <Ways/>
        </section>
    }
}
