//! Entry point of `request-service`.

fn main() {}
