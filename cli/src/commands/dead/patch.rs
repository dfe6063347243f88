//! What a replay changes in each payload.

use std::fs;
use std::io;
use std::path::PathBuf;
use std::str::FromStr;

use serde::Serialize;
use serde_json::{Map, Value};

/// A merge patch (RFC 7386) on each payload.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(transparent)]
pub(super) struct Patch(Map<String, Value>);

/// Text that is no patch.
#[derive(Debug, thiserror::Error)]
pub(super) enum UnreadablePatch {
    /// The file that it names cannot be read.
    #[error("{file} cannot be read: {cause}", file = .0.display(), cause = .1)]
    File(PathBuf, io::Error),
    /// Something that is no JSON object. A merge patch that is none would replace whole payloads.
    #[error("not a JSON object such as {{\"field\": \"new value\", \"field to remove\": null}}: {0}")]
    Json(serde_json::Error),
}

impl FromStr for Patch {
    type Err = UnreadablePatch;

    fn from_str(text: &str) -> Result<Self, UnreadablePatch> {
        let json = match text.strip_prefix('@') {
            Some(file) => fs::read_to_string(file).map_err(|error| UnreadablePatch::File(file.into(), error))?,
            None => text.to_owned(),
        };
        serde_json::from_str(&json).map(Self).map_err(UnreadablePatch::Json)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_patch_is_an_object_here_or_in_a_file() {
        let patch: Patch = r#"{"currency":"EUR","note":null}"#.parse().unwrap();
        assert_eq!(serde_json::to_string(&patch).unwrap(), r#"{"currency":"EUR","note":null}"#);

        let path = std::env::temp_dir().join(format!("monotask-patch-{}.json", std::process::id()));
        fs::write(&path, "{\n  \"currency\": \"EUR\",\n  \"note\": null\n}\n").unwrap();
        let read = format!("@{}", path.display()).parse::<Patch>();
        fs::remove_file(&path).unwrap();
        assert_eq!(read.unwrap(), patch);
    }

    #[test]
    fn anything_else_is_refused_with_its_cause() {
        for text in ["", "null", "[1]", "7", "{", "currency=EUR"] {
            assert!(matches!(text.parse::<Patch>(), Err(UnreadablePatch::Json(_))), "{text}");
        }
        let error = "@/no/such/file".parse::<Patch>().unwrap_err();
        assert!(error.to_string().starts_with("/no/such/file cannot be read: "), "{error}");
    }
}
