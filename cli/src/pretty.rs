//! JSON as people read it: its text in lines, every value as it was written.

/// `json`, which must be well-formed, with a line for each entry. Numbers, strings and the order of fields stay as they
/// are.
pub(crate) fn pretty(json: &str) -> String {
    let mut text = String::with_capacity(json.len() * 2);
    let mut depth = 0;
    let mut letters = json.chars().peekable();
    let mut quoted = false;
    while let Some(c) = letters.next() {
        if quoted {
            text.push(c);
            match c {
                '\\' => text.extend(letters.next()),
                '"' => quoted = false,
                _ => {}
            }
            continue;
        }
        match c {
            '"' => {
                quoted = true;
                text.push(c);
            }
            '{' | '[' => {
                text.push(c);
                while letters.next_if(char::is_ascii_whitespace).is_some() {}
                match letters.next_if(|next| matches!(next, '}' | ']')) {
                    Some(end) => text.push(end),
                    None => {
                        depth += 1;
                        break_line(&mut text, depth);
                    }
                }
            }
            '}' | ']' => {
                depth = depth.saturating_sub(1);
                break_line(&mut text, depth);
                text.push(c);
            }
            ',' => {
                text.push(c);
                break_line(&mut text, depth);
            }
            ':' => text.push_str(": "),
            c if c.is_ascii_whitespace() => {}
            c => text.push(c),
        }
    }
    text
}

/// `json`, which must be well-formed, in a single line.
pub(crate) fn one_line(json: &str) -> String {
    // A string's own line breaks are escaped: the others mean nothing.
    json.replace(['\n', '\r'], " ")
}

fn break_line(text: &mut String, depth: usize) {
    text.push('\n');
    text.extend(std::iter::repeat_n("  ", depth));
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn values_stay_as_they_were_written() {
        let json = r#" {"b":1.10, "a":[],"c" : [ {} ,"x, \"y\": {\\",12345678901234567890123]}"#;
        let expected = r#"{
  "b": 1.10,
  "a": [],
  "c": [
    {},
    "x, \"y\": {\\",
    12345678901234567890123
  ]
}"#;
        assert_eq!(pretty(json), expected);
        assert_eq!(pretty(&pretty(json)), expected);
    }

    #[test]
    fn what_is_no_object_stays_in_its_line() {
        for json in ["null", "\"a: [b]\"", "-1e5", "{}", "[]"] {
            assert_eq!(pretty(json), json);
        }
        assert_eq!(pretty("{ }"), "{}");
    }

    #[test]
    fn a_line_of_ndjson_has_no_break_and_the_same_value() {
        let json = "{\n  \"a\": \"b\\n\"\r\n}";
        let line = one_line(json);
        assert!(!line.contains(['\n', '\r']), "{line}");
        let read = |json: &str| serde_json::from_str::<serde_json::Value>(json).unwrap();
        assert_eq!(read(&line), read(json));
    }
}
