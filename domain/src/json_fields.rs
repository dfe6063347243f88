//! The fields of a JSON object as they were written.

use std::borrow::Cow;
use std::fmt;

use serde::de::{DeserializeOwned, Error, MapAccess, Visitor};
use serde::{Deserialize, Deserializer};
use serde_json::value::RawValue;

use crate::json_shape::is_object;

/// The fields of an object in order, their values as text.
#[derive(Default)]
pub(crate) struct Fields<'j>(pub(crate) Vec<(Cow<'j, str>, &'j RawValue)>);

impl<'j> Fields<'j> {
    /// `None` if `json` is no object.
    pub(crate) fn read(json: &'j str) -> Option<Self> {
        is_object(json).then(|| serde_json::from_str(json).ok()).flatten()
    }

    /// The value of `name`: the last one counts, as everywhere.
    pub(crate) fn last(&self, name: &str) -> Option<&'j str> {
        self.0.iter().rfind(|(other, _)| other == name).map(|(_, value)| value.get())
    }
}

impl<'de> Deserialize<'de> for Fields<'de> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_map(FieldsVisitor)
    }
}

struct FieldsVisitor;

impl<'de> Visitor<'de> for FieldsVisitor {
    type Value = Fields<'de>;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("an object")
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Self::Value, A::Error> {
        #[derive(Deserialize)]
        struct Name<'n>(#[serde(borrow)] Cow<'n, str>);
        let mut fields = Vec::new();
        while let Some((Name(name), value)) = map.next_entry()? {
            fields.push((name, value));
        }
        Ok(Fields(fields))
    }
}

/// Reads an object, and nothing else: serde would fill a struct from an array too, by the order of its fields.
pub(crate) fn object<'de, T: DeserializeOwned, D: Deserializer<'de>>(deserializer: D) -> Result<T, D::Error> {
    let json: Box<RawValue> = Deserialize::deserialize(deserializer)?;
    if !is_object(json.get()) {
        return Err(D::Error::custom("not an object"));
    }
    let place = |error: serde_json::Error| {
        let text = error.to_string();
        let text = text.split(" at line 1 column ").next().unwrap_or_default();
        // Said of the object, not of what it is in.
        D::Error::custom(text.replace("missing field", "it lacks the field"))
    };
    serde_json::from_str(json.get()).map_err(place)
}

/// The same for one that may be missing, or null.
pub(crate) fn optional_object<'de, T: DeserializeOwned, D: Deserializer<'de>>(
    deserializer: D,
) -> Result<Option<T>, D::Error> {
    #[derive(Deserialize)]
    #[serde(bound = "T: DeserializeOwned")]
    struct Object<T>(#[serde(deserialize_with = "object")] T);
    Ok(Option::<Object<T>>::deserialize(deserializer)?.map(|Object(value)| value))
}
