//! Searches: what a person types becomes pieces of text to look for, and never more than that.

use serde::{Deserialize, Serialize};

use super::words::phrase;
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
        let text = text.replace(char::is_control, " ");
        match terms(&text).len() {
            0 => Err(NothingToSearch::NoWord),
            1..=SEARCH_TERMS => Ok(Self { text }),
            _ => Err(NothingToSearch::TooMuch),
        }
    }

    /// Pieces of text that the [`words`](super::words) of an error must have, all of them: letters, digits and blanks, so
    /// that they may stand in a statement as they are.
    pub(super) fn pieces(&self) -> Vec<String> {
        let piece = |term: Term<'_>| {
            let phrase = phrase(term.words);
            // The last word may go on.
            if term.begins { phrase.trim_end().to_owned() } else { phrase }
        };
        terms(&self.text).into_iter().map(piece).collect()
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

/// The terms of `text` that have a letter or a digit: there is nothing to look for in the others.
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
    fn words_phrases_and_beginnings_become_pieces_of_text() {
        for (text, pieces) in [
            ("timeout", vec![" timeout "]),
            ("  DB  timeout ", vec![" db ", " timeout "]),
            (r#"db "timed out after" x"#, vec![" db ", " timed out after ", " x "]),
            ("conn* http.503", vec![" conn", " http 503 "]),
            (r#"never "closed at all"#, vec![" never ", " closed at all "]),
            ("order_id=47*", vec![" order id 47"]),
            ("a\0b \"c\0d\"", vec![" a ", " b ", " c d "]),
        ] {
            assert_eq!(Search::new(text).unwrap().pieces(), pieces, "{text}");
        }
    }

    #[test]
    fn what_a_database_would_obey_is_only_text() {
        for (text, pieces) in [
            ("a OR b", vec![" a ", " or ", " b "]),
            ("message:x", vec![" message x "]),
            ("-a ^b (c) + *", vec![" a ", " b ", " c "]),
            ("'; DROP TABLE dead_letters; --", vec![" drop ", " table ", " dead letters "]),
        ] {
            assert_eq!(Search::new(text).unwrap().pieces(), pieces, "{text}");
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
        fn pieces_are_letters_digits_and_blanks(text in ".{0,60}") {
            let Ok(search) = Search::new(&text) else { return Ok(()) };
            for piece in search.pieces() {
                prop_assert!(piece.chars().all(|c| c == ' ' || c.is_alphanumeric()), "{piece:?}");
                prop_assert!(piece.starts_with(' ') && piece.trim() != "", "{piece:?}");
            }
        }
    }
}
