//! A job's options: query parameters of an NDJSON submission, fields of a JSON one.

use super::{Fault, Rules};
use crate::kinds::Kind;
use crate::kinds::http_request::check_url;
use crate::lane::Lane;
use crate::limits::NAME_CHARS;

/// What a caller may say of a job as a whole.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct JobOptions {
    /// The caller's name for it.
    pub name: Option<String>,
    /// The lane its tasks travel in.
    pub lane: Lane,
    /// The kind of lines that do not say.
    pub kind: Option<Kind>,
    /// Where to tell that it is completed.
    pub callback: Option<String>,
}

impl JobOptions {
    /// Reads query parameters, each with its value. Parameters outside `known` are faults, so that a mistyped
    /// one is not silently ignored.
    ///
    /// # Errors
    /// Everything that is wrong with them.
    pub fn from_query<'q>(
        query: impl IntoIterator<Item = (&'q str, &'q str)>,
        known: &[&str],
        rules: &Rules<'_>,
    ) -> Result<Self, Vec<Fault>> {
        let mut options = Self::default();
        let mut faults = Vec::new();
        let mut seen = Vec::new();
        for (name, value) in query {
            let outcome = if !known.contains(&name) {
                let names = if known.is_empty() { "none".to_owned() } else { known.join(", ") };
                Err(format!("unknown query parameter; known here: {names}"))
            } else if seen.contains(&name) {
                Err("given twice".to_owned())
            } else {
                options.set(name, value, rules)
            };
            seen.push(name);
            if let Err(detail) = outcome {
                faults.push(Fault::new(name, detail));
            }
        }
        if faults.is_empty() { Ok(options) } else { Err(faults) }
    }

    /// Sets the option `name` to `value`.
    pub(super) fn set(&mut self, name: &str, value: &str, rules: &Rules<'_>) -> Result<(), String> {
        match name {
            "name" => self.name = Some(checked_name(value)?),
            "lane" => self.lane = value.parse().map_err(|error: crate::lane::UnknownLane| error.to_string())?,
            "kind" => self.kind = Some(known_kind(value, rules.kinds)?),
            "callback" => {
                check_url(value, rules.hosts)?;
                self.callback = Some(value.to_owned());
            }
            other => return Err(format!("{other} is no option of a job")),
        }
        Ok(())
    }
}

fn checked_name(name: &str) -> Result<String, String> {
    if name.is_empty() || name.chars().count() > NAME_CHARS || name.chars().any(char::is_control) {
        return Err(format!("1 to {NAME_CHARS} characters, no control characters"));
    }
    Ok(name.to_owned())
}

/// Reads a kind that may be submitted here.
pub(crate) fn known_kind(text: &str, kinds: &[Kind]) -> Result<Kind, String> {
    text.parse().ok().filter(|kind| kinds.contains(kind)).ok_or_else(|| {
        let names: Vec<&str> = kinds.iter().map(|kind| kind.name()).collect();
        format!("unknown kind; known here: {}", names.join(", "))
    })
}
