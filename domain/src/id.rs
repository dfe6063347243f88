//! Ids of jobs, tasks, replays, packs and claims.

use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Deserializer, Serialize, Serializer, de};
use sha2::{Digest, Sha256};
use uuid::Uuid;

use crate::schedule::ScheduleName;
use crate::time::Timestamp;

/// A job: 32 lower-case hexadecimal digits. Random ones (UUID v7) sort by creation time.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct JobId(Uuid);

impl JobId {
    /// A new id from the time and 80 random bits.
    pub fn random(now: Timestamp, random: [u8; 10]) -> Self {
        Self(uuid::Builder::from_unix_timestamp_millis(now.as_millis(), &random).into_uuid())
    }

    /// The id that an idempotency key stands for: the same API key and idempotency key give the same job,
    /// so that the job itself is the memory of the request.
    pub fn keyed(api_key: &str, idempotency_key: &str) -> Self {
        Self(named(&[api_key, idempotency_key]))
    }

    /// The job of a firing: whoever fires it, and however often, makes this one.
    pub fn of_firing(schedule: &ScheduleName, at: Timestamp) -> Self {
        Self(named(&[&format!("{schedule}@{at}"), "schedule", "firing"]))
    }

    /// The job of a run that a request with this key asked for: however often it is asked for, it is this one.
    pub fn of_run(schedule: &ScheduleName, api_key: &str, idempotency_key: &str) -> Self {
        Self(named(&[schedule.as_str(), api_key, idempotency_key, "run of a schedule"]))
    }

    /// The job of a replay's stage, the first being 0: a replay that begins it again finds the one it began. The key of a
    /// replay that is long deleted may name another one: that began at another time.
    pub fn of_stage(replay: ReplayId, began: Timestamp, stage: usize) -> Self {
        let began = began.as_millis().to_string();
        Self(named(&[&replay.to_string(), &began, &stage.to_string(), "stage of a replay"]))
    }
}

/// A replay: 32 lower-case hexadecimal digits. Random ones (UUID v7) sort by creation time.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct ReplayId(Uuid);

impl ReplayId {
    /// A new id from the time and 80 random bits.
    pub fn random(now: Timestamp, random: [u8; 10]) -> Self {
        Self(uuid::Builder::from_unix_timestamp_millis(now.as_millis(), &random).into_uuid())
    }

    /// The id that an idempotency key stands for, as that of [`JobId::keyed`].
    pub fn keyed(api_key: &str, idempotency_key: &str) -> Self {
        Self(named(&[api_key, idempotency_key, "replay"]))
    }
}

/// The id that `names` stand for. All but the last are preceded by their length, so that no two lists of as many names
/// read the same.
fn named(names: &[&str]) -> Uuid {
    let mut hash = Sha256::new();
    for (at, name) in names.iter().enumerate() {
        if at + 1 < names.len() {
            hash.update((name.len() as u64).to_be_bytes());
        }
        hash.update(name);
    }
    let digest = hash.finalize();
    let mut bytes = [0; 16];
    bytes.copy_from_slice(&digest[..16]);
    uuid::Builder::from_custom_bytes(bytes).into_uuid()
}

macro_rules! hexadecimal {
    ($id:ty) => {
        impl fmt::Display for $id {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                self.0.simple().fmt(f)
            }
        }

        impl FromStr for $id {
            type Err = UnreadableId;

            fn from_str(text: &str) -> Result<Self, UnreadableId> {
                let plain = text.len() == 32 && text.bytes().all(|b| matches!(b, b'0'..=b'9' | b'a'..=b'f'));
                if !plain {
                    return Err(UnreadableId);
                }
                Uuid::try_parse(text).map(Self).map_err(|_| UnreadableId)
            }
        }
    };
}
hexadecimal!(JobId);
hexadecimal!(ReplayId);

/// A task: `<job>-<index>`, the index counted from 0 in order of submission.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct TaskId {
    /// The job that the task belongs to.
    pub job: JobId,
    /// Its place in the job.
    pub index: u32,
}

impl fmt::Display for TaskId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}-{}", self.job, self.index)
    }
}

impl FromStr for TaskId {
    type Err = UnreadableId;

    fn from_str(text: &str) -> Result<Self, UnreadableId> {
        let (job, index) = text.split_once('-').ok_or(UnreadableId)?;
        let canonical = index == "0" || !index.starts_with(['0', '+']);
        match index.parse() {
            Ok(index) if canonical => Ok(Self { job: job.parse()?, index }),
            _ => Err(UnreadableId),
        }
    }
}

/// Text that is not an id of the asked-for sort.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("not an id: a job or a replay is 32 lower-case hexadecimal digits, a task is <job>-<index>")]
pub struct UnreadableId;

macro_rules! text_serde {
    ($id:ty) => {
        impl Serialize for $id {
            fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
                serializer.collect_str(self)
            }
        }
        impl<'de> Deserialize<'de> for $id {
            fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
                let text = std::borrow::Cow::<'de, str>::deserialize(deserializer)?;
                text.parse().map_err(de::Error::custom)
            }
        }
    };
}
text_serde!(JobId);
text_serde!(ReplayId);
text_serde!(TaskId);

macro_rules! number_id {
    ($(#[$doc:meta])* $name:ident) => {
        $(#[$doc])*
        #[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
        #[serde(transparent)]
        pub struct $name(pub u32);

        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                self.0.fmt(f)
            }
        }
    };
}
number_id!(
    /// A pack, numbered within its job in order of birth.
    PackId
);
number_id!(
    /// An appended run of tasks as first stored: what a pack's payloads are read from.
    ChunkId
);
number_id!(
    /// A pack of dead letters, numbered within its job in order of birth.
    LetterPackId
);
number_id!(
    /// A claim, numbered within its pack; the first is 1.
    ClaimNumber
);

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn random_ids_sort_by_time() {
        let early = JobId::random(Timestamp::from_millis(1_000), [0xff; 10]);
        let late = JobId::random(Timestamp::from_millis(2_000), [0; 10]);
        assert!(early.to_string() < late.to_string());
    }

    #[test]
    fn a_key_always_names_the_same_job_and_no_other_pair_does() {
        assert_eq!(JobId::keyed("ops", "a"), JobId::keyed("ops", "a"));
        assert_ne!(JobId::keyed("ops", "a"), JobId::keyed("op", "sa"));
        assert_ne!(JobId::keyed("ops", "a"), JobId::keyed("ops", "b"));
    }

    #[test]
    fn a_stage_always_names_the_same_job_and_no_key_names_that() {
        let replay = ReplayId::keyed("ops", "a");
        let at = Timestamp::from_millis(7);
        assert_eq!(JobId::of_stage(replay, at, 1), JobId::of_stage(replay, at, 1));
        assert_ne!(JobId::of_stage(replay, at, 1), JobId::of_stage(replay, at, 2));
        assert_ne!(JobId::of_stage(replay, at, 1), JobId::of_stage(replay, Timestamp::from_millis(8), 1));
        let text = replay.to_string();
        for (key, name) in [(&*text, "1"), (&*text, "1stage of a replay"), ("", &*text)] {
            assert_ne!(JobId::of_stage(replay, at, 1), JobId::keyed(key, name));
        }
        assert_ne!(replay.to_string(), JobId::keyed("ops", "a").to_string());
    }

    #[test]
    fn a_firing_always_names_the_same_job() {
        let (name, at) = ("nightly".parse().unwrap(), Timestamp::from_millis(1_800_000_000_000));
        assert_eq!(JobId::of_firing(&name, at), JobId::of_firing(&name, at));
        assert_ne!(JobId::of_firing(&name, at), JobId::of_firing(&"nightly2".parse().unwrap(), at));
        assert_ne!(JobId::of_firing(&name, at), JobId::of_firing(&name, Timestamp::from_millis(1_800_000_060_000)));
        // Those of jobs that were made must be found by later releases.
        assert_eq!(JobId::of_firing(&name, at).to_string(), "526e06e951b682fe87473141e11d4007");
    }

    #[test]
    fn a_run_with_a_key_always_names_the_same_job_and_nothing_else_does() {
        let (name, other) = ("nightly".parse().unwrap(), "nightly2".parse().unwrap());
        let job = JobId::of_run(&name, "ops", "a");
        assert_eq!(job, JobId::of_run(&name, "ops", "a"));
        for another in [
            JobId::of_run(&name, "ops", "b"),
            JobId::of_run(&name, "op", "sa"),
            JobId::of_run(&other, "ops", "a"),
            JobId::keyed("ops", "a"),
        ] {
            assert_ne!(job, another);
        }
    }

    #[test]
    fn the_job_of_a_key_is_what_it_was_in_the_first_release() {
        assert_eq!(JobId::keyed("ops", "a").to_string(), "ba3cc802cf758455bb18a09d510a50fb");
    }

    #[test]
    fn a_task_id_has_one_spelling() {
        let job = "00000000000070008000000000000000";
        let task: TaskId = format!("{job}-42").parse().unwrap();
        assert_eq!(task.to_string(), format!("{job}-42"));
        for text in ["", "-1", "x-1", "007-1"] {
            assert_eq!(text.parse::<TaskId>(), Err(UnreadableId), "{text}");
        }
        for index in ["", "-1", "+1", "01", "4294967296", "1.0", "callback"] {
            assert_eq!(format!("{job}-{index}").parse::<TaskId>(), Err(UnreadableId), "{index}");
        }
        assert_eq!(job.to_uppercase().replace('0', "A").parse::<JobId>(), Err(UnreadableId));
    }
}
