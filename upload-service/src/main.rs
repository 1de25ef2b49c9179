//! Entry point of `upload-service`.

fn main() {}
