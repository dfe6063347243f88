//! A job's options.

use super::*;
use crate::lane::Lane;
use crate::limits::NAME_CHARS;

const KNOWN: [&str; 4] = ["name", "lane", "kind", "callback"];

fn query(query: &[(&str, &str)]) -> Result<JobOptions, Vec<Fault>> {
    JobOptions::from_query(query.iter().copied(), &KNOWN, &RULES)
}

#[test]
fn options_are_read_from_the_query() {
    let options = query(&[("name", "n"), ("lane", "high"), ("kind", "simulate"), ("callback", "http://a/")]);
    let expected = JobOptions {
        name: Some("n".to_owned()),
        lane: Lane::High,
        kind: Some(Kind::Simulate),
        callback: Some("http://a/".to_owned()),
    };
    assert_eq!(options, Ok(expected));
    assert_eq!(query(&[]), Ok(JobOptions::default()));
}

#[test]
fn every_wrong_parameter_is_named() {
    let long = "x".repeat(NAME_CHARS + 1);
    for (name, value, detail) in [
        ("lanes", "high", "unknown query parameter; known here: name, lane, kind, callback"),
        ("lane", "quarantine", "unknown lane: the lanes are high, default and bulk"),
        ("lane", "", "unknown lane: the lanes are high, default and bulk"),
        ("kind", "email", "unknown kind; known here: http.request, simulate"),
        ("name", &long, "1 to 200 characters, no control characters"),
        ("name", "a\nb", "1 to 200 characters, no control characters"),
        ("callback", "file:///etc/passwd", "scheme file is not http or https"),
    ] {
        assert_eq!(query(&[(name, value)]), Err(vec![Fault::new(name, detail)]));
    }
    assert_eq!(query(&[("lane", "x"), ("kind", "y"), ("z", "")]).unwrap_err().len(), 3);
}

#[test]
fn a_parameter_given_twice_is_refused() {
    let twice = query(&[("lane", "high"), ("lane", "high")]);
    assert_eq!(twice, Err(vec![Fault::new("lane", "given twice")]));
}
