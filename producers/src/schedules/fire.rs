//! Fires what a tick has taken, and records how each firing ended.

use std::cell::Cell;
use std::time::Duration;

use config::Settings;
use domain::id::JobId;
use domain::ledger::JobState;
use domain::limits::OPEN_CONNECTIONS;
use domain::room::NoRoom;
use domain::schedule::statements::{load, pause_failing, record, settle};
use domain::schedule::{Ending, ScheduleChange, ScheduleName, ScheduleRow, Turn};
use domain::time::Timestamp;
use domain::views::JobView;
use futures_util::stream::{self, StreamExt};
use platform::ledger::{LedgerError, Ledgers};
use platform::{Database, timeout};
use worker::{Delay, Env, Error};

use super::make::Maker;

/// A firing that is this tick's.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Taken {
    /// Its schedule.
    pub(crate) schedule: ScheduleName,
    /// Whether it was asked for afterwards.
    pub(crate) backfill: bool,
    /// Its fire time.
    pub(crate) at: Timestamp,
    /// Whether it may have been fired before, by who did not come to record it.
    pub(crate) again: bool,
    /// The job that it makes, where a request's key names it.
    pub(crate) keyed: Option<JobId>,
}

impl Taken {
    /// The job that it makes: whoever fires it, and however often, makes this one.
    pub(crate) fn job(&self) -> JobId {
        self.keyed.unwrap_or_else(|| JobId::of_firing(&self.schedule, self.at))
    }

    /// Whether somebody asked for it, afterwards or by hand: fire times are whole minutes. Then it waits for no other job, is
    /// not put off, and fires though its schedule is paused.
    pub(crate) fn is_asked_for(&self) -> bool {
        self.backfill || !self.at.as_millis().is_multiple_of(60_000)
    }
}

/// How a firing ended.
pub(crate) struct Ended {
    taken: Taken,
    pub(crate) ending: Ending,
}

/// Schedules whose inputs are in memory at once.
const PORTION: usize = 50;
/// What has ended is recorded together, unless nothing else ends for this long.
const QUIET: Duration = Duration::from_secs(1);
/// Schedules that may ask a URL at once, or wait to ask again.
const ASKING: usize = 64;

/// After so long requests get their turn: the local runtime has one thread, and looks for what comes from outside only when
/// nothing is left to do inside.
const BREATH: Duration = Duration::from_millis(100);

/// Fires.
pub(crate) struct Firer<'e> {
    env: &'e Env,
    database: &'e Database,
    maker: Maker<'e>,
    /// The time of the tick.
    at: Timestamp,
    breathed: Cell<Timestamp>,
}

impl<'e> Firer<'e> {
    pub(crate) fn new(env: &'e Env, settings: &'e Settings, database: &'e Database, at: Timestamp) -> Self {
        Self { env, database, maker: Maker::new(env, settings), at, breathed: Cell::new(platform::now()) }
    }

    /// Fires all of `taken`, the firings of each schedule in order. Those that ask nobody go first, then those that ask a URL,
    /// the ones that have failed last: no generator keeps another schedule waiting that works.
    pub(crate) async fn fire(&self, taken: Vec<Taken>) {
        let (mut asking, mut failing) = (Vec::new(), Vec::new());
        for portion in by_schedule(taken).chunks(PORTION) {
            let names: Vec<&str> = portion.iter().map(|group| group[0].schedule.as_str()).collect();
            let rows = match self.load(&names).await {
                Ok(rows) => rows,
                Err(error) => {
                    tracing::error!(%error, "schedules could not be read; their firings wait until they are taken again");
                    continue;
                }
            };
            let mut local = Vec::new();
            for row in rows {
                let Some(group) = portion.iter().find(|group| group[0].schedule.as_str() == row.name) else { continue };
                let groups = match (row.generator == "http", row.failures) {
                    (false, _) => &mut local,
                    (true, 0) => &mut asking,
                    (true, _) => &mut failing,
                };
                groups.push((row, group.clone()));
            }
            self.fire_groups(local, OPEN_CONNECTIONS).await;
        }
        asking.append(&mut failing);
        self.fire_groups(asking, ASKING).await;
    }

    /// Fires schedules side by side, and records what has ended meanwhile together.
    async fn fire_groups(&self, groups: Vec<(ScheduleRow, Vec<Taken>)>, at_once: usize) {
        let fired = stream::iter(groups).map(|(row, group)| self.fire_schedule(row, group));
        let mut fired = fired.buffer_unordered(at_once);
        let mut ended = Vec::new();
        loop {
            let is_quiet = match timeout(QUIET, fired.next()).await {
                Ok(Some(group)) => {
                    ended.push(group);
                    false
                }
                Ok(None) => break,
                Err(_) => true,
            };
            // What has ended does not wait for a generator that is slow.
            if ended.len() >= PORTION || (is_quiet && !ended.is_empty()) {
                self.record(std::mem::take(&mut ended)).await;
            }
        }
        self.record(ended).await;
    }

    /// Fires one firing whatever its schedule's last job does, and records it; `None` if its schedule is gone.
    pub(crate) async fn fire_now(&self, taken: Taken) -> worker::Result<Option<Result<Ending, NoRoom>>> {
        let rows = self.load(&[taken.schedule.as_str()]).await?;
        let Some(row) = rows.into_iter().next() else { return Ok(None) };
        let ending = match self.maker.make_now(&row, &taken, self.at).await {
            Ok(ending) => ending,
            Err(no_room) => return Ok(Some(Err(no_room))),
        };
        let ended = Ended { taken, ending: ending.clone() };
        // The job is made, recorded or not: who is told otherwise asks for a second one.
        self.record(vec![vec![ended]]).await;
        Ok(Some(Ok(ending)))
    }

    async fn load(&self, names: &[&str]) -> worker::Result<Vec<ScheduleRow>> {
        let rows = self.database.run(&load(names)).await?;
        let read = rows.iter().filter_map(|row| match serde_json::from_str(row) {
            Ok(row) => Some(row),
            Err(error) => {
                tracing::error!(%error, "a schedule cannot be read, and does not fire");
                None
            }
        });
        Ok(read.collect())
    }

    async fn fire_schedule(&self, mut row: ScheduleRow, group: Vec<Taken>) -> Vec<Ended> {
        let mut ended = Vec::new();
        let is_another = |at: &u64| !group.iter().any(|taken| taken.at.as_millis() == *at);
        // One that is older than all of this tick is another's, who is at work on it still.
        row.at_work = row.at_work.filter(|at| group.iter().all(|taken| taken.backfill || *at < taken.at.as_millis()));
        let mut is_one_waiting = row.waiting.is_some_and(|at| is_another(&at));
        for taken in group {
            let ending = self.fire_in_turn(&row, &taken, is_one_waiting).await;
            is_one_waiting |= ending == Ending::Waits;
            if let (Ending::Fired(job), false) = (&ending, taken.backfill) {
                row.last_job = Some(*job);
            }
            ended.push(Ended { taken, ending });
        }
        ended
    }

    async fn fire_in_turn(&self, row: &ScheduleRow, taken: &Taken, is_one_waiting: bool) -> Ending {
        self.breathe().await;
        if !self.maker.has_time() {
            return Ending::Waits;
        }
        let asked = match self.ask(row, taken, is_one_waiting).await {
            Ok(asked) => asked,
            Err(error) => {
                tracing::warn!(schedule = row.name, %error, "what became of a job is not known; a later tick asks again");
                return Ending::Waits;
            }
        };
        match asked {
            Some(ending) => ending,
            None => self.maker.make(row, taken, self.at).await,
        }
    }

    /// How a firing ends that makes no job now; `None` if it is to make one.
    async fn ask(&self, row: &ScheduleRow, taken: &Taken, is_one_waiting: bool) -> Result<Option<Ending>, LedgerError> {
        // A generator that is asked again may answer otherwise: the job that is there counts.
        let job = taken.job();
        if taken.again && self.state(job).await?.is_some() {
            return Ok(Some(Ending::Fired(job)));
        }
        if taken.is_asked_for() {
            return Ok(None);
        }
        if row.paused.is_some() {
            return Ok(Some(Ending::Skipped("paused".to_owned())));
        }
        if !row.timing.overlap.asks() {
            return Ok(None);
        }
        let before = self.before(row).await?;
        Ok(match (row.timing.overlap.turn(before.is_some(), is_one_waiting), before) {
            (Turn::Skip, Some(before)) => Some(Ending::Skipped(format!("the {before}"))),
            (Turn::Wait, _) => Some(Ending::Waits),
            _ => None,
        })
    }

    /// What of the schedule is not done, in words: a firing that another tick is at work on, or the last job.
    async fn before(&self, row: &ScheduleRow) -> Result<Option<String>, LedgerError> {
        if let Some(at) = row.at_work {
            return Ok(Some(format!("firing before is not done: {}", Timestamp::from_millis(at))));
        }
        let Some(job) = row.last_job else { return Ok(None) };
        let state = self.state(job).await?;
        let is_running = matches!(state, Some(JobState::Open | JobState::Running));
        Ok(is_running.then(|| format!("job before is not done: {job}")))
    }

    /// Lets others have their turn, if they had none for a while. All firings of a tick come to wait here, or none.
    async fn breathe(&self) {
        if platform::now().since(self.breathed.get()) > BREATH {
            Delay::from(Duration::from_millis(1)).await;
            self.breathed.set(platform::now());
        }
    }

    /// The state of a job; `None` if it was never made, or is deleted.
    async fn state(&self, job: JobId) -> Result<Option<JobState>, LedgerError> {
        let ledgers = Ledgers::new(self.env).map_err(|error| Error::RustError(error.to_string()))?;
        let text = match ledgers.read(job, "job").await {
            Ok(mut answer) => answer.text().await?,
            Err(LedgerError::Unknown) => return Ok(None),
            Err(error) => return Err(error),
        };
        let view: JobView = serde_json::from_str(&text).map_err(Error::from)?;
        Ok(Some(view.state))
    }

    /// Records how firings ended. What cannot be recorded is taken again when its lease is over, and makes the same job.
    async fn record(&self, ended: Vec<Vec<Ended>>) {
        if let Err(error) = self.try_record(&ended).await {
            tracing::error!(%error, schedules = ended.len(), "not recorded; they will be fired again, to the same jobs");
        }
    }

    /// The same for the firings of some schedules, each in order.
    async fn try_record(&self, ended: &[Vec<Ended>]) -> worker::Result<()> {
        if ended.is_empty() {
            return Ok(());
        }
        let now = platform::now();
        let endings = ended.iter().flatten().map(|ended| (&ended.taken.schedule, ended.taken.at, &ended.ending));
        let mut statements = vec![record(endings, self.at, now)];
        let mut changes = Vec::new();
        for group in ended {
            let then = |change: ScheduleChange, ended: &Ended| {
                change.then(&ended.ending, ended.taken.at, ended.taken.backfill)
            };
            let change = group.iter().fold(ScheduleChange::default(), then);
            if let (Some(first), true) = (group.first(), change != ScheduleChange::default()) {
                changes.push((&first.taken.schedule, change));
            }
        }
        if !changes.is_empty() {
            let names: Vec<&str> = changes.iter().map(|(name, _)| name.as_str()).collect();
            statements.extend([settle(&changes), pause_failing(&names, now)]);
        }
        let answers = self.database.transact(&statements).await?;
        for schedule in answers.get(2).into_iter().flatten() {
            tracing::warn!(schedule, "paused: it has failed too often in a row");
        }
        Ok(())
    }
}

/// The firings of each schedule, in order.
fn by_schedule(mut taken: Vec<Taken>) -> Vec<Vec<Taken>> {
    taken.sort_unstable();
    taken.chunk_by(|one, other| one.schedule == other.schedule).map(<[Taken]>::to_vec).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn firings_of_a_schedule_are_together_and_in_order_its_backfills_last() {
        let taken = |name: &str, minute: u64, backfill| Taken {
            schedule: name.parse().unwrap(),
            at: Timestamp::from_millis(minute * 60_000),
            backfill,
            again: false,
            keyed: None,
        };
        let groups =
            by_schedule(vec![taken("b", 2, false), taken("a", 1, false), taken("b", 0, true), taken("b", 1, false)]);
        let minutes = |group: &Vec<Taken>| group.iter().map(|taken| taken.at.as_millis() / 60_000).collect::<Vec<_>>();
        assert_eq!(groups.iter().map(minutes).collect::<Vec<_>>(), [vec![1], vec![1, 2, 0]]);
    }
}
