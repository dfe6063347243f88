//! Reads `config/schedules.toml` and holds it against the rules of an environment.

use std::collections::BTreeMap;

use domain::kinds::Kind;
use domain::schedule::{Definition, ScheduleName};
use domain::submission::{Refusal, Rules};
use domain::time::Timestamp;

use super::settings::Settings;

/// A schedule with what its table says about where it applies.
#[derive(Clone, Debug, serde::Deserialize)]
pub struct Table {
    #[serde(default)]
    environments: Option<Vec<String>>,
    #[serde(flatten)]
    fields: BTreeMap<String, toml::Value>,
}

/// Generators are tried with the fire time after this; which one does not matter.
const TRIED_AT: Timestamp = Timestamp::from_millis(1_767_225_600_000);

/// The schedules of `environment`, each with its body as JSON, by name.
///
/// # Errors
/// Everything that is wrong with them.
pub fn check_schedules(
    toml: &str,
    environment: &str,
    settings: &Settings,
) -> Result<Vec<(String, String)>, Vec<String>> {
    let tables: BTreeMap<String, Table> = toml::from_str(toml).map_err(|error| vec![error.to_string()])?;
    let (mut schedules, mut errors) = (Vec::new(), Vec::new());
    for (name, table) in tables {
        let environments = table.environments.as_deref().unwrap_or_default();
        if let Some(unknown) =
            environments.iter().find(|known| !["development", "production"].contains(&known.as_str()))
        {
            errors.push(format!("{name}: environments: {unknown:?} is neither \"development\" nor \"production\""));
        }
        if table.environments.is_some() && !environments.iter().any(|known| known == environment) {
            continue;
        }
        let checked = body(&table.fields).and_then(|body| check(&name, &body, settings).map(|()| body));
        match checked {
            Ok(body) => schedules.push((name, body)),
            Err(faults) => errors.extend(faults.iter().map(|fault| format!("{name}: {fault}"))),
        }
    }
    if errors.is_empty() { Ok(schedules) } else { Err(errors) }
}

fn body(fields: &BTreeMap<String, toml::Value>) -> Result<String, Vec<String>> {
    if let Some(path) = fields.iter().find_map(|(name, value)| Some(format!("{name}{}", date(value)?))) {
        return Err(vec![format!("{path}: write times as texts, in quotes")]);
    }
    serde_json::to_string(fields).map_err(|error| vec![error.to_string()])
}

/// The path below `value` of a TOML date, which JSON does not have.
fn date(value: &toml::Value) -> Option<String> {
    match value {
        toml::Value::Datetime(_) => Some(String::new()),
        toml::Value::Array(values) => values.iter().find_map(date),
        toml::Value::Table(fields) => fields.iter().find_map(|(name, value)| Some(format!(".{name}{}", date(value)?))),
        _ => None,
    }
}

fn check(name: &str, body: &str, settings: &Settings) -> Result<(), Vec<String>> {
    let name: ScheduleName = name.parse().map_err(|error: domain::schedule::UnreadableName| vec![error.to_string()])?;
    let kinds: Vec<Kind> = settings.kinds.keys().copied().collect();
    let cap = |kind: Kind| settings.kinds.get(&kind).map_or(1, |found| found.pack_tasks);
    let rules = Rules { now: TRIED_AT, start: None, kinds: &kinds, hosts: &settings.hosts, cap: &cap };
    let faults = match Definition::read(body.as_bytes(), &name, &rules) {
        Ok(_) => return Ok(()),
        Err(Refusal::Unreadable(faults) | Refusal::Wrong(faults)) => faults,
    };
    Err(faults.iter().map(|fault| format!("{}: {}", fault.field, fault.detail)).collect())
}
