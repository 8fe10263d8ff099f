//! The macro that names the suite's functions as tests.

/// Declares a module of tests, one for each function of [`conformance::identity`](crate::conformance::identity).
///
/// `$subject` is an async function without arguments that gives a fresh [`Subject`](crate::conformance::Subject). The tests run on
/// Tokio, which the calling crate has with its macros.
#[macro_export]
macro_rules! identity_conformance {
    ($module:ident, $subject:expr) => {
        $crate::__identity_conformance! { $module, $subject,
            a_new_account_awaits_its_code
            a_code_is_right_again
            registering_again_is_no_error
            a_taken_address_is_never_confirmed
            who_is_not_registered_has_no_code
            codes_are_tried_five_times
            tries_side_by_side_are_counted
            codes_expire
            codes_are_sent_again
            codes_are_sent_five_times
            the_password_is_checked
            failures_lock_an_address
            failures_side_by_side_are_counted
            a_lock_does_not_tell_who_has_an_account
            the_password_is_changed
            a_lost_answer_to_a_change_is_asked_again
            a_wrong_old_password_is_counted
            one_of_two_changes_wins
            a_code_replaces_the_password
            a_code_is_used_up_by_recovery
            recovery_ends_a_lock
            recovery_codes_are_tried_five_times
            recovery_codes_expire
            recovery_is_asked_for_again
            recovery_does_not_tell_who_has_an_account
            an_account_moves_to_an_address
            a_code_is_for_the_address_it_went_to
            a_move_takes_the_password
            a_taken_address_is_not_moved_to
            a_code_is_for_one_thing
            a_forgotten_account_is_gone
            what_has_ended_is_removed
        }
    };
}

/// What the macro comes to.
#[doc(hidden)]
#[macro_export]
macro_rules! __identity_conformance {
    ($module:ident, $subject:expr, $($case:ident)+) => {
        mod $module {
            use super::*;
            $(
                #[tokio::test(flavor = "multi_thread", worker_threads = 2)]
                async fn $case() {
                    let subject = $subject().await;
                    $crate::conformance::identity::$case(&subject).await;
                }
            )+
        }
    };
}
