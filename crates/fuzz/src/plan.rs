//! What a project says about itself: a plan or the project's own fault, whatever its files hold.

use shipstack_plan::{ToolInventory, decide, describe, reads, site_rules};
use shipstack_types::{BuildOptions, BuildPlan, Fault, SourceTree};
use std::sync::LazyLock;

const NAMES: [&str; 16] = [
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
    "package-lock.json",
    "pnpm-workspace.yaml",
    "nuxt.config.ts",
    "astro.config.mjs",
    "bun.lock",
];
/// What stands between the files of an input of the target `plan`: never part of UTF-8, so in no honest file.
pub const BETWEEN_FILES: u8 = 0xff;

static IMAGE: LazyLock<ToolInventory> = LazyLock::new(|| {
    let tools = r#"{"node":["20.19.0","22.1.0"],"npm":[10],"pnpm":[9,10],"yarn":[1,4],"bun":[1],"programs":["hugo"]}"#;
    serde_json::from_str(tools).unwrap()
});

/// Files between bytes 255: a byte for the name, then the content.
pub(crate) fn check(data: &[u8]) {
    let mut tree = SourceTree::default();
    for file in data.split(|byte| *byte == BETWEEN_FILES).take(NAMES.len()) {
        if let Some((name, content)) = file.split_first() {
            tree.add_content(NAMES[usize::from(*name) % NAMES.len()].parse().unwrap(), content.to_vec());
        }
    }
    let options = BuildOptions::default();
    let decided = decide(&tree, &options, &IMAGE);
    assert_eq!(decided, decide(&tree, &options, &IMAGE), "the same tree has the same plan");
    match decided {
        Ok(plan) => is_sound(&tree, &plan),
        Err(failure) => {
            assert_eq!(failure.fault, Fault::User, "{failure:?}");
            assert!(!failure.message.chars().any(char::is_control), "{:?}", failure.message);
            assert!(failure.message.len() < 1000 && !failure.message.is_empty());
        }
    }
}

fn is_sound(tree: &SourceTree, plan: &BuildPlan) {
    let json = serde_json::to_string(plan).unwrap();
    assert_eq!(&serde_json::from_str::<BuildPlan>(&json).unwrap(), plan, "it is stored in the result");
    let rules = site_rules(tree, plan);
    assert!(rules.is_ok(), "what was good enough for a plan is good enough for its rules: {rules:?}");
    assert!(!describe(plan).is_empty());
    for (path, _) in tree.entries() {
        assert!(!reads(path) || path.depth() <= 8);
    }
}
