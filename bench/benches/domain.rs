//! The steps that every task goes through, natively: `cargo bench -p bench`.

#![allow(missing_docs)]
#![allow(clippy::unwrap_used, reason = "a benchmark stops at what it did not expect")]

fn main() {
    divan::main();
}
