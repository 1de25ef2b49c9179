//! Entry point of `shipstack`.

fn main() {}
