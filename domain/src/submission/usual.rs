//! Reads the lines that most tasks are, several times as fast as serde does.

use super::Rules;
use crate::json_scan::Scan;
use crate::kinds::{Kind, simulate};
use crate::limits::{REF_CHARS, TASK_BYTES, TASK_NESTING};
use crate::packing::PackKey;
use crate::task::TaskFields;

/// Levels that a task has around its payload.
const AROUND: usize = 1;

/// Reads a task that says no more than its kind, a payload and a `ref`. `None` for all others, wrong ones included:
/// [`super::task_input::read`] reads those. What both read, they read alike.
pub(super) fn read<'a>(
    json: &'a str,
    default_kind: Option<Kind>,
    rules: &Rules<'_>,
) -> Option<(PackKey, TaskFields<'a>)> {
    if json.len() > TASK_BYTES {
        return None;
    }
    let (mut named, mut fields, mut checked) = (None, TaskFields::default(), false);
    let mut scan = Scan::new(json);
    scan.object(|name, scan| {
        // A name that comes twice is an error; serde says which.
        match name {
            "kind" if named.is_none() => named = Some(known(scan.plain_string()?, rules)?),
            "payload" if fields.payload.is_none() => {
                checked = named.or(default_kind) == Some(Kind::Simulate);
                let depth = TASK_NESTING - AROUND;
                fields.payload = Some(if checked { simulate::scan(scan, depth)? } else { scan.value(depth)? });
            }
            "ref" if fields.reference.is_none() => fields.reference = Some(scan.quoted()?),
            _ => return None,
        }
        Some(())
    })?;
    let kind = named.or(default_kind)?;
    // The kind may come after the payload, and be another than the request's.
    checked &= kind == Kind::Simulate;
    // Bytes are at least as many as characters.
    let short = fields.reference.is_none_or(|text| text.len() <= REF_CHARS);
    let usual = scan.is_at_end()
        && short
        && (checked || kind.check(fields.payload.unwrap_or("{}"), rules.hosts).is_ok());
    usual.then_some((PackKey { kind, due: rules.start }, fields))
}

fn known(name: &str, rules: &Rules<'_>) -> Option<Kind> {
    rules.kinds.iter().copied().find(|kind| kind.name() == name)
}
