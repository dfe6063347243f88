//! Says which field of a JSON text is wrong. Slower than parsing, so it is asked only about refused input.

use crate::json_fields::Fields;

/// What is wrong with a JSON text, and where.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct JsonError {
    /// The field; empty for the text itself.
    pub field: String,
    /// What is wrong with it.
    pub detail: String,
}

/// Reads a text and forgets what it read.
pub(crate) type Read = fn(&str) -> Result<(), serde_json::Error>;

/// Says what is wrong with `json` for `read`; `None` if nothing is. The field is found by reading each alone: a parser that
/// keeps the path would be a second one in every Worker, and make it larger by a tenth.
pub(crate) fn diagnose(json: &str, read: Read) -> Option<JsonError> {
    // serde fills a struct from an array too, and would complain of the array's elements.
    if json.trim_ascii_start().starts_with('[') {
        return Some(JsonError { field: String::new(), detail: "an array, not an object".to_owned() });
    }
    let error = read(json).err()?;
    let fields = Fields::read(json).unwrap_or_default();
    let wrong = fields.0.iter().find_map(|(name, value)| Some((name, value, wrong_alone(&[name], value.get(), read)?)));
    Some(match wrong {
        Some((name, value, detail)) => JsonError { field: path(name, value.get(), &detail, read), detail },
        None => JsonError { field: String::new(), detail: detail(&error) },
    })
}

/// The path to what is wrong in the field `name`: that of its own field with which the same is wrong, if there is one.
fn path(name: &str, value: &str, detail: &str, read: Read) -> String {
    let is_missing = detail.starts_with("missing field") || detail.starts_with("it lacks the field");
    // What is wrong with any object there is not the fault of a field in it.
    if is_missing || wrong_alone(&[name], "{}", read).is_some_and(|found| found == detail) {
        return name.to_owned();
    }
    let fields = Fields::read(value).unwrap_or_default();
    let is_same =
        |inner: &str, value: &str| wrong_alone(&[name, inner], value, read).is_some_and(|found| found == detail);
    match fields.0.iter().find(|(inner, value)| is_same(inner, value.get())) {
        Some((inner, _)) => format!("{name}.{inner}"),
        None => name.to_owned(),
    }
}

/// What is wrong with a field, given by its path, when it is the only one, besides that the others are missing.
fn wrong_alone(path: &[&str], value: &str, read: Read) -> Option<String> {
    let open = path.iter().map(|name| format!("{{{}:", serde_json::to_string(name).unwrap_or_default()));
    let alone = format!("{}{value}{}", open.collect::<String>(), "}".repeat(path.len()));
    let error = read(&alone).err()?;
    let text = error.to_string();
    // What is missing beside the field is noticed at the very end; what is missing in it, before.
    let is_missing_beside = text.starts_with("missing field") && error.column() >= alone.len();
    (!is_missing_beside).then(|| text.split(" at line 1 column ").next().unwrap_or_default().to_owned())
}

/// The message of `error` without the line number, which is always 1 in a line of NDJSON.
pub(crate) fn detail(error: &serde_json::Error) -> String {
    let text = error.to_string();
    match text.split_once(" at line 1 column ") {
        Some((message, column)) => format!("{message} at column {column}"),
        None => text,
    }
}
