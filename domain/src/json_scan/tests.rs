//! What is passed over, and what is left to serde.

use proptest::prelude::*;
use serde::de::IgnoredAny;

use super::*;
use crate::json_shape;

fn passes(text: &str, depth: usize) -> bool {
    let mut scan = Scan::new(text);
    scan.value(depth) == Some(text) && scan.is_at_end()
}

#[test]
fn what_is_usual_is_passed_over() {
    for text in [
        "{}",
        "[]",
        "null",
        "true",
        "false",
        "0",
        "-1.25",
        "\"\"",
        r#""a\n\u00e4\"""#,
        r#"{"a":[1,{"b":"c"},[]],"d":{}}"#,
        "{ \"a\" :\t[ 1 , 2 ] }",
        "\"äöü — a text that is longer than eight bytes\"",
    ] {
        assert!(passes(text, 64), "{text}");
    }
}

#[test]
fn what_is_no_json_is_not() {
    for text in [
        "",
        "{",
        "{]",
        "[}",
        "[1,]",
        "{,}",
        "{\"a\"}",
        "{\"a\":}",
        "{\"a\":1,}",
        "{1:2}",
        "01",
        "-",
        "1.",
        ".5",
        "+1",
        "nul",
        "truE",
        "\"a",
        "\"\t\"",
        r#""\x""#,
        r#""\u12g4""#,
        "[1 2]",
        "{} ",
        "\"\u{0}\"",
    ] {
        assert!(!passes(text, 64), "{text}");
    }
}

#[test]
fn containers_nest_as_deep_as_allowed() {
    let nested = |levels: usize| format!("{}{}", "[".repeat(levels), "]".repeat(levels));
    assert!(passes(&nested(64), 64));
    assert!(!passes(&nested(65), 64));
    assert!(passes("[[],[],[[]]]", 3));
    assert!(!passes("[[],[],[[]]]", 2));
}

#[test]
fn an_object_is_told_field_by_field() {
    let mut scan = Scan::new(r#"{"a":1, "b" : "c"}"#);
    let mut found = Vec::new();
    scan.object(|name, scan| {
        found.push((name.to_owned(), scan.value(8)?));
        Some(())
    })
    .unwrap();
    assert_eq!(found, [("a".to_owned(), "1"), ("b".to_owned(), "\"c\"")]);
}

/// JSON as people write it.
fn json() -> impl Strategy<Value = String> {
    let leaf = prop::sample::select(
        &["null", "true", "false", "0", "-1.5", "12", "\"\"", "\"a b\"", r#""\u00e4\n\\""#, "\"ä—\"", "{}", "[]"][..],
    );
    leaf.prop_map(str::to_owned).prop_recursive(3, 12, 3, |inner| {
        let comma = prop::sample::select(&[",", ", ", "\n,\t"][..]);
        let name = prop::sample::select(&["\"a\":", "\"b c\" : ", r#""\"":"#][..]);
        let array = (prop::collection::vec(inner.clone(), 0..3), comma.clone())
            .prop_map(|(values, comma)| format!("[{}]", values.join(comma)));
        let object = (prop::collection::vec((name, inner), 0..3), comma).prop_map(|(fields, comma)| {
            let fields: Vec<String> = fields.into_iter().map(|(name, value)| name.to_owned() + &value).collect();
            format!("{{{}}}", fields.join(comma))
        });
        prop_oneof![array, object]
    })
}

/// The same with at most one character put in, taken out or replaced.
fn nearly_json() -> impl Strategy<Value = String> {
    let characters: Vec<char> = "[]{}\":,0e.-\\ut \u{1}ä".chars().collect();
    (json(), any::<prop::sample::Index>(), prop::sample::select(characters), 0..4).prop_map(
        |(text, at, character, change)| {
            let mut characters: Vec<char> = text.chars().collect();
            let at = at.index(characters.len());
            match change {
                0 => {}
                1 => characters.insert(at, character),
                2 => drop(characters.remove(at)),
                _ => characters[at] = character,
            }
            characters.into_iter().collect()
        },
    )
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 2_000, ..ProptestConfig::default() })]

    #[test]
    fn usual_json_is_passed_over(text in json()) {
        prop_assert!(passes(&text, 8), "{}", text);
    }

    #[test]
    fn what_is_passed_over_is_json_of_the_right_shape(text in nearly_json()) {
        if passes(&text, 3) {
            prop_assert!(serde_json::from_str::<IgnoredAny>(&text).is_ok(), "{}", text);
            prop_assert_eq!(json_shape::check(&text, 3), Ok(()));
        }
    }

    #[test]
    fn any_text_is_found_as_a_string(text in any::<String>()) {
        let json = serde_json::to_string(&text).unwrap();
        prop_assert!(passes(&json, 0));
        let plain = Scan::new(&json).plain_string();
        prop_assert_eq!(plain, (!json.contains('\\')).then_some(&*text));
    }

    #[test]
    fn the_first_special_byte_of_eight_is_found(bytes: [u8; 8]) {
        let first = bytes.iter().position(|byte| matches!(byte, b'"' | b'\\' | 0..0x20));
        let special = specials(u64::from_le_bytes(bytes));
        prop_assert_eq!((special != 0).then(|| special.trailing_zeros() as usize / 8), first);
    }
}
