//! What the server says of a refused request: `application/problem+json`, RFC 9457.

use domain::submission;
use serde::Deserialize;

/// A problem as far as people need it.
#[derive(Clone, Debug, Default, PartialEq, Eq, Deserialize)]
pub(crate) struct Problem {
    /// What is wrong.
    #[serde(default)]
    pub(crate) detail: String,
    /// What programs go by; empty where the status says it all.
    #[serde(default)]
    pub(crate) code: String,
    /// What the server's logs know the request by.
    #[serde(default)]
    pub(crate) request_id: String,
    /// Every fault, at most a hundred.
    #[serde(default)]
    pub(crate) errors: Vec<Fault>,
}

/// One thing that is wrong with the request.
#[derive(Clone, Debug, Default, PartialEq, Eq, Deserialize)]
pub(crate) struct Fault {
    line: Option<u64>,
    index: Option<u64>,
    #[serde(default)]
    field: String,
    #[serde(default)]
    detail: String,
}

/// Faults shown; the others are counted.
const SHOWN: usize = 10;

impl Problem {
    /// Reads a body; whatever it is, there is a problem.
    pub(crate) fn read(body: &str) -> Self {
        serde_json::from_str(body).unwrap_or_else(|_| {
            let first = body.lines().next().unwrap_or_default();
            Self { detail: first.chars().take(200).collect(), ..Self::default() }
        })
    }

    /// The problem of a request whose lines are checked here.
    pub(crate) fn of(faults: Vec<submission::Fault>) -> Self {
        Self { errors: faults.into_iter().map(Fault::from).collect(), ..Self::default() }
    }

    /// The same, its lines counted in the file that has so many lines before the request's first one.
    pub(crate) fn after(mut self, lines: u64) -> Self {
        for line in self.errors.iter_mut().filter_map(|fault| fault.line.as_mut()) {
            *line += lines;
        }
        self
    }

    /// The first faults, a line each, and how many more there are.
    pub(crate) fn faults(&self) -> Vec<String> {
        let mut lines: Vec<String> = self.errors.iter().take(SHOWN).map(Fault::line).collect();
        if let Some(more @ 1..) = self.errors.len().checked_sub(SHOWN) {
            let cut = self.errors.len() >= domain::limits::PROBLEM_ERRORS;
            lines.push(if cut { format!("and at least {more} more") } else { format!("and {more} more") });
        }
        lines
    }
}

impl From<submission::Fault> for Fault {
    fn from(fault: submission::Fault) -> Self {
        let wide = |number: Option<usize>| number.map(|number| number as u64);
        Self { line: wide(fault.line), index: wide(fault.index), field: fault.field, detail: fault.detail }
    }
}

impl Fault {
    fn line(&self) -> String {
        let place = match (self.line, self.index) {
            (Some(line), _) => format!("line {line}: "),
            (None, Some(index)) => format!("task {index}: "),
            (None, None) => String::new(),
        };
        let field = if self.field.is_empty() { String::new() } else { format!("{}: ", self.field) };
        format!("{place}{field}{}", self.detail)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn of(faults: usize) -> Problem {
        let fault = |at| Fault { line: Some(at), field: "kind".to_owned(), detail: "missing".to_owned(), index: None };
        Problem { errors: (1..=faults as u64).map(fault).collect(), ..Problem::default() }
    }

    #[test]
    fn faults_say_where_and_what() {
        let problem = Problem::read(
            r#"{"status":422,"errors":[{"line":3,"field":"payload.url","detail":"not a URL"},
                {"index":0,"field":"","detail":"too deep"},{"field":"lane","detail":"unknown"}]}"#,
        );
        assert_eq!(problem.faults(), ["line 3: payload.url: not a URL", "task 0: too deep", "lane: unknown"]);
    }

    #[test]
    fn the_lines_of_a_part_are_told_as_those_of_its_file() {
        assert_eq!(of(2).after(40_000).faults(), ["line 40001: kind: missing", "line 40002: kind: missing"]);
    }

    #[test]
    fn ten_faults_are_shown_and_the_others_counted() {
        assert_eq!(of(10).faults().len(), 10);
        assert_eq!(of(11).faults()[10], "and 1 more");
        assert_eq!(of(100).faults()[10], "and at least 90 more");
    }

    #[test]
    fn a_body_that_is_no_problem_is_shown_by_its_first_line() {
        assert_eq!(Problem::read("<html>\n<body>").detail, "<html>");
        assert_eq!(Problem::read(""), Problem::default());
    }
}
