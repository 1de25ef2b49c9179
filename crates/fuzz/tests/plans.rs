//! The property of plans on files that look like a project's, which reach deeper than kept inputs and random bytes do.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::indexing_slicing, clippy::panic, reason = "tests")]

use proptest::prelude::*;
use shipstack_fuzz::{BETWEEN_FILES, check};

fn piece() -> impl Strategy<Value = Vec<u8>> {
    prop_oneof![
        proptest::collection::vec(any::<u8>(), 0..200),
        "[{}\\[\\]\":,a-z0-9\\\\/*'` .@^|<>=-]{0,120}".prop_map(String::into_bytes),
        "\\{\"(scripts|dependencies|packageManager|engines)\":(\"|\\{\"(build|next|vite|node)\":\")[ -~é]{0,40}\"\\}?\\}"
            .prop_map(String::into_bytes),
        "outDir ?: ?['\"`][ -~é]{0,20}['\"`]".prop_map(String::into_bytes),
        "(lockfileVersion: '?|v|lts/|>=|\\^)[0-9.x*]{0,30}".prop_map(String::into_bytes),
    ]
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(2000))]

    #[test]
    fn any_bytes_in_any_file_end_in_a_plan_or_a_users_failure(files in proptest::collection::vec((any::<u8>(), piece()), 0..6)) {
        let files: Vec<Vec<u8>> = files.iter().map(|(name, content)| [&[*name], content.as_slice()].concat()).collect();
        check("plan", &files.join(&BETWEEN_FILES));
    }
}
