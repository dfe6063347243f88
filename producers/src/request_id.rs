//! Names one request, in its answer and in the logs.

/// A new id of 24 hexadecimal digits.
pub(crate) fn new() -> String {
    let mut bytes = [0; 12];
    if let Err(error) = platform::fill(&mut bytes) {
        tracing::error!(%error, "request without an id of its own");
    }
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}
