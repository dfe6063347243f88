//! What Workers say to each other and what the ledger stores, as today's release writes it: four Workers never deploy at
//! one instant, and a job outlives a deploy. A new version is added beside the old one, which stays understood.

use std::fmt::Debug;
use std::time::Duration;

use serde::Serialize;
use serde::de::DeserializeOwned;
use serde_json::value::RawValue;

use crate::calls::{
    AppendCall, Claim, ClaimCall, ConfirmCall, Confirmed, Destination, OutgoingMessage, SETTLE_VERSION, SettleCall,
    SettleOneCall, SettleReply, StrandedCall, VERSION,
};
use crate::dead_letter::DeadLetter;
use crate::id::{ChunkId, ClaimNumber, LetterPackId, PackId};
use crate::kinds::Kind;
use crate::lane::Lane;
use crate::ledger::{
    ClaimAnswer, Delivery, Idle, Index, IndexedState, Job, JobState, LetterRecord, PackRecord, Parent, Part, Phase,
    Report, Rest, RetryGroup, SealedBy, Settle, SettlementRecord, Source,
};
use crate::outcome::TaskError;
use crate::outgoing::ChunkHead;
use crate::packing::ChunkEntry;
use crate::replay;
use crate::schedule::{CatchUp, CatchUpPolicy, Overlap, Timing};
use crate::task::{LetterOrigin, TaskFields};
use crate::time::Timestamp;
use crate::triage::{Action, Canary, Filter, NewEntry, ReplayRequest};
use crate::verdict::Reason;
use crate::views::FailedAttempt;

const NOW: Timestamp = Timestamp::from_millis(1_792_000_000_000);

/// A line of a golden file: today's words for `value`, which are understood and come out the same.
fn line<T: Serialize + DeserializeOwned + Debug>(value: &T) -> String {
    let text = serde_json::to_string(value).unwrap();
    let understood: T = serde_json::from_str(&text).unwrap();
    assert_eq!(serde_json::to_string(&understood).unwrap(), text);
    text
}

#[track_caller]
fn check(golden: &str, lines: &[String]) {
    for (golden, line) in golden.lines().zip(lines) {
        assert_eq!(line, golden, "a released version is never changed: add a new one");
    }
    assert_eq!(golden.lines().count(), lines.len());
}

fn report() -> Report {
    let json = |text: &str| RawValue::from_string(text.to_owned()).unwrap();
    Report {
        done: (0..3).collect(),
        outputs: vec![(3, json(r#"{"id":7}"#))],
        retries: vec![RetryGroup { wait: Duration::from_secs(2), tasks: vec![(4, 0)] }],
        dead: vec![(5, Reason::Exhausted, 0)],
        crashed: Vec::new(),
        errors: vec![TaskError::new("http.503", "busy")],
    }
}

fn settle() -> Settle {
    let report = report();
    Settle { pack: PackId(3), claim: ClaimNumber(1), attempt: 1, slice: 0, report, rest: Rest::HandedBack }
}

#[test]
fn calls_of_version_1_are_as_they_were() {
    let job = "0199f0c2a0007abc8def0123456789ab".parse().unwrap();
    let delivery = Delivery { message: "m1".to_owned(), attempts: 2, timeout: Duration::from_secs(30), lane: None };
    let by_lane = Delivery { lane: Some(Lane::Quarantine), ..delivery.clone() };
    let run = ClaimAnswer::Run { claim: ClaimNumber(1), indexes: (0..6).collect(), lease: Duration::from_secs(60) };
    let confirmed = Confirmed { letters: LetterPackId(2), tasks: (5..6).collect(), sent_at: NOW };
    let chunk = ChunkEntry { kind: Kind::Simulate, due: Some(NOW), indexes: (0..6).collect(), bytes: 60 };
    check(
        include_str!("../golden/calls-v1.ndjson"),
        &[
            line(&AppendCall {
                v: VERSION,
                job,
                name: Some("invoices".to_owned()),
                lane: Lane::Bulk,
                source: Source::Api,
                callback: None,
                part: String::new(),
                content: "00ff".to_owned(),
                seal: true,
                joins: false,
                at: None,
                unlisted: false,
                chunks: vec![chunk],
            }),
            line(&ClaimCall { v: VERSION, claims: vec![Claim { pack: PackId(3), delivery, sent_at: NOW }] }),
            line(&run),
            line(&ClaimAnswer::Idle(Idle::Settled)),
            line(&SettleOneCall { v: VERSION, settle: settle() }),
            line(&ConfirmCall { v: VERSION, messages: vec![confirmed] }),
            line(&StrandedCall { v: VERSION, pack: PackId(3) }),
            // Since 0.2.0.
            line(&ClaimCall { v: VERSION, claims: vec![Claim { pack: PackId(3), delivery: by_lane, sent_at: NOW }] }),
            line(&ClaimAnswer::Idle(Idle::Moved)),
            line(&Report { crashed: vec![(6, 0)], ..report() }),
        ],
    );
}

#[test]
fn calls_of_version_2_are_as_they_were() {
    let next = Settle { pack: PackId(4), rest: Rest::Running, ..settle() };
    let message = OutgoingMessage { to: Destination::Lane(Lane::Bulk), delay_seconds: 2, body: "a pack".to_owned() };
    let refused = vec![None, Some("there is no such claim".to_owned())];
    check(
        include_str!("../golden/calls-v2.ndjson"),
        &[
            line(&SettleCall { v: SETTLE_VERSION, settles: vec![settle(), next] }),
            line(&SettleReply { refused, messages: vec![message] }),
        ],
    );
}

fn part() -> Part {
    Part {
        content: "00ff".to_owned(),
        base: 0,
        tasks: 6,
        first_pack: PackId(0),
        first_chunk: ChunkId(0),
        accepted_at: NOW,
        resent: false,
        number: 0,
    }
}

#[test]
fn rows_of_version_1_are_as_they_were() {
    let mut job = Job::new("0199f0c2a0007abc8def0123456789ab".parse().unwrap(), None, Lane::High, Source::Api, NOW);
    job.flow.watermarks.insert(Lane::High, NOW);
    let parent = Parent { pack: PackId(0), claim: ClaimNumber(1), slice: 0 };
    let pack = |phase| PackRecord {
        chunk: ChunkId(0),
        kind: Kind::HttpRequest,
        lane: Lane::High,
        attempt: 2,
        unsettled: [0, 1, 7].into_iter().collect(),
        due: NOW,
        claim: ClaimNumber(1),
        phase,
        parent: Some(parent),
        losses: 1,
        crashes: 0,
        callback: false,
        strandings: 0,
    };
    let claimed = Phase::Claimed { message: "m1".to_owned(), delivery: 1, until: NOW, started: false };
    let started = Phase::Claimed { message: "m1".to_owned(), delivery: 1, until: NOW, started: true };
    let settled = SettlementRecord {
        chunk: Some(ChunkId(0)),
        attempt: 1,
        at: NOW,
        done: report().done,
        outputs: report().outputs,
        retried: vec![(4, 0)],
        crashed: Vec::new(),
        dead: report().dead,
        canceled: (8..9).collect(),
        late: (9..10).collect(),
        errors: report().errors,
    };
    let state = IndexedState { state: JobState::Open, cancel_requested: false, settled: false, expired: false };
    let told = Job {
        sealed_by: Some(SealedBy::Expiry),
        expired_at: Some(NOW),
        unlisted: true,
        index: Index { told: Some(state), version: 1, next_send: NOW, tries: 0 },
        ..job.clone()
    };
    check(
        include_str!("../golden/rows-v1.ndjson"),
        &[
            line(&job),
            line(&part()),
            line(&pack(Phase::Waiting { sent: Some(NOW), next_send: NOW })),
            line(&pack(claimed)),
            line(&settled),
            line(&LetterRecord {
                chunk: Some(ChunkId(0)),
                unconfirmed: (5..6).collect(),
                late_success: false,
                sent: Some(NOW),
                parent: Some(parent),
            }),
            // Since 0.2.0.
            line(&told),
            line(&PackRecord { crashes: 2, callback: true, ..pack(Phase::Waiting { sent: None, next_send: NOW }) }),
            line(&PackRecord { lane: Lane::Quarantine, ..pack(started) }),
            line(&SettlementRecord { crashed: vec![(6, 0)], ..settled.clone() }),
            line(&LetterRecord {
                chunk: None,
                unconfirmed: (5..6).collect(),
                late_success: true,
                sent: None,
                parent: None,
            }),
        ],
    );
}

/// Those that changed when all rows came into one table.
#[test]
fn rows_of_version_2_are_as_they_were() {
    check(
        include_str!("../golden/rows-v2.ndjson"),
        &[
            line(&("nightly".to_owned(), Part { number: 2, ..part() })),
            line(&ChunkHead { kind: Kind::Simulate, base: 6, accepted_at: NOW, indexes: (6..9).collect() }),
        ],
    );
}

#[test]
fn a_letter_of_a_replayed_task_and_its_pack_are_as_they_were() {
    let replay = "0199f0c2a0007abc8def0123456789ac".parse().unwrap();
    let job = "0199f0c2a0007abc8def0123456789ab".parse().unwrap();
    let origin = LetterOrigin { task: "0199f0c2a0007abc8def0123456789aa-7".into(), replay };
    let mut task = String::new();
    let fields = TaskFields {
        payload: Some(r#"{"a":1}"#),
        timeout_seconds: Some(5),
        max_attempts: Some(2),
        origin: Some(&serde_json::to_string(&origin).unwrap()),
        ..TaskFields::default()
    };
    fields.write_line(3, &mut task);
    let error = TaskError::new("http.503", "busy");
    let letter = DeadLetter {
        task: format!("{job}-3").into(),
        job: Some(job),
        index: Some(3),
        reference: None,
        kind: Some(Kind::HttpRequest),
        lane: Some(Lane::Bulk),
        payload: std::borrow::Cow::Owned(RawValue::from_string(r#"{"a":1}"#.to_owned()).unwrap()),
        reason: Reason::Exhausted,
        error: error.clone(),
        history: vec![FailedAttempt { attempt: 2, at: NOW, error }],
        died_at: NOW,
        late_success: false,
        timeout_seconds: Some(5),
        max_attempts: Some(2),
        origin: Some(origin),
    };
    let letter = serde_json::to_string(&letter).unwrap();
    let understood: DeadLetter<'_> = serde_json::from_str(&letter).unwrap();
    assert_eq!(understood.origin.unwrap().replay, replay);
    check(include_str!("../golden/replayed-v1.ndjson"), &[task.trim_end().to_owned(), letter]);
}

#[test]
fn records_of_a_replay_are_as_they_were() {
    let filter = Filter { kind: Some(Kind::Simulate), ..Filter::default() };
    let patch = RawValue::from_string(r#"{"a":null}"#.to_owned()).unwrap();
    let canary = Some(Canary { stages: vec![5, 50], halt_above: 0.25 });
    let body = ReplayRequest { filter, patch: Some(patch), dry_run: false, canary, rate: Some(10.0), force: true };
    let id = "0199f0c2a0007abc8def0123456789ac".parse().unwrap();
    let request = replay::Request {
        id,
        key: "ops".to_owned(),
        created_at: NOW,
        content: "00ff".to_owned(),
        body,
        lane: Lane::Bulk,
        frozen: 60,
    };
    let items = |from, to| (from..to).collect::<crate::indexes::Indexes>();
    let portion =
        replay::Portion { to: 9, taken: items(5, 7), refused: items(7, 8), skipped: items(8, 9), seals: true };
    let progress = replay::Progress {
        stages: vec![replay::Stage { first: 0, portions: 1, tasks: 5, counted: 5, sealed: true }],
        next: 5,
        portion: Some(portion),
        halted: Some(replay::Halt { stage: 1, failed: 2, of: 5 }),
        canceled_at: Some(NOW),
        jobs_canceled: true,
        completed_at: Some(NOW),
        send_at: NOW,
        poll_at: NOW,
        poll_wait: 500,
        entries: vec![NewEntry { at: NOW, key: "ops".to_owned(), action: Action::Cancel, count: 60, number: 1 }],
        entries_made: 2,
        told: Some(replay::ReplayState::Running),
        version: 3,
        tell_at: NOW,
    };
    check(include_str!("../golden/replays-v1.ndjson"), &[line(&request), line(&progress), line(&items(0, 5))]);
}

#[test]
fn the_timing_of_a_schedule_is_as_it_was() {
    let timing = Timing {
        cron: "0 9 * * MON-FRI".to_owned(),
        timezone: "Europe/Berlin".to_owned(),
        overlap: Overlap::BufferOne,
        catch_up: CatchUp { policy: CatchUpPolicy::All, window_seconds: 7_200, max: 5 },
        jitter_seconds: 90,
        pause_after_failures: Some(3),
    };
    check(include_str!("../golden/schedules-v1.ndjson"), &[line(&timing)]);
}
