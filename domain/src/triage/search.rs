//! Searches: what a person types becomes a query of SQLite's full-text index, and never more than that.

use std::fmt::Write;

use serde::{Deserialize, Serialize};

use crate::limits::{SEARCH_BYTES, SEARCH_TERMS};

/// Words that an error must have: all of them, in its class or its message. `"two words"` in quotes must stand side by
/// side; `time*` begins a word.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct Search {
    text: String,
}

/// A search that finds nothing because it asks for nothing, or that asks for too much.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum NothingToSearch {
    /// It has no letter and no digit.
    #[error("no word to search for: give at least one letter or digit")]
    NoWord,
    /// It is too much.
    #[error("more than {SEARCH_TERMS} words, or {SEARCH_BYTES} bytes")]
    TooMuch,
}

impl Search {
    /// Reads what was typed.
    ///
    /// # Errors
    /// [`NothingToSearch`].
    pub fn new(text: &str) -> Result<Self, NothingToSearch> {
        if text.len() > SEARCH_BYTES {
            return Err(NothingToSearch::TooMuch);
        }
        // A search ends for SQLite where it finds a NUL.
        let text = text.replace(char::is_control, " ");
        match terms(&text).len() {
            0 => Err(NothingToSearch::NoWord),
            1..=SEARCH_TERMS => Ok(Self { text }),
            _ => Err(NothingToSearch::TooMuch),
        }
    }

    /// The expression for FTS5's `MATCH`: each term a quoted string, in which nothing has a meaning of its own.
    /// <https://sqlite.org/fts5.html#full_text_query_syntax>
    pub fn expression(&self) -> String {
        let mut expression = String::new();
        for term in terms(&self.text) {
            let star = if term.begins { " *" } else { "" };
            // Writing to a String cannot fail.
            let _ = write!(expression, "\"{}\"{star} ", term.words.replace('"', "\"\""));
        }
        expression.truncate(expression.trim_end().len());
        expression
    }
}

impl TryFrom<String> for Search {
    type Error = NothingToSearch;

    fn try_from(text: String) -> Result<Self, NothingToSearch> {
        Self::new(&text)
    }
}

impl From<Search> for String {
    fn from(search: Search) -> Self {
        search.text
    }
}

/// One word, or several that stand side by side.
struct Term<'t> {
    words: &'t str,
    /// Whether the last word may go on.
    begins: bool,
}

/// The terms of `text` that have a letter or a digit: SQLite finds nothing for one that has none.
fn terms(text: &str) -> Vec<Term<'_>> {
    let mut terms = Vec::new();
    // Every second piece stood in quotes; a quote that is never closed reaches to the end.
    for (at, piece) in text.split('"').enumerate() {
        if at % 2 == 1 {
            terms.push(Term { words: piece, begins: false });
            continue;
        }
        for word in piece.split_whitespace() {
            match word.strip_suffix('*') {
                Some(start) if start.ends_with(char::is_alphanumeric) => {
                    terms.push(Term { words: start, begins: true })
                }
                _ => terms.push(Term { words: word, begins: false }),
            }
        }
    }
    terms.retain(|term| term.words.contains(char::is_alphanumeric));
    terms
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn words_phrases_and_beginnings_become_quoted_terms() {
        for (text, expression) in [
            ("timeout", r#""timeout""#),
            ("  db  timeout ", r#""db" "timeout""#),
            (r#"db "timed out after" x"#, r#""db" "timed out after" "x""#),
            ("conn* http.503", r#""conn" * "http.503""#),
            (r#"never "closed at all"#, r#""never" "closed at all""#),
            ("a\0b \"c\0d\"", r#""a" "b" "c d""#),
        ] {
            assert_eq!(Search::new(text).unwrap().expression(), expression, "{text}");
        }
    }

    #[test]
    fn what_the_full_text_index_would_obey_is_only_text() {
        for (text, expression) in [
            ("a OR b", r#""a" "OR" "b""#),
            ("message:x", r#""message:x""#),
            ("NEAR(a b, 5)", r#""NEAR(a" "b," "5)""#),
            ("-a ^b (c) + *", r#""-a" "^b" "(c)""#),
            ("'; DROP TABLE dead_letters; --", r#""DROP" "TABLE" "dead_letters;""#),
        ] {
            assert_eq!(Search::new(text).unwrap().expression(), expression, "{text}");
        }
    }

    #[test]
    fn a_search_without_a_word_is_refused() {
        for text in ["", "   ", "\"\"", "***", "-- ()", "\"*\""] {
            assert_eq!(Search::new(text), Err(NothingToSearch::NoWord), "{text:?}");
        }
        assert_eq!(Search::new(&"a ".repeat(SEARCH_TERMS + 1)), Err(NothingToSearch::TooMuch));
        assert_eq!(Search::new(&"a.".repeat(SEARCH_BYTES)), Err(NothingToSearch::TooMuch));
    }

    proptest! {
        #[test]
        fn every_expression_is_a_run_of_quoted_strings(text in ".{0,60}") {
            let Ok(search) = Search::new(&text) else { return Ok(()) };
            let expression = search.expression();
            let outside: String = expression.split('"').step_by(2).collect();
            prop_assert!(outside.chars().all(|c| c == ' ' || c == '*'), "{expression}");
            prop_assert!(expression.matches('"').count() % 2 == 0);
        }
    }
}
