//! What a patch changes in a payload.

use serde_json::Value;

use crate::columns::cut;
use crate::table::escaped;

/// The fields of `before` that `after` has otherwise, a line each of at most `width`: `~` changed, `+` added,
/// `-` removed. What is in an object is named by its path.
pub(super) fn diff(before: &Value, after: &Value, width: usize) -> Vec<String> {
    let mut changes = Vec::new();
    compare("", Some(before), Some(after), &mut changes);
    let shown = |value: &Value| cut(&escaped(&value.to_string()), width / 2);
    let lines = changes.iter().filter_map(|(path, before, after)| {
        let path = if path.is_empty() { "payload" } else { path };
        Some(match (before, after) {
            (Some(before), Some(after)) => format!("~ {}: {} → {}", escaped(path), shown(before), shown(after)),
            (None, Some(after)) => format!("+ {}: {}", escaped(path), shown(after)),
            (Some(before), None) => format!("- {}: {}", escaped(path), shown(before)),
            (None, None) => return None,
        })
    });
    lines.map(|line| cut(&line, width)).collect()
}

type Change<'v> = (String, Option<&'v Value>, Option<&'v Value>);

fn compare<'v>(path: &str, before: Option<&'v Value>, after: Option<&'v Value>, changes: &mut Vec<Change<'v>>) {
    match (before, after) {
        (Some(Value::Object(before)), Some(Value::Object(after))) => {
            let added = after.keys().filter(|key| !before.contains_key(*key));
            for key in before.keys().chain(added) {
                let path = if path.is_empty() { key.clone() } else { format!("{path}.{key}") };
                compare(&path, before.get(key), after.get(key), changes);
            }
        }
        _ if before == after => {}
        _ => changes.push((path.to_owned(), before, after)),
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn only_what_differs_is_shown_by_its_path() {
        let before =
            json!({ "url": "http://a/", "body": { "amount": "12,50", "old": true, "same": [1] }, "list": [1] });
        let after = json!({ "url": "http://a/", "body": { "amount": 12.5, "same": [1], "new": {} }, "list": [1, 2] });
        let expected = ["~ body.amount: \"12,50\" → 12.5", "- body.old: true", "+ body.new: {}", "~ list: [1] → [1,2]"];
        assert_eq!(diff(&before, &after, 80), expected);
        assert!(diff(&before, &before, 80).is_empty());
    }

    #[test]
    fn a_payload_that_is_no_object_changes_as_a_whole() {
        assert_eq!(diff(&json!(1), &json!({ "a": 1 }), 80), ["~ payload: 1 → {\"a\":1}"]);
    }

    #[test]
    fn long_values_are_cut_and_no_value_moves_the_cursor() {
        let lines = diff(&json!({ "a": "x".repeat(500) }), &json!({ "a": "\u{9b}2J\u{1b}" }), 60);
        assert!(lines[0].chars().count() <= 60 && lines[0].contains('…'), "{lines:?}");
        assert!(!lines[0].contains(char::is_control), "{lines:?}");
    }
}
