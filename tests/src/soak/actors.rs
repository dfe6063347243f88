//! Those who use the pipeline, each one step at a time.

use std::io::{Read, Write};
use std::net::TcpStream;
use std::thread;
use std::time::{Duration, Instant};

use domain::ledger::JobState;
use rand::RngExt;
use rand::rngs::SmallRng;
use serde_json::{Value, json};

use super::STALLED;
use super::plan::tasks;
use super::tally::{Accepted, Tally, add};
use crate::answer::Answer;
use crate::client::{Call, Client};
use crate::patience::eventually;
use crate::schedules::schedule;

type Actor = fn(&Client, &mut SmallRng, &Tally);

/// All of them.
pub(super) const ALL: [Actor; 7] = [submit, submit, follow, replay, read, hang_up, fire];

/// The name of the schedule that fires every minute.
pub(super) const MINUTELY: &str = "soak";

/// Between two steps of one actor: people and programs do not call without a pause.
fn pause(rng: &mut SmallRng, longest_ms: u64) {
    thread::sleep(Duration::from_millis(rng.random_range(0..longest_ms)));
}

/// Sends until it is neither put off nor down. Any other 5xx is a fault.
fn patiently(tally: &Tally, call: &Call<'_>) -> Answer {
    eventually("a call is served", STALLED, || match call.send() {
        answer if answer.status == 429 || answer.status == 503 => {
            add(&tally.put_off, 1);
            None
        }
        answer => {
            assert!(answer.status < 500, "{}: {}", answer.status, answer.text());
            Some(answer)
        }
    })
}

/// A job: at once, in parts, or canceled while it runs.
fn submit(client: &Client, rng: &mut SmallRng, tally: &Tally) {
    let (tasks, dead) = tasks(rng);
    let key = format!("soak-{}", rng.random::<u64>());
    let lane = ["high", "default", "bulk"][rng.random_range(0..3)];
    let at = Instant::now();
    let job = if rng.random_range(0..8) == 0 {
        in_parts(client, tally, &key, lane, &tasks)
    } else {
        let call = client.call("POST", &format!("/v1/jobs?lane={lane}")).header("idempotency-key", &key);
        patiently(tally, &call.ndjson(lines(&tasks))).expect(202).json()["job"].as_str().unwrap().parse().unwrap()
    };
    let canceled = rng.random_range(0..20) == 0;
    if canceled {
        patiently(tally, &client.call("POST", &format!("/v1/jobs/{job}/cancel"))).expect(202);
    }
    let accepted = Accepted { job, tasks: tasks.len() as u32, dead, canceled, at };
    tally.under_way.lock().unwrap().push(accepted);
    pause(rng, 2_000);
}

fn in_parts(client: &Client, tally: &Tally, key: &str, lane: &str, tasks: &[Value]) -> domain::id::JobId {
    let open = client.call("POST", &format!("/v1/jobs?open=true&lane={lane}")).header("idempotency-key", key);
    let job = patiently(tally, &open.ndjson("")).expect(202).json()["job"].as_str().unwrap().to_owned();
    for (number, part) in tasks.chunks(tasks.len().div_ceil(3)).enumerate() {
        let path = format!("/v1/jobs/{job}/tasks");
        let call = client.call("POST", &path).header("idempotency-key", format!("{key}-{number}")).ndjson(lines(part));
        patiently(tally, &call).expect(202);
    }
    let seal = client.call("POST", &format!("/v1/jobs/{job}/seal")).json(json!({ "accepted": tasks.len() }));
    patiently(tally, &seal).expect(200);
    job.parse().unwrap()
}

fn lines(tasks: &[Value]) -> String {
    tasks.iter().map(|task| format!("{task}\n")).collect()
}

/// Follows the oldest job to its end, and holds it against what it should be.
fn follow(client: &Client, rng: &mut SmallRng, tally: &Tally) {
    let oldest = tally.under_way.lock().unwrap().first().copied();
    match oldest {
        Some(accepted) => follow_one(client, tally, accepted),
        None => pause(rng, 500),
    }
}

/// Follows all jobs that are still under way.
pub(super) fn follow_all(client: &Client, tally: &Tally) {
    loop {
        let Some(accepted) = tally.under_way.lock().unwrap().first().copied() else { return };
        follow_one(client, tally, accepted);
    }
}

fn follow_one(client: &Client, tally: &Tally, accepted: Accepted) {
    let left = STALLED.saturating_sub(accepted.at.elapsed()).max(Duration::from_secs(30));
    let view = client.wait_until_ended(accepted.job, left);
    let counts = view.counts;
    assert_eq!(counts.accepted, accepted.tasks, "{counts:?}");
    if !accepted.canceled {
        assert_eq!((view.state, counts.dead), (JobState::Completed, accepted.dead), "job {}: {counts:?}", accepted.job);
        if accepted.dead > 0 {
            tally.replayable.lock().unwrap().push(accepted);
        }
    }
    tally.under_way.lock().unwrap().retain(|other| other.job != accepted.job);
    tally.ended.lock().unwrap().push(accepted);
}

/// Replays what died of one job, mended, and waits until all of it has succeeded.
fn replay(client: &Client, rng: &mut SmallRng, tally: &Tally) {
    let Some(of) = tally.replayable.lock().unwrap().pop() else { return pause(rng, 1_000) };
    let letters = || client.triage().dead_letters(&format!("job={}&state=open", of.job)).len() as u32;
    eventually(&format!("the {} letters of {} are listed", of.dead, of.job), STALLED, || {
        (letters() == of.dead).then_some(())
    });
    let body = json!({ "filter": { "job": of.job.to_string() }, "patch": { "fail": null, "error": null }, "canary": { "stages": [3] } });
    let call = client
        .call("POST", "/v1/dead-letters/replay")
        .header("idempotency-key", format!("soak-{}", of.job))
        .json(&body);
    let replay = patiently(tally, &call).expect(202).json()["replay"].as_str().unwrap().to_owned();
    let counts = eventually(&format!("replay {replay} has completed"), STALLED, || {
        let view = client.get(&format!("/v1/replays/{replay}")).expect(200).json();
        assert_ne!(view["state"], "halted", "{view}");
        (view["state"] == "completed").then(|| view["counts"].clone())
    });
    assert_eq!(counts["succeeded"], of.dead, "{counts}");
    add(&tally.replays, 1);
    add(&tally.replayed, of.dead.into());
    pause(rng, 3_000);
}

/// Reads something.
fn read(client: &Client, rng: &mut SmallRng, tally: &Tally) {
    let some = tally.ended.lock().unwrap().last().copied();
    let path = match (rng.random_range(0..7), some) {
        (0, Some(job)) => format!("/v1/jobs/{}/results", job.job),
        (1, Some(job)) => format!("/v1/jobs/{}/results?status=dead", job.job),
        (2, Some(job)) => format!("/v1/tasks/{}-0", job.job),
        (3, _) => "/v1/dead-letters/groups".to_owned(),
        (4, _) => "/v1/dead-letters?q=unknown&limit=100".to_owned(),
        (5, _) => "/v1/schedules".to_owned(),
        _ => "/v1/jobs?limit=100".to_owned(),
    };
    let start = Instant::now();
    patiently(tally, &client.call("GET", &path)).expect(200);
    assert!(start.elapsed() < STALLED, "{path}");
    add(&tally.reads, 1);
    pause(rng, 400);
}

/// Hangs up in the middle of a body, or in the middle of an answer.
fn hang_up(client: &Client, rng: &mut SmallRng, tally: &Tally) {
    let some = tally.ended.lock().unwrap().last().copied();
    let mut stream = TcpStream::connect(("127.0.0.1", client.port())).unwrap();
    stream.set_read_timeout(Some(STALLED)).unwrap();
    let head = "host: 127.0.0.1\r\nauthorization: Bearer dev-key\r\n";
    let request = match (rng.random_range(0..3), some) {
        (0, Some(job)) => format!("GET /v1/jobs/{}/results HTTP/1.1\r\n{head}\r\n", job.job),
        (1, _) => format!("POST /v1/schedules/{MINUTELY}/run HTTP/1.1\r\n{head}content-length: 0\r\n\r\n"),
        _ => format!(
            "POST /v1/jobs HTTP/1.1\r\n{head}content-type: application/x-ndjson\r\ncontent-length: 9000000\r\n\r\n{}",
            "{\"kind\":\"simulate\"}\n".repeat(rng.random_range(1..10_000))
        ),
    };
    let reads = request.starts_with("GET");
    // The other side may have been faster.
    if stream.write_all(request.as_bytes()).is_ok() && reads {
        let _ = stream.read(&mut [0; 512]);
    }
    drop(stream);
    add(&tally.hang_ups, 1);
    pause(rng, 1_500);
}

/// Keeps a schedule, and runs it by hand now and then.
fn fire(client: &Client, rng: &mut SmallRng, tally: &Tally) {
    if client.get(&format!("/v1/schedules/{MINUTELY}")).status == 404 {
        client.schedules().put(MINUTELY, &schedule("* * * * *", &json!({})));
    }
    let key = format!("soak-run-{}", rng.random::<u64>());
    let call = client.call("POST", &format!("/v1/schedules/{MINUTELY}/run")).header("idempotency-key", key);
    patiently(tally, &call).expect(202);
    add(&tally.firings, 1);
    pause(rng, 20_000);
}
