//! A look at the shape of JSON that is already known to be well-formed: depth, numbers, white space.
//!
//! Payloads are never built into trees: they travel as the text they came in. What a tree would have refused on
//! the way (nesting that overflows a stack, numbers that are no numbers) is found here in one pass over the bytes.

/// Why a text is refused that is well-formed JSON all the same.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum ShapeError {
    /// Objects and arrays are nested too deeply.
    #[error("nested more than {limit} levels deep")]
    TooDeep {
        /// The deepest nesting allowed.
        limit: usize,
    },
    /// A number is beyond what a 64-bit float can hold.
    #[error("a number is out of range")]
    NumberOutOfRange,
}

/// Checks well-formed `json`: nesting of at most `max_depth`, every number finite as a 64-bit float.
///
/// # Errors
/// The first fault found.
pub fn check(json: &str, max_depth: usize) -> Result<(), ShapeError> {
    let bytes = json.as_bytes();
    let mut depth = 0_usize;
    let mut at = 0;
    while let Some(&byte) = bytes.get(at) {
        match byte {
            b'"' => at = string_end(bytes, at),
            b'{' | b'[' => {
                depth += 1;
                if depth > max_depth {
                    return Err(ShapeError::TooDeep { limit: max_depth });
                }
                at += 1;
            }
            b'}' | b']' => {
                depth = depth.saturating_sub(1);
                at += 1;
            }
            b'0'..=b'9' => {
                let end = number_end(bytes, at);
                if !is_finite(&json[at..end]) {
                    return Err(ShapeError::NumberOutOfRange);
                }
                at = end;
            }
            _ => at += 1,
        }
    }
    Ok(())
}

/// Whether well-formed `json` is an object. serde would fill a struct from an array too, by the order of its fields.
pub fn is_object(json: &str) -> bool {
    json.trim_ascii_start().starts_with('{')
}

/// Well-formed `json` without the white space between its tokens, so that it has no line break.
pub fn compact(json: &str) -> String {
    let bytes = json.as_bytes();
    let mut out = String::with_capacity(json.len());
    let mut at = 0;
    while let Some(&byte) = bytes.get(at) {
        let end = match byte {
            b'"' => string_end(bytes, at),
            b' ' | b'\t' | b'\n' | b'\r' => {
                at += 1;
                continue;
            }
            _ => at + bytes[at..].iter().take_while(|b| !matches!(b, b'"' | b' ' | b'\t' | b'\n' | b'\r')).count(),
        };
        out.push_str(&json[at..end]);
        at = end;
    }
    out
}

/// The place after the string that starts at `at`.
pub(crate) fn string_end(bytes: &[u8], at: usize) -> usize {
    let mut at = at + 1;
    while let Some(&byte) = bytes.get(at) {
        match byte {
            b'"' => return at + 1,
            b'\\' => at += 2,
            _ => at += 1,
        }
    }
    bytes.len()
}

/// The place after the number whose first digit is at `at`.
fn number_end(bytes: &[u8], at: usize) -> usize {
    at + bytes[at..].iter().take_while(|b| matches!(b, b'0'..=b'9' | b'.' | b'e' | b'E' | b'+' | b'-')).count()
}

/// Only a number with an exponent, or a very long one, can be beyond a float: the others are not even parsed.
fn is_finite(number: &str) -> bool {
    let small = number.len() < 300 && !number.contains(['e', 'E']);
    small || number.parse::<f64>().is_ok_and(f64::is_finite)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;
    use serde_json::Value;

    use super::*;

    #[test]
    fn depth_is_counted_outside_strings_only() {
        let nested = |levels: usize| format!("{}{}", "[".repeat(levels), "]".repeat(levels));
        assert_eq!(check(&nested(64), 64), Ok(()));
        assert_eq!(check(&nested(65), 64), Err(ShapeError::TooDeep { limit: 64 }));
        assert_eq!(check(r#"["[[[[\"[[[["]"#, 1), Ok(()));
        assert_eq!(check("[[],[],[]]", 2), Ok(()));
    }

    #[test]
    fn numbers_beyond_a_float_are_refused_and_text_is_not() {
        for fine in ["1e308", "-1.5E-400", "123456789012345678901234567890", "[true,false,null]", r#""1e999""#] {
            assert_eq!(check(fine, 8), Ok(()), "{fine}");
        }
        for huge in ["1e309".to_owned(), "[-1E+999]".to_owned(), "9".repeat(400)] {
            assert_eq!(check(&huge, 8), Err(ShapeError::NumberOutOfRange), "{huge}");
        }
    }

    fn json() -> impl Strategy<Value = Value> {
        let leaf = prop_oneof![
            Just(Value::Null),
            any::<bool>().prop_map(Value::from),
            any::<i64>().prop_map(Value::from),
            ".*".prop_map(Value::from),
        ];
        leaf.prop_recursive(4, 32, 6, |inner| {
            prop_oneof![
                prop::collection::vec(inner.clone(), 0..6).prop_map(Value::from),
                prop::collection::btree_map(".*", inner, 0..6).prop_map(|map| map.into_iter().collect()),
            ]
        })
    }

    proptest! {
        #[test]
        fn compacting_undoes_pretty_printing(value in json()) {
            let pretty = serde_json::to_string_pretty(&value).unwrap();
            prop_assert_eq!(compact(&pretty), serde_json::to_string(&value).unwrap());
        }
    }
}
