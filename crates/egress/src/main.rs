//! Entry point of `egress`.

fn main() {}
