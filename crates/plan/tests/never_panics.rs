//! Whatever bytes a project holds, planning ends with a plan or with a failure that names the user's fault.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::indexing_slicing, clippy::panic, reason = "tests")]

use proptest::prelude::*;
use shipstack_plan::{ToolInventory, decide, site_rules};
use shipstack_types::{BuildOptions, Fault, SourceTree};

const NAMES: &[&str] = &[
    "package.json",
    "shipstack.toml",
    ".nvmrc",
    ".node-version",
    "pnpm-lock.yaml",
    "yarn.lock",
    "next.config.js",
    "vite.config.ts",
    "config.toml",
    "web/package.json",
    "index.html",
];

/// Pieces that reach deeper than random bytes do.
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

fn image() -> ToolInventory {
    serde_json::from_str(r#"{"node":["22.1.0"],"npm":[10],"pnpm":[10],"yarn":[1,4]}"#).unwrap()
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(2000))]

    #[test]
    fn any_bytes_in_any_file_end_in_a_plan_or_a_users_failure(files in proptest::collection::vec((0..NAMES.len(), piece()), 0..6)) {
        let mut tree = SourceTree::default();
        for (name, bytes) in files {
            tree.add_content(NAMES[name].parse().unwrap(), bytes);
        }
        match decide(&tree, &BuildOptions::default(), &image()) {
            Ok(plan) => {
                let _ = site_rules(&tree, &plan);
                prop_assert_eq!(plan.clone(), decide(&tree, &BuildOptions::default(), &image()).unwrap());
            }
            Err(failure) => {
                prop_assert_eq!(failure.fault, Fault::User);
                prop_assert!(!failure.message.chars().any(char::is_control), "{:?}", failure.message);
                prop_assert!(failure.message.len() < 1000);
            }
        }
    }
}
