//! A schedule as it is saved.

use serde::{Deserialize, Serialize};
use serde_json::value::RawValue;

use super::{CatchUp, Overlap, ScheduleName, Timing};
use crate::calendar::Calendar;
use crate::generators::{Firing, Generator};
use crate::json_body;
use crate::json_fields::optional_object;
use crate::json_shape::compact;
use crate::lane::Lane;
use crate::limits::SCHEDULE_BYTES;
use crate::submission::{Fault, Refusal, Rules};
use crate::time::Timestamp;

/// What a schedule is: when, and what.
#[derive(Clone, Debug)]
pub struct Definition {
    /// When it fires.
    pub timing: Timing,
    /// What it makes then.
    pub work: Work,
    /// Whether it is paused; `None`: as it is, and not if it is new.
    pub paused: Option<bool>,
}

/// What a schedule makes: the part of it that is read when it fires. Stored as JSON.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Work {
    /// The generator of its tasks.
    pub generator: String,
    /// Its input.
    pub input: Box<RawValue>,
    /// The lane that its jobs travel in.
    pub lane: Lane,
}

/// The body of `PUT /v1/schedules/{name}`.
#[derive(Deserialize)]
#[serde(deny_unknown_fields, expecting = "a schedule: an object with cron, generator and input")]
struct Body {
    cron: String,
    #[serde(default)]
    timezone: Option<String>,
    generator: String,
    input: Box<RawValue>,
    #[serde(default)]
    lane: Option<String>,
    #[serde(default)]
    overlap: Option<Overlap>,
    #[serde(default, deserialize_with = "optional_object")]
    catch_up: Option<CatchUp>,
    #[serde(default)]
    jitter_seconds: Option<u32>,
    #[serde(default)]
    pause_after_failures: Option<u32>,
    #[serde(default)]
    paused: Option<bool>,
}

impl Definition {
    /// Reads a body and checks all of it: that the cron fires, and that the generator makes tasks that are accepted here.
    ///
    /// # Errors
    /// Everything that is wrong with it.
    pub fn read(body: &[u8], name: &ScheduleName, rules: &Rules<'_>) -> Result<Self, Refusal> {
        let body: Body = json_body::read(body)?;
        let timing = Timing {
            cron: body.cron,
            timezone: body.timezone.unwrap_or_else(|| "UTC".to_owned()),
            overlap: body.overlap.unwrap_or_default(),
            catch_up: body.catch_up.unwrap_or_default(),
            jitter_seconds: body.jitter_seconds.unwrap_or(0),
            pause_after_failures: body.pause_after_failures,
        };
        let input = compact(body.input.get());
        let calendar = timing.check();
        let example = example(calendar.as_ref().ok(), rules.now);
        let firing = Firing { schedule: name, at: example.0, date: &example.1 };
        let generator = Generator::read(&body.generator, &input, rules);
        let generator = generator.and_then(|generator| generator.check(&firing, rules));
        let mut faults = calendar.err().unwrap_or_default();
        faults.extend(generator.err().unwrap_or_default());
        let lane = body.lane.map_or(Ok(Lane::default()), |lane| lane.parse());
        if let Err(error) = &lane {
            faults.push(Fault::new("lane", error.to_string()));
        }
        if input.len() > SCHEDULE_BYTES {
            faults.push(Fault::new("input", format!("{} bytes; the limit is {SCHEDULE_BYTES}", input.len())));
        }
        let (Ok(lane), true) = (lane, faults.is_empty()) else { return Err(Refusal::Wrong(faults)) };
        let input = RawValue::from_string(input);
        let input = input.map_err(|error| Refusal::Wrong(vec![Fault::new("input", error.to_string())]))?;
        let work = Work { generator: body.generator, input, lane };
        Ok(Self { timing, work, paused: body.paused })
    }
}

/// The next fire time and its date: what the generator is tried with.
fn example(calendar: Option<&Calendar>, now: Timestamp) -> (Timestamp, String) {
    let next = calendar.and_then(|calendar| Some((calendar.next(now)?, calendar)));
    next.map_or_else(|| (now, "2026-01-01".to_owned()), |(at, calendar)| (at, calendar.date(at)))
}
