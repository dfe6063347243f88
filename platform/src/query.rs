//! Query parameters.

use domain::limits::{DEFAULT_PAGE_LIMIT, PAGE_LIMIT};
use domain::submission::Fault;
use worker::Request;

use crate::Problem;

/// The query's parameters in order, decoded. Cut out of the text: reading all of it as a URL would link a parser for the sake of
/// a question mark.
pub fn pairs(request: &Request) -> Vec<(String, String)> {
    let url = request.inner().url();
    let query = url.split_once('?').map_or("", |(_, query)| query);
    form_urlencoded::parse(query.as_bytes()).into_owned().collect()
}

/// Refuses parameters outside `known`, and any given twice.
///
/// # Errors
/// [`Problem::Wrong`].
pub fn only(pairs: &[(String, String)], known: &[&str]) -> Result<(), Problem> {
    let mut faults = Vec::new();
    for (at, (name, _)) in pairs.iter().enumerate() {
        if !known.contains(&name.as_str()) {
            let names = if known.is_empty() { "none".to_owned() } else { known.join(", ") };
            faults.push(Fault::new(name, format!("unknown query parameter; known here: {names}")));
        } else if pairs[..at].iter().any(|(other, _)| other == name) {
            faults.push(Fault::new(name, "given twice"));
        }
    }
    if faults.is_empty() { Ok(()) } else { Err(Problem::Wrong(faults)) }
}

/// The value of `name`, read as a whole number from `least` on.
///
/// # Errors
/// [`Problem::Wrong`].
pub fn number(pairs: &[(String, String)], name: &str, least: u32) -> Result<Option<u32>, Problem> {
    let Some(value) = value(pairs, name) else { return Ok(None) };
    match value.parse() {
        Ok(number) if number >= least => Ok(Some(number)),
        _ => Err(Problem::wrong(name, format!("not a whole number from {least} on"))),
    }
}

/// The value of `name`.
pub fn value<'p>(pairs: &'p [(String, String)], name: &str) -> Option<&'p str> {
    pairs.iter().find(|(other, _)| other == name).map(|(_, value)| value.as_str())
}

/// The value of `name`, read as one of `known` by its name.
///
/// # Errors
/// [`Problem::Wrong`].
pub fn one_of<T: Copy>(
    pairs: &[(String, String)],
    name: &str,
    known: &[T],
    name_of: impl Fn(T) -> &'static str,
) -> Result<Option<T>, Problem> {
    let Some(value) = value(pairs, name) else { return Ok(None) };
    let found = known.iter().copied().find(|one| name_of(*one) == value);
    found.map(Some).ok_or_else(|| {
        let names: Vec<&str> = known.iter().map(|one| name_of(*one)).collect();
        Problem::wrong(name, format!("unknown {name}; known: {}", names.join(", ")))
    })
}

/// How many entries a page may have.
///
/// # Errors
/// [`Problem::Wrong`].
pub fn limit(pairs: &[(String, String)]) -> Result<u32, Problem> {
    let limit = value(pairs, "limit").map_or(Ok(DEFAULT_PAGE_LIMIT), str::parse).unwrap_or_default();
    if (1..=PAGE_LIMIT).contains(&limit) {
        return Ok(limit);
    }
    Err(Problem::wrong("limit", format!("not a whole number from 1 to {PAGE_LIMIT}")))
}
