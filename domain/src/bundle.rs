//! Bundles: the letters of one message, which the archive keeps as one value, a letter per line.

use std::borrow::Cow;
use std::collections::HashMap;
use std::fmt::Write;

use serde::Deserialize;
use sha2::{Digest, Sha256};

use crate::dead_letter::{DeadLetter, LettersHeader};
use crate::time::Timestamp;

/// Bytes of the hash in a key: enough to tell the messages of one pack of letters apart.
const HASH_BYTES: usize = 8;

/// Letters that are archived and indexed together.
#[derive(Clone, Debug)]
pub struct Bundle<'a> {
    /// The archive's key. It follows from the content, so that writing the bundle again changes nothing, and a message
    /// that brings other letters of the same pack overwrites nothing.
    pub key: String,
    /// The archive's value: a line for each letter.
    pub value: Cow<'a, str>,
    /// When the job of the letters was accepted; 1970 where they have none.
    pub born: Timestamp,
    /// The letters; at least one.
    pub letters: Vec<DeadLetter<'a>>,
}

impl<'a> Bundle<'a> {
    /// The bundle of a message of letters, whose text is `text`.
    pub fn of_message(header: &LettersHeader, text: &'a str, letters: Vec<DeadLetter<'a>>) -> Self {
        let value = text.split_once('\n').map_or("", |(_, lines)| lines);
        let mut key = format!("letters/{}/{}-", header.job, header.letters);
        for byte in &Sha256::digest(value)[..HASH_BYTES] {
            // Writing to a String cannot fail.
            let _ = write!(key, "{byte:02x}");
        }
        Self { key, value: value.into(), born: header.born, letters }
    }

    /// The bundle of a letter that travelled in no message of letters.
    pub fn of_malformed(letter: DeadLetter<'a>) -> Self {
        let value = serde_json::to_string(&letter).unwrap_or_default() + "\n";
        let key = format!("letters/{}", letter.task);
        Self { key, value: value.into(), born: Timestamp::default(), letters: vec![letter] }
    }
}

/// The value of a bundle, opened: its lines by the tasks whose letters they are.
#[derive(Debug, Default)]
pub struct OpenBundle<'v> {
    lines: HashMap<Cow<'v, str>, &'v str>,
}

impl<'v> OpenBundle<'v> {
    /// Opens the value of a bundle. A line that is no letter is left out.
    pub fn new(value: &'v str) -> Self {
        #[derive(Deserialize)]
        struct Task<'t> {
            #[serde(borrow)]
            task: Cow<'t, str>,
        }
        let lines = value.lines().filter_map(|line| Some((serde_json::from_str::<Task<'_>>(line).ok()?.task, line)));
        Self { lines: lines.collect() }
    }

    /// The letter of `task`, as JSON.
    pub fn letter(&self, task: &str) -> Option<&'v str> {
        self.lines.get(task).copied()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::dead_letter::{Arrival, MalformedCall, decode, malformed};

    const MESSAGE: &str = include_str!("../golden/letters-v1.ndjson");
    const TASK: &str = "0199f0c2a0007abc8def0123456789ab-7";

    fn bundle(text: &str) -> Bundle<'_> {
        let Arrival::Letters(header, letters) = decode(text) else { panic!("not letters: {text}") };
        Bundle::of_message(&header, text, letters)
    }

    #[test]
    fn the_value_is_the_lines_of_the_message_and_each_letter_is_found_by_its_task() {
        let bundle = bundle(MESSAGE);
        let opened = OpenBundle::new(&bundle.value);
        let letter: DeadLetter<'_> = serde_json::from_str(opened.letter(TASK).unwrap()).unwrap();
        assert_eq!((&*letter.task, bundle.letters.len()), (TASK, 1));
        assert_eq!(opened.letter("0199f0c2a0007abc8def0123456789ab-8"), None);
        assert!(OpenBundle::new("no letter\n{}\n").lines.is_empty());
    }

    #[test]
    fn a_message_sent_again_has_the_same_key_and_one_with_other_letters_another() {
        let again = MESSAGE.replace("\"sent_at\":1792000000000", "\"sent_at\":1792000099000");
        assert_ne!(again, MESSAGE);
        assert_eq!(bundle(&again).key, bundle(MESSAGE).key);
        let other = MESSAGE.replace("-7\"", "-8\"");
        assert_ne!(bundle(&other).key, bundle(MESSAGE).key);
        assert!(bundle(MESSAGE).key.starts_with("letters/0199f0c2a0007abc8def0123456789ab/2-"));
    }

    #[test]
    fn a_malformed_message_is_a_bundle_of_its_own_under_its_id() {
        let call = MalformedCall { message: "m1".into(), lane: None, body: "{".into(), fault: "EOF".into() };
        let bundle = Bundle::of_malformed(malformed(&call, Timestamp::from_millis(7)));
        assert_eq!(bundle.key, "letters/message-m1");
        assert!(OpenBundle::new(&bundle.value).letter("message-m1").is_some());
    }
}
