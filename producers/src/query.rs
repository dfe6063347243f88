//! Query parameters.

use domain::submission::Fault;
use worker::Request;

use crate::problem::Problem;

/// The query's parameters in order, decoded.
pub(crate) fn pairs(request: &Request) -> Result<Vec<(String, String)>, Problem> {
    Ok(request.url()?.query_pairs().map(|(name, value)| (name.into_owned(), value.into_owned())).collect())
}

/// Refuses parameters outside `known`, and any given twice.
pub(crate) fn only(pairs: &[(String, String)], known: &[&str]) -> Result<(), Problem> {
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
pub(crate) fn number(pairs: &[(String, String)], name: &str, least: u32) -> Result<Option<u32>, Problem> {
    let Some((_, value)) = pairs.iter().find(|(other, _)| other == name) else { return Ok(None) };
    match value.parse() {
        Ok(number) if number >= least => Ok(Some(number)),
        _ => Err(Problem::wrong(name, format!("not a whole number from {least} on"))),
    }
}
