//! Placeholders: `{{name}}` in a text, filled in when a schedule fires. Items are JSON texts, as they were written.

use std::borrow::Cow;

use super::Firing;
use crate::json_fields::Fields;
use crate::limits::TASK_BYTES;

/// What a placeholder stands for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Placeholder {
    /// `{{item}}`, or a field of it: `{{item.address.city}}`.
    Item(Vec<String>),
    /// `{{index}}`: its place, from 0.
    Index,
    /// `{{fire_time}}`: RFC 3339, UTC.
    FireTime,
    /// `{{date}}`: that of the fire time in the schedule's time zone, `YYYY-MM-DD`.
    Date,
    /// `{{schedule}}`: its name.
    Schedule,
}

/// A text is cut at its placeholders.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Piece {
    /// Of the text, as it is.
    Text(String),
    /// To be filled in.
    Filled(Placeholder),
}

/// What placeholders are filled with.
pub(super) struct Fill<'a> {
    pub(super) firing: &'a Firing<'a>,
    /// The item, as JSON, and its place; `None` where there are no items.
    pub(super) item: Option<(&'a str, u64)>,
}

/// Cuts `text` at its placeholders.
pub(super) fn cut(text: &str) -> Result<Vec<Piece>, String> {
    let mut pieces = Vec::new();
    let mut rest = text;
    while let Some((before, after)) = rest.split_once("{{") {
        let Some((name, behind)) = after.split_once("}}") else {
            return Err("{{ without }}".to_owned());
        };
        if !before.is_empty() {
            pieces.push(Piece::Text(before.to_owned()));
        }
        pieces.push(Piece::Filled(Placeholder::read(name.trim())?));
        rest = behind;
    }
    if !rest.is_empty() {
        pieces.push(Piece::Text(rest.to_owned()));
    }
    Ok(pieces)
}

impl Placeholder {
    fn read(name: &str) -> Result<Self, String> {
        match name {
            "item" => Ok(Self::Item(Vec::new())),
            "index" => Ok(Self::Index),
            "fire_time" => Ok(Self::FireTime),
            "date" => Ok(Self::Date),
            "schedule" => Ok(Self::Schedule),
            _ => match name.strip_prefix("item.") {
                Some(path) if path.split('.').all(|field| !field.is_empty()) => {
                    Ok(Self::Item(path.split('.').map(str::to_owned).collect()))
                }
                _ => Err(format!(
                    "unknown placeholder {{{{{name}}}}}; known: item, item.<field>, index, fire_time, date, schedule"
                )),
            },
        }
    }

    /// What it stands for, as JSON.
    pub(super) fn json<'a>(&self, fill: &Fill<'a>) -> Result<Cow<'a, str>, String> {
        // Times, dates and names have nothing that JSON would escape.
        Ok(match self {
            Self::Item(path) => {
                let (mut json, _) = fill.item.ok_or("{{item}} needs items or a range")?;
                for field in path {
                    let found = Fields::read(json).and_then(|fields| fields.last(field));
                    json = found.ok_or_else(|| format!("an item has no field {}", path.join(".")))?;
                }
                json.into()
            }
            Self::Index => fill.item.map_or(0, |(_, index)| index).to_string().into(),
            Self::FireTime => format!("\"{}\"", fill.firing.at).into(),
            Self::Date => format!("\"{}\"", fill.firing.date).into(),
            Self::Schedule => format!("\"{}\"", fill.firing.schedule).into(),
        })
    }
}

/// The text with its placeholders filled in: no longer than a task may be, since a few placeholders for one long item make
/// many times what the schedule has.
pub(super) fn fill(pieces: &[Piece], with: &Fill<'_>) -> Result<String, String> {
    let mut text = String::new();
    for piece in pieces {
        match piece {
            Piece::Text(piece) => text.push_str(piece),
            Piece::Filled(placeholder) => {
                let json = placeholder.json(with)?;
                match json.as_bytes().first() {
                    Some(b'"') => {
                        let value: String = serde_json::from_str(&json).map_err(|error| error.to_string())?;
                        text.push_str(&value);
                    }
                    Some(b'{' | b'[' | b'n') => {
                        return Err("within a text only texts, numbers, true and false can be filled in".to_owned());
                    }
                    _ => text.push_str(&json),
                }
            }
        }
        if text.len() > TASK_BYTES {
            return Err(too_long());
        }
    }
    Ok(text)
}

/// Why a text, or a whole task, is not filled in any further.
pub(super) fn too_long() -> String {
    format!("filled in, it has more than {TASK_BYTES} bytes: a task may not be longer")
}
