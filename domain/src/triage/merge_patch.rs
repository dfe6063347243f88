//! JSON merge patches, RFC 7386, on text: what a patch does not name stays as it was written, to the last digit of a number.
//! A tree would round numbers that no float holds, so the field's library is the test's oracle only.

use crate::json_fields::Fields;

/// `target` after `patch`: both JSON of bounded depth. Fields of objects are merged, `null` removes one, anything else
/// takes the place of what was there.
pub fn merge_patch(target: &str, patch: &str) -> String {
    let mut merged = String::with_capacity(target.len() + patch.len());
    merge(Some(target), patch, &mut merged);
    merged
}

fn merge(target: Option<&str>, patch: &str, out: &mut String) {
    let Some(changes) = Fields::read(patch) else { return out.push_str(patch.trim()) };
    let mut fields = target.and_then(Fields::read).unwrap_or_default().0;
    // Whom a target names twice the last one counts, as everywhere.
    for at in (0..fields.len()).rev() {
        if fields[at + 1..].iter().any(|(name, _)| *name == fields[at].0) {
            fields.remove(at);
        }
    }
    out.push('{');
    let mut first = true;
    for (name, value) in &fields {
        match changes.last(name) {
            Some("null") => {}
            Some(change) => write_field(&mut first, name, out, |out| merge(Some(value.get()), change, out)),
            None => write_field(&mut first, name, out, |out| out.push_str(value.get())),
        }
    }
    for (at, (name, change)) in changes.0.iter().enumerate() {
        let is_last = !changes.0[at + 1..].iter().any(|(other, _)| other == name);
        if is_last && change.get() != "null" && !fields.iter().any(|(other, _)| other == name) {
            write_field(&mut first, name, out, |out| merge(None, change.get(), out));
        }
    }
    out.push('}');
}

fn write_field(first: &mut bool, name: &str, out: &mut String, value: impl FnOnce(&mut String)) {
    if !std::mem::take(first) {
        out.push(',');
    }
    out.push_str(&serde_json::to_string(name).unwrap_or_default());
    out.push(':');
    value(out);
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;
    use serde_json::{Map, Value, json};

    use super::*;

    #[test]
    fn what_is_not_named_stays_to_the_letter() {
        for (target, patch, merged) in [
            (r#"{"n":12345678901234567890123.10,"a":1}"#, r#"{"a":2}"#, r#"{"n":12345678901234567890123.10,"a":2}"#),
            (r#"{"b":1,"a":{"x":1,"y":2}}"#, r#"{"a":{"x":null}}"#, r#"{"b":1,"a":{"y":2}}"#),
            (r#"{"a":1}"#, r#"{"b":{"c":null,"d":[null]}}"#, r#"{"a":1,"b":{"d":[null]}}"#),
            (r#"{"a":[1]}"#, r#"{"a":{"b":1}}"#, r#"{"a":{"b":1}}"#),
            (r#"["a"]"#, r#"{"a":1}"#, r#"{"a":1}"#),
            (r#"{"a":1}"#, "7", "7"),
            (r#"{"a":1,"a":2}"#, r#"{"b":1,"b":2}"#, r#"{"a":2,"b":2}"#),
            ("{\"\\u0061\":1}", r#"{"a":2}"#, r#"{"a":2}"#),
        ] {
            assert_eq!(merge_patch(target, patch), merged, "{target} {patch}");
        }
    }

    fn value() -> impl Strategy<Value = Value> {
        let leaf = prop_oneof![Just(Value::Null), (0..3_u8).prop_map(Value::from), "[a\"ü]?".prop_map(Value::from)];
        leaf.prop_recursive(3, 20, 3, |inner| {
            prop_oneof![
                prop::collection::vec(inner.clone(), 0..3).prop_map(Value::from),
                prop::collection::btree_map("[abü\"]", inner, 0..3)
                    .prop_map(|fields| Value::from(fields.into_iter().collect::<Map<_, _>>())),
            ]
        })
    }

    proptest! {
        #[test]
        fn a_patch_does_what_the_library_does(target in value(), patch in value()) {
            let merged = merge_patch(&target.to_string(), &patch.to_string());
            let mut expected = target;
            json_patch::merge(&mut expected, &patch);
            prop_assert_eq!(serde_json::from_str::<Value>(&merged).unwrap(), expected);
        }
    }

    #[test]
    fn a_patch_of_an_object_is_an_object() {
        assert_eq!(merge_patch("{}", "{}"), "{}");
        assert_eq!(
            serde_json::from_str::<Value>(&merge_patch("{\"a\" : 1}", "{\"b\": [1, 2]}")).unwrap(),
            json!({"a":1,"b":[1,2]})
        );
    }
}
