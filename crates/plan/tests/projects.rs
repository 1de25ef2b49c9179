//! One snapshot for each kind of project: the tree goes in, the whole plan comes out.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::indexing_slicing, clippy::panic, reason = "tests")]

use shipstack_plan::{ToolInventory, decide};
use shipstack_types::{BuildOptions, Code, Failure, SourceTree, TreeEntry};

fn image() -> ToolInventory {
    serde_json::from_str(
        r#"{"node":["20.19.5","22.21.0","24.11.1"],"npm":[10],"pnpm":[8,9,10],"yarn":[1,4]}"#,
    )
    .unwrap()
}

fn tree(files: &[(&str, &str)]) -> SourceTree {
    let mut tree = SourceTree::default();
    for (path, text) in files {
        tree.add_content(path.parse().unwrap(), text.as_bytes().to_vec());
    }
    tree
}

fn plan(files: &[(&str, &str)]) -> Result<shipstack_types::BuildPlan, Failure> {
    decide(&tree(files), &BuildOptions::default(), &image())
}

fn options(json: &str) -> BuildOptions {
    serde_json::from_str(json).unwrap()
}

const VITE: &str = r#"{"scripts":{"build":"vite build"},"devDependencies":{"vite":"^7"}}"#;

macro_rules! plans {
    ($($name:ident: [$(($path:expr, $text:expr)),* $(,)?]),* $(,)?) => {
        $(#[test] fn $name() {
            insta::assert_json_snapshot!(stringify!($name), plan(&[$(($path, $text)),*]).unwrap());
        })*
    };
}

plans! {
    vite_with_npm: [("package.json", VITE), ("package-lock.json", "{}"), ("index.html", "")],
    vite_with_pnpm: [("package.json", VITE), ("pnpm-lock.yaml", "lockfileVersion: '9.0'\n")],
    vite_with_yarn_classic: [("package.json", VITE), ("yarn.lock", "# yarn lockfile v1\n")],
    vite_with_yarn_berry: [("package.json", VITE), ("yarn.lock", "__metadata:\n  version: 8\n")],
    vite_without_a_lockfile: [("package.json", VITE), (".nvmrc", "20\n")],
    vite_without_a_build_script: [("package.json", r#"{"devDependencies":{"vite":"7"}}"#), ("pnpm-lock.yaml", "lockfileVersion: '9.0'")],
    vite_with_its_own_out_dir: [("package.json", VITE), ("vite.config.ts", "export default { build: { outDir: './site/' } }")],
    any_project_with_a_build_script: [("package.json", r#"{"scripts":{"build":"node make.js"}}"#)],
    a_committed_dist_is_tried_last: [
        ("package.json", r#"{"scripts":{"build":"node make.js"}}"#), ("dist/index.html", "old"), ("public/a.png", ""),
    ],
    a_folder_of_a_workspace: [
        ("shipstack.toml", "[build]\ndirectory = \"apps/web\"\n"),
        ("package.json", r#"{"packageManager":"pnpm@9.4.0"}"#), ("pnpm-workspace.yaml", "packages: ['apps/*']"),
        ("pnpm-lock.yaml", "lockfileVersion: '9.0'"), ("apps/web/package.json", VITE),
    ],
    a_plain_static_site: [("index.html", "<h1>hi"), ("style.css", "")],
    a_static_site_in_docs: [("README.md", ""), ("docs/index.html", "")],
    a_static_site_with_tooling: [("package.json", r#"{"devDependencies":{"prettier":"3"}}"#), ("public/index.html", "")],
    next_with_export: [
        ("package.json", r#"{"scripts":{"build":"next build"},"dependencies":{"next":"16"}}"#),
        ("next.config.mjs", "export default {\n  output: \"export\",\n}"),
    ],
    nuxt_with_a_generate_script: [
        ("package.json", r#"{"scripts":{"build":"nuxt build","generate":"nuxt generate"},"dependencies":{"nuxt":"4"}}"#),
    ],
    sveltekit_with_the_static_adapter: [
        ("package.json", r#"{"scripts":{"build":"vite build"},"devDependencies":{"@sveltejs/kit":"2","vite":"7"}}"#),
        ("svelte.config.js", "import adapter from '@sveltejs/adapter-static';"),
    ],
    vitepress_in_docs: [("package.json", r#"{"devDependencies":{"vitepress":"1"}}"#), ("docs/.vitepress/config.mts", "")],
    angular: [("package.json", r#"{"scripts":{"build":"ng build"},"dependencies":{"@angular/core":"20"}}"#)],
    storybook_beside_vite: [("package.json", r#"{"scripts":{"build":"vite build"},"devDependencies":{"storybook":"9","vite":"7"}}"#)],
    storybook_alone: [("package.json", r#"{"devDependencies":{"storybook":"9"}}"#)],
    a_command_without_a_package_json: [
        ("shipstack.toml", "[build]\ncommand = \"sh make.sh\"\noutput = \"www\"\n[build.env]\nA = \"b\"\n"), ("make.sh", ""),
    ],
}

#[test]
fn the_request_stands_above_everything_else() {
    let tree = tree(&[
        ("package.json", VITE),
        ("package-lock.json", "{}"),
        (".nvmrc", "20"),
        ("shipstack.toml", "[build]\ncommand = \"make\"\noutput = \"www\""),
    ]);
    let request = options(
        r#"{"install":"npm i","command":"npm run site","output":"site","node":"24","env":{"K":"v"}}"#,
    );
    insta::assert_json_snapshot!(decide(&tree, &request, &image()).unwrap());
}

#[test]
fn a_server_app_is_refused_with_the_setting_to_change() {
    let kit = r#"{"scripts":{"build":"vite build"},"devDependencies":{"@sveltejs/kit":"2"}}"#;
    for (files, setting) in [
        (vec![("package.json", r#"{"dependencies":{"next":"16"}}"#)], "output: 'export'"),
        (
            vec![
                ("package.json", r#"{"dependencies":{"next":"16"}}"#),
                ("next.config.js", "// output: 'export'\n"),
            ],
            "output: 'export'",
        ),
        (
            vec![("package.json", r#"{"scripts":{"build":"nuxt build"},"dependencies":{"nuxt":"4"}}"#)],
            "nuxt generate",
        ),
        (vec![("package.json", kit), ("svelte.config.js", "'@sveltejs/adapter-node'")], "adapter-static"),
        (
            vec![
                ("package.json", r#"{"dependencies":{"astro":"5"}}"#),
                ("astro.config.mjs", "{ output: \"server\" }"),
            ],
            "output: 'server'",
        ),
        (vec![("package.json", VITE), ("react-router.config.ts", "{ ssr: true }")], "ssr: false"),
        (vec![("package.json", r#"{"dependencies":{"@remix-run/dev":"2"}}"#)], "ssr: false"),
        (vec![("package.json", r#"{"dependencies":{"@solidjs/start":"1"}}"#)], "preset: 'static'"),
        (vec![("package.json", r#"{"dependencies":{"@tanstack/react-start":"1"}}"#)], "prerender"),
        (vec![("package.json", r#"{"dependencies":{"@builder.io/qwik":"1"}}"#)], "adapters/static"),
    ] {
        let failure = plan(&files).unwrap_err();
        assert_eq!(failure.code, Code::ServerApp, "{files:?}");
        assert!(failure.message.contains(setting) && failure.remedy.contains(setting), "{}", failure.message);
        let named = options(r#"{"output":"files"}"#);
        assert!(
            decide(&tree(&files), &named, &image()).is_ok(),
            "a named output folder is believed: {files:?}"
        );
    }
}

#[test]
fn a_generator_that_the_image_lacks_is_refused_and_one_that_it_has_is_run() {
    for (name, files) in [
        ("hugo", vec![("hugo.toml", "")]),
        ("hugo", vec![("config.toml", "baseURL = 'x'"), ("index.html", "")]),
        ("jekyll", vec![("_config.yml", "")]),
        ("zola", vec![("config.toml", "base_url = 'x'")]),
        ("mkdocs", vec![("mkdocs.yml", "")]),
    ] {
        let failure = plan(&files).unwrap_err();
        assert_eq!(failure.code, Code::ToolchainUnavailable, "{files:?}");
        assert!(
            failure.message.contains(name) && failure.message.contains("Node 20, 22, 24"),
            "{}",
            failure.message
        );
        let with = ToolInventory { programs: vec![name.to_owned()], ..image() };
        let plan = decide(&tree(&files), &BuildOptions::default(), &with).unwrap();
        assert_eq!(plan.framework.as_deref(), Some(name));
    }
}

#[test]
fn a_jekyll_configuration_beside_a_build_script_is_no_jekyll_site() {
    let plan = plan(&[("_config.yml", ""), ("package.json", r#"{"scripts":{"build":"make"}}"#)]).unwrap();
    assert_eq!(plan.framework, None);
}

#[test]
fn no_site_lists_where_it_looked_and_where_a_project_might_be() {
    let failure = plan(&[("README.md", ""), ("web/package.json", VITE)]).unwrap_err();
    assert_eq!(failure.code, Code::NoSite);
    for place in ["package.json", "index.html", "public/index.html", "docs/index.html"] {
        assert!(failure.message.contains(place), "{}", failure.message);
    }
    assert!(failure.remedy.contains("web"), "{}", failure.remedy);
    assert_eq!(plan(&[("package.json", r#"{"scripts":{}}"#)]).unwrap_err().code, Code::NoSite);
    assert_eq!(plan(&[]).unwrap_err().code, Code::NoSite);
}

/// hostile.md row 141.
#[test]
fn a_package_json_that_is_no_package_json_is_named() {
    for text in ["", "{", "[]", "\u{feff}{}", r#"{"scripts":"x"}"#, r#"{"scripts":{"build":{}}}"#] {
        assert_eq!(plan(&[("package.json", text)]).unwrap_err().code, Code::ProjectInvalid, "{text:?}");
    }
    for entry in
        [TreeEntry::Folder, TreeEntry::Link { target: "../x".into() }, TreeEntry::File { bytes: 50 << 20 }]
    {
        let mut tree = SourceTree::default();
        tree.add("package.json".parse().unwrap(), entry.clone());
        let failure = decide(&tree, &BuildOptions::default(), &image()).unwrap_err();
        assert_eq!(failure.code, Code::ProjectInvalid, "{entry:?}");
        assert!(failure.message.starts_with("package.json: "), "{}", failure.message);
    }
}

/// hostile.md rows 165 to 170: what a lockfile, a dependency or another platform's file says changes nothing here; the
/// sandbox answers for it.
#[test]
fn hostile_project_files_are_data_and_leave_the_commands_alone() {
    let many: Vec<String> = (0..5000).map(|n| format!("\"d{n}\":\"1\"")).collect();
    let many = format!("{{\"scripts\":{{\"build\":\"x\"}},\"dependencies\":{{{}}}}}", many.join(","));
    let strange = r#"{"scripts":{"build":"x"},"dependencies":{"x":"file:/","link":"link:/proc","w":"workspace:*","../../x":"1"}}"#;
    for files in [
        vec![
            ("package.json", strange),
            (
                "package-lock.json",
                r#"{"lockfileVersion":99,"packages":{"a":{"resolved":"file:../../../etc"}}}"#,
            ),
        ],
        vec![("package.json", many.as_str()), ("package-lock.json", "{}")],
        vec![
            ("package.json", strange),
            ("package-lock.json", "{}"),
            (".yarnrc.yml", "yarnPath: /proc/self/environ"),
            (".pnpmfile.cjs", ""),
        ],
        vec![
            ("package.json", strange),
            ("package-lock.json", "{}"),
            ("node_modules/.bin/npm", "evil"),
            ("npm", "evil"),
            ("sh", "evil"),
        ],
        vec![
            ("package.json", strange),
            ("package-lock.json", "{}"),
            ("Dockerfile", "FROM x"),
            ("vercel.json", r#"{"buildCommand":"evil"}"#),
            ("netlify.toml", "x"),
        ],
    ] {
        let plan = plan(&files).unwrap();
        let shipstack_types::PlanKind::Build { install, build, .. } = plan.steps else { panic!("a build") };
        assert_eq!(install.unwrap().command, "npm ci");
        assert_eq!(build.command, "npm run build");
    }
}

#[test]
fn a_finished_site_is_published_as_it_is() {
    let files = tree(&[("package.json", "not json"), ("a/index.html", "")]);
    insta::assert_json_snapshot!(shipstack_plan::prebuilt(&files, &BuildOptions::default()).unwrap());
    let missing = shipstack_plan::prebuilt(&files, &options(r#"{"directory":"b"}"#)).unwrap_err();
    assert_eq!(missing.code, Code::DirectoryMissing);
}
