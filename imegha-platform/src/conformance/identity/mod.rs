//! The behaviour of an [`IdentityProvider`](crate::identity::IdentityProvider).

mod codes;
mod email;
mod ends;
mod password;
mod person;
mod recovery;

pub use codes::{
    a_code_is_right_again, a_new_account_awaits_its_code, a_taken_address_is_never_confirmed, codes_are_sent_again,
    codes_are_sent_five_times, codes_are_tried_five_times, codes_expire, registering_again_is_no_error,
    tries_side_by_side_are_counted, who_is_not_registered_has_no_code,
};
pub use email::{
    a_code_is_for_one_thing, a_code_is_for_the_address_it_went_to, a_move_takes_the_password,
    a_taken_address_is_not_moved_to, an_account_moves_to_an_address,
};
pub use ends::{a_forgotten_account_is_gone, what_has_ended_is_removed};
pub use password::{
    a_lock_does_not_tell_who_has_an_account, a_lost_answer_to_a_change_is_asked_again, a_wrong_old_password_is_counted,
    failures_lock_an_address, failures_side_by_side_are_counted, one_of_two_changes_wins, the_password_is_changed,
    the_password_is_checked,
};
pub use recovery::{
    a_code_is_used_up_by_recovery, a_code_replaces_the_password, recovery_codes_are_tried_five_times,
    recovery_codes_expire, recovery_does_not_tell_who_has_an_account, recovery_ends_a_lock,
    recovery_is_asked_for_again,
};
