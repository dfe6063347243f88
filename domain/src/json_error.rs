//! Says which field of a JSON text is wrong. Slower than parsing, so it is asked only about refused input.

use serde::Deserialize;

/// What is wrong with a JSON text, and where.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct JsonError {
    /// The path of the field; empty for the text itself.
    pub field: String,
    /// What is wrong with it.
    pub detail: String,
}

/// Reads `json` as `T` and says what is wrong with it; `None` if nothing is.
pub(crate) fn diagnose<'a, T: Deserialize<'a>>(json: &'a str) -> Option<JsonError> {
    // serde fills a struct from an array too, and would complain of the array's elements.
    if json.trim_ascii_start().starts_with('[') {
        return Some(JsonError { field: String::new(), detail: "an array, not an object".to_owned() });
    }
    let mut deserializer = serde_json::Deserializer::from_str(json);
    let error = match serde_path_to_error::deserialize::<_, T>(&mut deserializer) {
        Ok(_) => {
            return deserializer.end().err().map(|error| JsonError { field: String::new(), detail: detail(&error) });
        }
        Err(error) => error,
    };
    let path = error.path().to_string();
    let field = if path == "." { String::new() } else { path };
    Some(JsonError { field, detail: detail(error.inner()) })
}

/// The message of `error` without the line number, which is always 1 in a line of NDJSON.
pub(crate) fn detail(error: &serde_json::Error) -> String {
    let text = error.to_string();
    match text.split_once(" at line 1 column ") {
        Some((message, column)) => format!("{message} at column {column}"),
        None => text,
    }
}
