//! Entry point of `deploy-worker`.

fn main() {}
