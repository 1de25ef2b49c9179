//! The layer rule of `crates/README.md`, held over what cargo itself says.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::indexing_slicing, clippy::panic, reason = "tests")]

use std::collections::BTreeSet;
use std::path::Path;
use std::process::Command;

use cargo_metadata::{DependencyKind, Metadata, MetadataCommand, Package, PackageId};

/// Every product crate and its layer. A new crate gets a line here, with a reason in its commit.
const LAYERS: [(&str, u8); 16] = [
    ("shipstack-types", 0),
    ("shipstack-plan", 1),
    ("shipstack-rules", 1),
    ("shipstack-settings", 1),
    ("shipstack-service", 1),
    ("shipstack-egress", 1),
    ("shipstack-storage", 2),
    ("shipstack-state", 2),
    ("shipstack-engine", 2),
    ("shipstack-source", 2),
    ("shipstack-records", 3),
    ("shipstack-http", 3),
    ("upload-service", 4),
    ("deploy-worker", 4),
    ("request-service", 4),
    ("shipstack", 5),
];

/// For tests and tasks only; exempt from the rule, and never linked into a product.
const DEV_ONLY: [&str; 3] = ["shipstack-testkit", "shipstack-fuzz", "xtask"];

/// The client of an outside system, and the one crate that may know it.
const OWNED: [(&str, &str); 3] =
    [("bollard", "shipstack-engine"), ("redis", "shipstack-state"), ("aws-sdk-s3", "shipstack-storage")];

/// What the project is built on; each is a direct dependency that is used.
const FOUNDATION: [&str; 9] =
    ["actix-web", "tokio", "redis", "aws-sdk-s3", "bollard", "serde", "walkdir", "mime_guess", "tracing"];

const TOP_LEVEL: [&str; 12] = [
    "Cargo.toml",
    "Cargo.lock",
    "crates",
    "upload-service",
    "deploy-worker",
    "request-service",
    "frontend",
    "deploy",
    "README.md",
    "LICENSE",
    "CONTRIBUTING.md",
    "CHANGELOG.md",
];

fn metadata() -> Metadata {
    let manifest = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../Cargo.toml");
    // Not offline: what only other systems need is described too, and a new machine has not fetched it for the build.
    let options = vec!["--locked".to_owned()];
    MetadataCommand::new().manifest_path(manifest).other_options(options).exec().unwrap()
}

fn layer(name: &str) -> Option<u8> {
    LAYERS.iter().find(|(known, _)| *known == name).map(|(_, layer)| *layer)
}

fn products(metadata: &Metadata) -> Vec<&Package> {
    let members = metadata.workspace_packages();
    members.into_iter().filter(|package| !DEV_ONLY.contains(&package.name.as_str())).collect()
}

/// What a product is built from; dev-dependencies are not part of it.
fn linked(package: &Package) -> impl Iterator<Item = &str> {
    let dependencies = package.dependencies.iter();
    dependencies.filter(|dependency| dependency.kind != DependencyKind::Development).map(|d| d.name.as_str())
}

#[test]
fn every_crate_has_its_layer() {
    let metadata = metadata();
    let members: BTreeSet<&str> = products(&metadata).iter().map(|package| package.name.as_str()).collect();
    assert_eq!(members, LAYERS.iter().map(|(name, _)| *name).collect());
}

#[test]
fn arrows_only_go_down() {
    for package in products(&metadata()) {
        let own = layer(&package.name).unwrap();
        for dependency in linked(package) {
            assert!(
                !DEV_ONLY.contains(&dependency),
                "{} links {dependency}, which is for tests",
                package.name
            );
            let below = layer(dependency).is_none_or(|layer| layer < own);
            assert!(below, "{} (layer {own}) must not depend on {dependency}", package.name);
        }
    }
}

#[test]
fn each_outside_system_is_known_to_one_crate() {
    for package in products(&metadata()) {
        for dependency in linked(package) {
            let owner = OWNED.iter().find(|(client, _)| *client == dependency).map(|(_, owner)| *owner);
            assert!(
                owner.is_none_or(|owner| owner == package.name.as_str()),
                "{} has {dependency}",
                package.name
            );
            let web_below = dependency == "actix-web" && layer(&package.name).unwrap() < 3;
            assert!(!web_below, "{} has actix-web, which begins at layer 3", package.name);
        }
    }
}

#[test]
fn pure_crates_do_not_even_reach_tokio() {
    let metadata = metadata();
    for pure in ["shipstack-types", "shipstack-plan", "shipstack-rules"] {
        let package = products(&metadata).into_iter().find(|package| package.name == pure).unwrap();
        let reached = reached(&metadata, &package.id);
        let tokio = metadata.packages.iter().find(|package| package.name == "tokio").unwrap();
        assert!(!reached.contains(&tokio.id), "{pure} reaches tokio");
    }
}

fn reached<'a>(metadata: &'a Metadata, from: &'a PackageId) -> BTreeSet<&'a PackageId> {
    let nodes = &metadata.resolve.as_ref().unwrap().nodes;
    let (mut reached, mut open) = (BTreeSet::new(), vec![from]);
    while let Some(id) = open.pop() {
        let node = nodes.iter().find(|node| node.id == *id).unwrap();
        let linked = |kind: &DependencyKind| *kind != DependencyKind::Development;
        let next = node.deps.iter().filter(|dep| dep.dep_kinds.iter().any(|info| linked(&info.kind)));
        open.extend(next.map(|dep| &dep.pkg).filter(|pkg| reached.insert(*pkg)));
    }
    reached
}

#[test]
fn the_foundation_is_used_directly() {
    let metadata = metadata();
    for needed in FOUNDATION {
        let users: Vec<_> =
            products(&metadata).into_iter().filter(|p| linked(p).any(|d| d == needed)).collect();
        let path = format!("{}::", needed.replace('-', "_"));
        let used = users.iter().any(|package| sources(package).iter().any(|text| text.contains(&path)));
        assert!(
            used,
            "{needed} is not used by any of {:?}",
            users.iter().map(|p| &p.name).collect::<Vec<_>>()
        );
    }
}

/// The text of a package's own sources.
fn sources(package: &Package) -> Vec<String> {
    let folder = package.manifest_path.parent().unwrap().join("src");
    let mut open = vec![folder.into_std_path_buf()];
    let mut texts = Vec::new();
    while let Some(folder) = open.pop() {
        for entry in std::fs::read_dir(folder).unwrap() {
            let path = entry.unwrap().path();
            match path.extension() {
                _ if path.is_dir() => open.push(path),
                Some(extension) if extension == "rs" => texts.push(std::fs::read_to_string(path).unwrap()),
                _ => {}
            }
        }
    }
    texts
}

#[test]
fn the_top_level_holds_only_what_belongs_there() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("../..");
    let listed = Command::new("git").args(["ls-files", "-z"]).current_dir(root).output().unwrap();
    let files = String::from_utf8(listed.stdout).unwrap();
    for file in files.split('\0').filter(|file| !file.is_empty()) {
        let top = file.split('/').next().unwrap();
        assert!(top.starts_with('.') || TOP_LEVEL.contains(&top) || top == "SECURITY.md", "{file}");
    }
}
