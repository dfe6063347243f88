//! The schedules of the config file: held against what is stored of them, so that a deploy takes effect with its first tick.

use config::ConfigSchedule;
use domain::schedule::statements::{forget_config, put};
use domain::schedule::{Definition, Precondition, ScheduleName};
use domain::statement::Statement;
use domain::submission::Rules;
use domain::time::Timestamp;
use platform::Problem;
use worker::Env;

/// What is to be stored of the file.
pub(crate) struct Changes {
    /// Deletes what is gone.
    pub(crate) gone: Vec<Statement>,
    /// Saves what is new or changed, each with its name. Answers nothing where the API has made one of that name.
    pub(crate) changed: Vec<(&'static str, Statement)>,
}

/// Compares the file with what is stored of it: names, each with the hash of its definition.
pub(crate) fn changes(
    file: &'static [ConfigSchedule],
    stored: &[(String, String)],
    rules: &Rules<'_>,
    at: Timestamp,
) -> Changes {
    let is_gone = |name: &&str| !file.iter().any(|schedule| schedule.name == *name);
    let gone: Vec<&str> = stored.iter().map(|(name, _)| name.as_str()).filter(is_gone).collect();
    let gone = match serde_json::to_string(&gone) {
        Ok(names) if !gone.is_empty() => forget_config(&names).to_vec(),
        _ => Vec::new(),
    };
    let is_stored =
        |known: &ConfigSchedule| stored.iter().any(|(name, hash)| *name == known.name && *hash == known.hash);
    let changed = file.iter().filter(|known| !is_stored(known)).filter_map(|known| {
        // It was read when it was built; only the rules of another environment could refuse it.
        let (name, definition) = read(known, rules)?;
        // The minute of this very tick is the new definition's; what was before the deploy is not, however late the tick.
        let minute = at.max(rules.now).as_millis() / 60_000 * 60_000;
        let before = Timestamp::from_millis(minute.saturating_sub(1));
        let next = definition.timing.calendar().ok().and_then(|calendar| calendar.next(before));
        Some((known.name, put(&name, &definition, next, rules.now, Some(known.hash), Precondition::None)))
    });
    Changes { gone, changed: changed.collect() }
}

fn read(known: &ConfigSchedule, rules: &Rules<'_>) -> Option<(ScheduleName, Definition)> {
    let name: ScheduleName = known.name.parse().ok()?;
    match Definition::read(known.body.as_bytes(), &name, rules) {
        Ok(definition) => Some((name, definition)),
        Err(refusal) => {
            tracing::error!(schedule = known.name, %refusal, "a schedule of the config file is wrong here");
            None
        }
    }
}

/// Whether the config file has a schedule of that name.
pub(crate) fn is_in_config(env: &Env, name: &ScheduleName) -> Result<bool, Problem> {
    let file = platform::environment(env)?.schedules();
    Ok(file.iter().any(|known| known.name == name.as_str()))
}

/// The definition of a schedule of the config file, and its hash.
pub(crate) fn config_schedule(
    env: &Env,
    name: &ScheduleName,
    rules: &Rules<'_>,
) -> Result<Option<(Definition, &'static str)>, Problem> {
    let file = platform::environment(env)?.schedules();
    let known = file.iter().find(|known| known.name == name.as_str());
    Ok(known.and_then(|known| Some((read(known, rules)?.1, known.hash))))
}
