//! The `jiku` binary.
fn main() {}
