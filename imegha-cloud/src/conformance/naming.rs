//! The macros that name the suite's functions as tests.

/// Declares a module of tests, one for each function of [`conformance::records`](crate::conformance::records).
///
/// `$store` is an async function without arguments that gives a fresh `Arc<dyn RecordStore<S>>`, of a schema that is a
/// [`SampleSchema`](crate::conformance::SampleSchema), and whatever must live as long as it. The tests run on Tokio, which the calling crate has with its macros.
#[macro_export]
macro_rules! record_conformance {
    ($module:ident, $store:expr) => {
        $crate::__conformance! { $module, records, $store,
            nothing_is_there_at_first
            every_value_is_read_as_it_was_written
            a_record_may_have_no_fields
            a_put_replaces_the_whole_record
            a_deleted_record_is_gone
            absent_holds_only_without_a_record
            present_holds_only_with_a_record
            equals_holds_only_for_that_value
            a_check_writes_nothing
            several_records_are_read_at_once
            reads_at_once_are_bounded
            a_transaction_is_all_or_nothing
            the_first_failed_write_is_named
            a_transaction_has_1_to_100_writes
            a_transaction_writes_a_key_once
            a_record_has_a_longest_length
            a_transaction_has_a_longest_length
            a_key_has_a_longest_length
            numbers_sort_by_size
            shorter_places_come_first
            a_query_can_descend
            pages_join_to_the_whole
            a_cursor_outlives_its_record
            a_page_has_1_to_1000_records
            a_page_of_long_records_is_cut
            partitions_are_apart
            collections_are_apart
            one_of_many_writers_wins
            no_update_is_lost
            a_read_sees_what_was_acknowledged
        }
    };
}

/// Declares a module of tests, one for each function of [`conformance::blobs`](crate::conformance::blobs).
///
/// `$store` is an async function without arguments that gives a fresh `Arc<dyn BlobStore>` and whatever must live
/// as long as it. The tests run on Tokio, which the calling crate has with its macros.
#[macro_export]
macro_rules! blob_conformance {
    ($module:ident, $store:expr) => {
        $crate::__conformance! { $module, blobs, $store,
            nothing_is_there_at_first
            an_object_is_read_as_it_was_written
            an_object_never_changes
            one_of_many_puts_wins
            a_range_is_read
            a_range_past_the_end_is_refused
            head_tells_size_and_time
            a_deleted_object_is_gone
            a_listing_is_in_order
            a_listing_goes_on_after_a_name
            a_listing_has_1_to_1000_objects
            parts_join_to_an_object
            parts_come_in_any_order
            parts_come_at_the_same_time
            a_part_sent_again_replaces_the_first
            parts_beyond_the_last_are_dropped
            an_upload_is_invisible_until_it_completes
            a_missing_part_is_refused
            a_gap_is_refused
            a_wrong_size_is_refused
            a_short_part_is_refused
            a_part_has_a_number_of_1_to_10000
            an_aborted_upload_is_gone
            an_upload_is_resumed_by_another_handle
            a_resumed_upload_is_of_that_name
            a_completed_upload_is_gone
            a_name_taken_meanwhile_stays
            one_of_two_uploads_wins
            unfinished_uploads_are_listed
            a_large_object_comes_in_pieces
        }
    };
}

/// What both macros come to.
#[doc(hidden)]
#[macro_export]
macro_rules! __conformance {
    ($module:ident, $suite:ident, $store:expr, $($case:ident)+) => {
        mod $module {
            use super::*;
            $(
                #[tokio::test(flavor = "multi_thread", worker_threads = 2)]
                async fn $case() {
                    let (store, _kept) = $store().await;
                    $crate::conformance::$suite::$case(&*store).await;
                }
            )+
        }
    };
}
