//! Where schedules are: the index, and the config file for those that no tick has stored yet.

use domain::limits::FIRE_TIMES_SHOWN;
use domain::schedule::statements::{put, show};
use domain::schedule::{Precondition, ScheduleName, ScheduleRow};
use domain::statement::Statement;
use domain::time::Timestamp;
use platform::{Database, Problem};
use worker::{Env, Request, Response};

use crate::acceptance::Acceptance;
use crate::routes::json;
use crate::schedules::config_schedule;

pub(super) struct Shelf<'e> {
    pub(super) env: &'e Env,
    pub(super) database: Database,
    pub(super) acceptance: Acceptance<'static>,
    pub(super) now: Timestamp,
}

impl<'e> Shelf<'e> {
    pub(super) fn open(env: &'e Env) -> Result<Self, Problem> {
        let acceptance = Acceptance::of(platform::settings(env)?);
        Ok(Self { env, database: Database::new(env)?, acceptance, now: platform::now() })
    }

    /// The schedule `name`.
    pub(super) async fn find(&self, name: &ScheduleName) -> Result<ScheduleRow, Problem> {
        if let Some(row) = self.database.run(&show(name)).await?.first() {
            return read(row);
        }
        let rules = self.acceptance.rules(self.now, None);
        let Some((definition, _)) = config_schedule(self.env, name, &rules)? else { return Err(unknown()) };
        Ok(ScheduleRow::of_config(name.as_str(), definition, self.now))
    }

    /// Stores the schedule `name` of the config file, if there is one and no tick has yet: what changes it needs its row.
    pub(super) fn store_config(&self, name: &ScheduleName) -> Result<Option<Statement>, Problem> {
        let rules = self.acceptance.rules(self.now, None);
        let Some((definition, hash)) = config_schedule(self.env, name, &rules)? else { return Ok(None) };
        let next = definition.timing.calendar().ok().and_then(|calendar| calendar.next(self.now));
        Ok(Some(put(name, &definition, next, self.now, Some(hash), Precondition::Absent)))
    }

    /// A schedule as an answer.
    pub(super) fn answer(&self, status: u16, row: &ScheduleRow) -> Result<Response, Problem> {
        let mut response = json(status, &row.view(self.now, FIRE_TIMES_SHOWN))?;
        response.headers_mut().set("etag", &row.etag())?;
        Ok(response)
    }
}

pub(super) fn read(row: &str) -> Result<ScheduleRow, Problem> {
    Ok(serde_json::from_str(row).map_err(worker::Error::from)?)
}

pub(super) fn unknown() -> Problem {
    Problem::NotFound("there is no such schedule".to_owned())
}

/// What `If-Match` and `If-None-Match` say.
pub(super) fn precondition(request: &Request) -> Result<Precondition, Problem> {
    let (if_match, if_none_match) = (request.headers().get("if-match")?, request.headers().get("if-none-match")?);
    Ok(Precondition::read(if_match.as_deref(), if_none_match.as_deref()))
}

/// Why nothing was changed.
pub(super) fn changed(precondition: Precondition) -> Problem {
    Problem::Precondition(match precondition {
        Precondition::Absent => "there is a schedule of that name".to_owned(),
        _ => "the schedule was changed meanwhile, or is not there: read it again".to_owned(),
    })
}

/// Why the API does not change a schedule of the config file.
pub(super) fn of_config(name: &ScheduleName) -> Problem {
    Problem::Conflict(format!("{name} is in config/schedules.toml: change it there and deploy"))
}
