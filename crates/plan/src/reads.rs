//! Which files a plan reads: the only ones whose bytes a [`SourceTree`](shipstack_types::SourceTree) needs to hold.

use shipstack_types::RelPath;

const NAMES: &[&str] = &[
    "package.json",
    "shipstack.toml",
    ".nvmrc",
    ".node-version",
    "pnpm-lock.yaml",
    "yarn.lock",
    "pnpm-workspace.yaml",
    "_config.yml",
    "mkdocs.yml",
];

/// Configuration files of frameworks, by what stands before the last dot.
const STEMS: &[&str] = &[
    "next.config",
    "nuxt.config",
    "svelte.config",
    "astro.config",
    "vite.config",
    "react-router.config",
    "app.config",
    "hugo",
    "config",
];

/// Below this many folders no plan looks: a project's directory is rarely deeper, and a tree may be hostile.
const MAX_DEPTH: usize = 8;

/// Whether a plan may want the bytes of this file.
#[must_use]
pub fn reads(path: &RelPath) -> bool {
    let name = path.name();
    let stem = name.rsplit_once('.').map_or(name, |(stem, _)| stem);
    path.depth() <= MAX_DEPTH
        && !path.segments().any(|segment| segment == "node_modules")
        && (NAMES.contains(&name) || STEMS.contains(&stem))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_files_that_decide_a_plan_are_read() {
        for (path, wanted) in [
            ("package.json", true),
            ("apps/web/package.json", true),
            ("next.config.mjs", true),
            ("hugo.toml", true),
            ("node_modules/vite/package.json", false),
            ("src/main.ts", false),
            ("package-lock.json", false),
            ("a/b/c/d/e/f/g/h/package.json", false),
        ] {
            assert_eq!(reads(&path.parse().unwrap()), wanted, "{path}");
        }
    }
}
