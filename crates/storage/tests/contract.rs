//! One list of contract tests over every backend, the real S3 server included.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::indexing_slicing, clippy::panic, reason = "tests")]

mod backend;
mod cases;

/// The list of cases, once for each backend.
macro_rules! contract {
    ($start:path, $($case:ident),+ $(,)?) => {
        $(
            #[tokio::test]
            async fn $case() {
                let Some(fixture) = $start().await else { return };
                super::cases::$case(fixture.store()).await;
            }
        )+
    };
}

/// The cases every backend must pass.
macro_rules! for_every_backend {
    ($($module:ident: $start:path),+ $(,)?) => {
        $(
            mod $module {
                contract!(
                    $start,
                    what_was_put_is_read_back,
                    what_was_never_put_is_not_there,
                    a_copy_is_equal_and_stands_alone,
                    an_empty_object_is_an_object,
                    a_later_put_replaces_the_whole_object,
                    a_file_is_stored_from_its_start,
                    a_file_of_many_megabytes_comes_back_whole,
                    a_file_that_shrank_is_never_stored,
                    a_deleted_object_is_gone_and_deleting_again_is_fine,
                    reading_stops_at_the_cap,
                    several_objects_are_read_in_the_order_of_their_keys,
                    a_prefix_is_a_folder_and_not_the_beginning_of_a_name,
                    an_object_and_a_folder_may_have_the_same_name,
                    pages_together_hold_every_object_once,
                    a_listing_of_nothing_is_empty,
                    a_listing_says_when_an_object_was_stored_and_a_copy_is_stored_anew,
                    odd_names_come_back_as_they_were,
                    the_longest_key_is_stored_and_a_longer_one_refused,
                    deployments_are_listed_once_each,
                    a_name_that_differs_in_case_is_another_object,
                    many_writers_at_once_lose_nothing,
                    deleting_and_putting_beside_each_other_loses_nothing,
                    a_store_that_is_there_says_so,
                );
            }
        )+
    };
}

for_every_backend! {
    memory: crate::backend::memory,
    folder: crate::backend::folder,
    real_s3: crate::backend::s3,
}
