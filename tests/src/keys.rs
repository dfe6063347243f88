//! API keys as the secret `API_KEYS` lists them.

use serde_json::{Value, json};
use sha2::{Digest, Sha256};

/// The entry of a key: only its hash is in it.
pub fn entry(id: &str, key: &str, scopes: &[&str]) -> Value {
    let hash: String = Sha256::digest(key).iter().map(|byte| format!("{byte:02x}")).collect();
    json!({ "id": id, "sha256": hash, "scopes": scopes })
}
