//! What has to hold for every parser of strangers' bytes, as functions from bytes to nothing that panic where it does not.
//!
//! **For**: libFuzzer, which looks for inputs (`cargo xtask fuzz`, the crate in `libfuzzer/`), and `cargo test`, which
//! replays those that were kept in `corpus/`: the same functions both times. **Guarantees**: deterministic, without network
//! and without anything left behind; more than "does not panic": what is accepted comes out as it went in, two readers
//! agree, cuts change nothing. **Is not**: part of the product.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::indexing_slicing,
    clippy::panic,
    reason = "a property that does not hold has to panic"
)]

mod addresses;
mod archive;
mod git_url;
mod input;
mod path;
mod place;
mod plan;
mod proxy_head;
mod records;
#[cfg(feature = "services")]
mod services;
mod site;
mod snapshot;
mod words;

pub use plan::BETWEEN_FILES;

/// One kind of input and what has to hold for it.
#[derive(Clone, Copy, Debug)]
pub struct Target {
    /// Its name: that of its fuzz target and of its folder in `corpus/`.
    pub name: &'static str,
    /// Panics where what has to hold does not.
    pub check: fn(&[u8]),
}

/// The targets that need no client of an outside system, so that they are built soon.
pub const PURE: &[Target] = &[
    Target { name: "addresses", check: addresses::check },
    Target { name: "archive", check: archive::check },
    Target { name: "git_url", check: git_url::check },
    Target { name: "path", check: path::check },
    Target { name: "plan", check: plan::check },
    Target { name: "proxy_head", check: proxy_head::check },
    Target { name: "records", check: records::check },
    Target { name: "site", check: site::check },
    Target { name: "snapshot", check: snapshot::check },
    Target { name: "words", check: words::check },
];

/// The targets in the services, and in the crates that know an outside system.
#[cfg(feature = "services")]
pub const OF_SERVICES: &[Target] = services::TARGETS;
#[cfg(not(feature = "services"))]
/// None: the feature `services` is off.
pub const OF_SERVICES: &[Target] = &[];

/// Every target that was built.
pub fn targets() -> impl Iterator<Item = Target> {
    PURE.iter().chain(OF_SERVICES).copied()
}

/// Checks one input of a target.
///
/// # Panics
/// Where what has to hold does not; and when there is no such target.
pub fn check(name: &str, input: &[u8]) {
    let target = targets().find(|target| target.name == name);
    (target.unwrap_or_else(|| panic!("there is no target {name}")).check)(input);
}
