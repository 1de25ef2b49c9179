//! The dashboard is embedded from `frontend/out` when it was built. Without Node there is none: the folder is then made
//! empty, so that what embeds it compiles and cargo has something to watch.

fn main() {
    let out = std::path::Path::new("../frontend/out");
    if std::fs::create_dir_all(out).is_ok() {
        println!("cargo::rerun-if-changed=../frontend/out");
    } else {
        println!("cargo::rerun-if-changed=build.rs");
    }
}
