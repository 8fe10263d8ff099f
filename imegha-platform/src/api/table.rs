//! Every route of the platform, and what it answers. What a route takes is read off its handler.

use super::operation::Operation;
use super::routes::Routes;
use super::{changes, events, handlers, people, recovery};
use crate::problem::ProblemCode::{
    AccountExists, CodeExpired, Conflict, EmailInvalid, KeyRefused, LimitReached, Malformed, NoHostedClouds, NotFound,
    OriginRefused, PolicyNotAccepted, TagInvalid, TagTaken, TooYoung, WrongCode, WrongPassword,
};
use crate::protocol::{
    ActionReply, Bundle, Config, ConnectionReply, ConnectionsReply, DevicesReply, HostedCloudReply, PersonReply,
    PokeEvent, PreloginReply, RecoveryFinishReply, RecoveryOpenReply, RecoveryReply, RegisteredDevice, Sessions,
    SignInReply,
};

/// Adds all of them.
pub(super) fn routes(routes: Routes) -> Routes {
    [sign_up, sign_in, account, recoveries, sessions, others].into_iter().fold(routes, |routes, add| add(routes))
}

fn sign_up(routes: Routes) -> Routes {
    let says = Operation::new;
    routes
        .get("/openapi.json", handlers::description, || says("This description.").answers_document(200))
        .get("/config", handlers::config, || says("What clients need to know first.").answers::<Config>(200))
        .post("/sign-up", handlers::sign_up, || {
            says("A new account; its code is mailed. The same for an address that has an account.")
                .answers_nothing(202)
                .refuses(&[EmailInvalid, TagInvalid, TagTaken, TooYoung, PolicyNotAccepted, KeyRefused, AccountExists])
        })
        .post("/sign-up/confirm", handlers::confirm, || {
            says("Confirms an account by the mailed code.").answers_nothing(204).refuses(&[WrongCode, CodeExpired])
        })
        .post("/sign-up/resend", handlers::resend, || says("Mails the code again.").answers_nothing(202))
}

fn sign_in(routes: Routes) -> Routes {
    let says = Operation::new;
    routes
        .post("/prelogin", handlers::prelogin, || {
            says("How keys are derived from the password; of the same form for an address without an account.")
                .answers::<PreloginReply>(200)
                .refuses(&[EmailInvalid])
        })
        .post("/sign-in", handlers::sign_in, || {
            says("Signs in.").answers::<SignInReply>(200).with_cookie().refuses(&[
                EmailInvalid,
                WrongPassword,
                OriginRefused,
            ])
        })
        .post("/sign-out", handlers::sign_out, || says("Ends the session.").answers_nothing(204).with_cookie())
}

fn account(routes: Routes) -> Routes {
    let says = Operation::new;
    routes
        .get("/account", handlers::account, || says("The account, without a wrap.").answers::<Bundle>(200))
        .post("/account/password", changes::password, || {
            says("Another password, or the same one derived otherwise. The wraps that are there stay.")
                .answers_nothing(204)
                .refuses(&[WrongPassword, KeyRefused, Conflict])
        })
        .post("/account/password/drop", changes::drop_passwords, || {
            says("Drops every password but the session's own.").answers_nothing(204).refuses(&[KeyRefused, Conflict])
        })
        .post("/account/email", changes::email, || {
            says("Mails a code to another address.").answers_nothing(202).refuses(&[EmailInvalid, WrongPassword])
        })
        .post("/account/email/confirm", changes::confirm_email, || {
            says("Moves the account to the other address.").answers_nothing(204).refuses(&[
                EmailInvalid,
                WrongPassword,
                WrongCode,
                CodeExpired,
                KeyRefused,
                Conflict,
            ])
        })
        .post("/account/phrase", changes::phrase, || {
            says("Adds a recovery phrase.").answers_nothing(204).refuses(&[WrongPassword, KeyRefused, Conflict])
        })
        .post("/account/phrase/drop", changes::drop_phrases, || {
            says("Drops every recovery phrase but one.").answers_nothing(204).refuses(&[KeyRefused, Conflict])
        })
        .post("/account/renew", changes::renew, || {
            says("A new epoch of the keys and a new identity, behind the password and the phrase that are there.")
                .answers_nothing(204)
                .refuses(&[WrongPassword, KeyRefused, Conflict, LimitReached])
        })
        .post("/account/policy", changes::policy, || {
            says("Accepts the policy in force.").answers_nothing(204).refuses(&[PolicyNotAccepted])
        })
        .post("/account/delete", changes::delete_account, || {
            says("Deletes the account.").answers_nothing(204).with_cookie().refuses(&[WrongPassword])
        })
        .put("/account/gateway", handlers::set_gateway, || {
            says("Sets the sealed address of the cloud's gateway.").answers_nothing(204).refuses(&[Conflict])
        })
        .post("/account/cloud", handlers::host_cloud, || {
            says("A cloud at the platform's host.").answers::<HostedCloudReply>(200).refuses(&[NoHostedClouds])
        })
}

fn recoveries(routes: Routes) -> Routes {
    let says = Operation::new;
    routes
        .post("/recovery", recovery::begin, || {
            says("Mails a code; of the same form for an address without an account.")
                .answers::<RecoveryReply>(202)
                .refuses(&[EmailInvalid])
        })
        .post("/recovery/open", recovery::open, || {
            says("The keys of the account, for the code and the phrase's first signature.")
                .answers::<RecoveryOpenReply>(200)
                .refuses(&[WrongCode, CodeExpired, KeyRefused])
        })
        .post("/recovery/finish", recovery::finish, || {
            says("The new password, by the phrase's second signature.")
                .answers::<RecoveryFinishReply>(200)
                .with_cookie()
                .refuses(&[CodeExpired, KeyRefused, Conflict, OriginRefused])
        })
}

fn sessions(routes: Routes) -> Routes {
    let says = Operation::new;
    routes
        .get("/sessions", handlers::sessions, || says("The account's sessions.").answers::<Sessions>(200))
        .delete("/sessions", handlers::sign_out_everywhere, || {
            says("Ends all of them, the one that asks too.").answers_nothing(204).with_cookie()
        })
        .delete("/sessions/{id}", handlers::revoke_session, || says("Ends one.").answers_nothing(204))
        .get("/devices", people::devices, || says("The devices that are notified.").answers::<DevicesReply>(200))
        .post("/devices", people::register_device, || {
            says("Has a device notified, for as long as the session lasts.")
                .answers::<RegisteredDevice>(200)
                .refuses(&[LimitReached])
        })
        .delete("/devices/{id}", people::remove_device, || says("Has it notified no more.").answers_nothing(204))
        .get("/events", events::events, || {
            says("What is new, as it comes.").answers_events::<PokeEvent>().refuses(&[LimitReached])
        })
}

fn others(routes: Routes) -> Routes {
    let says = Operation::new;
    let acts = [Malformed, NotFound, KeyRefused, Conflict, LimitReached];
    routes
        .get("/people/{tag}", people::look_up, || {
            says("Who has an iMTag.").answers::<PersonReply>(200).refuses(&[TagInvalid])
        })
        .get("/connections", people::connections, || says("A page of connections.").answers::<ConnectionsReply>(200))
        .get("/connections/{account}", people::connection, || says("One of them.").answers::<ConnectionReply>(200))
        .post("/connections/{account}/request", people::request, || {
            says("Asks to be connected.").answers::<ActionReply>(200).refuses(&acts)
        })
        .post("/connections/{account}/accept", people::accept, || {
            says("Accepts that.").answers::<ActionReply>(200).refuses(&acts)
        })
        .put("/connections/{account}/card", people::put_card, || {
            says("Another contact card, the next one.").answers::<ActionReply>(200).refuses(&acts)
        })
        .post("/connections/{account}/{action}", people::act, || {
            says("What needs no card.").answers::<ActionReply>(200).refuses(&acts)
        })
        .post("/pokes", people::poke, || {
            says("There is something new for a connection.").answers_nothing(202).refuses(&[NotFound])
        })
}
