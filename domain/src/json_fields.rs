//! The fields of a JSON object as they were written.

use std::borrow::Cow;
use std::fmt;
use std::marker::PhantomData;

use serde::de::{DeserializeOwned, Error, MapAccess, SeqAccess, Visitor};
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

/// Fields that one object may have which is looked at field by field: more than any request or task needs.
const FIELDS: usize = 10_000;

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
            // A body of nothing but fields is many times as large once they are listed.
            if fields.len() >= FIELDS {
                return Err(A::Error::custom(format!("more than {FIELDS} fields")));
            }
            fields.push((name, value));
        }
        Ok(Fields(fields))
    }
}

/// Reads a list of at most `MOST` entries, and not one more.
pub(crate) fn at_most<'de, const MOST: usize, T: Deserialize<'de>, D: Deserializer<'de>>(
    deserializer: D,
) -> Result<Vec<T>, D::Error> {
    struct Entries<const MOST: usize, T>(PhantomData<T>);
    impl<'de, const MOST: usize, T: Deserialize<'de>> Visitor<'de> for Entries<MOST, T> {
        type Value = Vec<T>;

        fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
            f.write_str("a list")
        }

        fn visit_seq<A: SeqAccess<'de>>(self, mut list: A) -> Result<Vec<T>, A::Error> {
            let mut entries = Vec::new();
            while let Some(entry) = list.next_element()? {
                if entries.len() >= MOST {
                    return Err(A::Error::custom(format!("from 1 to {MOST} entries; this has more")));
                }
                entries.push(entry);
            }
            Ok(entries)
        }
    }
    deserializer.deserialize_seq(Entries::<MOST, T>(PhantomData))
}

/// The same for one that may be missing, or null.
pub(crate) fn optional_at_most<'de, const MOST: usize, T: Deserialize<'de>, D: Deserializer<'de>>(
    deserializer: D,
) -> Result<Option<Vec<T>>, D::Error> {
    #[derive(Deserialize)]
    #[serde(bound = "T: Deserialize<'de>")]
    struct List<const MOST: usize, T>(#[serde(deserialize_with = "at_most::<MOST, T, _>")] Vec<T>);
    Ok(Option::<List<MOST, T>>::deserialize(deserializer)?.map(|List(entries)| entries))
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

#[cfg(test)]
mod tests {
    use super::*;

    #[derive(Debug, Deserialize)]
    struct Lists {
        #[serde(default, deserialize_with = "optional_at_most::<3, String, _>")]
        some: Option<Vec<String>>,
        #[serde(default, deserialize_with = "at_most::<2, u32, _>")]
        all: Vec<u32>,
    }

    #[test]
    fn a_list_is_read_up_to_what_it_may_have_and_no_further() {
        let read = |text: &str| serde_json::from_str::<Lists>(text);
        let lists = read(r#"{"some":["a","b","c"],"all":[1,2]}"#).unwrap();
        assert_eq!((lists.some.unwrap().len(), lists.all), (3, vec![1, 2]));
        assert!(read(r#"{"some":null}"#).unwrap().some.is_none());
        // What comes behind the bound is not even looked at.
        let error = read(r#"{"some":["a","b","c","d",nonsense"#).unwrap_err().to_string();
        assert!(error.starts_with("from 1 to 3 entries; this has more"), "{error}");
        assert!(read(r#"{"all":[1,2,3]}"#).is_err() && read(r#"{"all":{}}"#).is_err());
    }

    #[test]
    fn an_object_of_nothing_but_fields_is_not_listed() {
        let object = |fields: usize| format!("{{{}\"z\":1}}", "\"a\":1,".repeat(fields - 1));
        assert!(Fields::read(&object(FIELDS)).is_some());
        assert!(Fields::read(&object(FIELDS + 1)).is_none());
    }
}
