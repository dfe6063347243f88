//! Many schedules at once: what a tick costs, how long it takes, and how much it does.

use std::thread;
use std::time::{Duration, Instant};

use domain::limits::{D1_QUERIES, TICK_FIRINGS};
use domain::time::Timestamp;
use serde_json::{Value, json};
use tests::client::Client;
use tests::patience::eventually;
use tests::pipeline::{Pipeline, Setup};
use tests::schedules::{Schedules, schedule};

use super::{Day, MINUTE, minutes, now, today};
use crate::SOON;

/// How long a request may have to wait beside a tick on a busy machine: whoever watches over the local runtime takes one that
/// answers nobody for a while for hung.
const PATIENCE: Duration = Duration::from_secs(4);

/// One of its own: what the schedules here cost is theirs.
fn start() -> Pipeline {
    Setup::new().probed().env("LOG_LEVEL", "debug").start()
}

fn sql(client: &Client, sql: &str) -> Vec<Value> {
    let call = json!([[{ "sql": sql, "values": [] }]]);
    let answer = client.call("POST", "/probe/index").json(call).send().expect(200).json();
    answer[0][0].as_array().unwrap().clone()
}

/// How many runs there are of the schedules that a test has put: skipped, fired, pending.
fn counts(client: &Client) -> [u64; 3] {
    let rows = sql(client, "SELECT outcome, count(*) AS count FROM runs WHERE schedule LIKE 'many-%' GROUP BY outcome");
    let count = |outcome: &str| {
        let row = rows.iter().find(|row| row["outcome"] == outcome);
        row.map_or(0, |row| row["count"].as_u64().unwrap())
    };
    assert_eq!(
        rows.len(),
        ["skipped", "fired", "pending"].iter().filter(|outcome| count(outcome) > 0).count(),
        "{rows:?}"
    );
    ["skipped", "fired", "pending"].map(count)
}

/// How long a tick takes, from outside, and how long a request may have to wait meanwhile.
fn timed(client: &Client, what: &str, at: Timestamp) -> Duration {
    let start = Instant::now();
    let waited = thread::scope(|scope| {
        let tick = scope.spawn(|| client.schedules().tick(at));
        let mut longest = Duration::ZERO;
        while !tick.is_finished() {
            let asked = Instant::now();
            client.get("/v1/health").expect(200);
            longest = longest.max(asked.elapsed());
            thread::sleep(Duration::from_millis(25));
        }
        longest
    });
    let millis = |duration: Duration| duration.as_secs_f64() * 1_000.0;
    println!("{what}: {:.0} ms; a request meanwhile at most {:.0} ms", millis(start.elapsed()), millis(waited));
    assert!(waited < PATIENCE, "{what}: a request waited {waited:?}");
    start.elapsed()
}

/// The queries on D1 of the tick at `at`, as it says itself with `message`.
fn queries(pipeline: &Pipeline, at: Timestamp, message: &str) -> u64 {
    let planned = at.to_string();
    eventually("the tick is in the logs", SOON, || {
        let events = pipeline.logs.events(|event| event["message"] == "tick" || event["message"] == message);
        let mut events = events.iter().skip_while(|event| event["planned"] != *planned);
        events.find(|event| event["message"] == message)?["d1_queries"].as_u64()
    })
}

fn put_all(schedules: Schedules<'_>, count: usize, body: &Value) {
    thread::scope(|scope| {
        for lane in 0..4 {
            scope.spawn(move || {
                for number in (lane..count).step_by(4) {
                    schedules.try_put(&format!("many-{number:04}"), body).expect(201);
                }
            });
        }
    });
}

#[test]
fn a_tick_fires_a_thousand_schedules_and_leaves_the_rest_to_the_next() {
    const SCHEDULES: usize = TICK_FIRINGS + 50;
    let (pipeline, day) = (start(), Day::begin());
    let client = pipeline.client();
    let schedules = client.schedules();
    let start = Instant::now();
    put_all(schedules, SCHEDULES, &schedule(&day.cron("*/30 12"), &json!({})));
    println!("{SCHEDULES} schedules saved: {:.1} s", start.elapsed().as_secs_f64());
    // The first tick takes over the config file, and the second finds its fire times until then.
    schedules.tick(day.at("11:57"));
    schedules.tick(day.at("11:58"));

    timed(&client, "a tick at which none of 1,050 schedules is due", day.at("11:59"));
    assert_eq!(queries(&pipeline, day.at("11:59"), "no schedule is due"), 1, "one read");

    sql(&client, "UPDATE schedules SET paused = 'hand' WHERE name LIKE 'many-%'");
    let took = timed(&client, "a tick that plans 1,050 schedules that are due and paused", day.at("12:00"));
    assert_eq!(counts(&client), [1_050, 0, 0], "all that are due are planned, however many fire");
    assert!(took <= Duration::from_millis(1_000), "{took:?}");

    sql(&client, "UPDATE schedules SET paused = NULL WHERE name LIKE 'many-%'");
    timed(&client, "a tick that fires 1,000 schedules of one task", day.at("12:30"));
    assert_eq!(counts(&client), [1_050, 1_000, 50]);
    let queries = queries(&pipeline, day.at("12:30"), "the tick is done");
    println!("its queries on D1: {queries}");
    assert!(queries <= D1_QUERIES as u64 / 2, "{queries} queries of {D1_QUERIES}");
    timed(&client, "the next one, that fires the other 50", day.at("12:31"));
    assert_eq!(counts(&client), [1_050, 1_050, 0], "none is lost");
    let distinct = sql(
        &client,
        "SELECT count(DISTINCT job) AS jobs, count(DISTINCT schedule) AS schedules FROM runs WHERE job NOT NULL",
    );
    assert_eq!(distinct, [json!({ "jobs": SCHEDULES, "schedules": SCHEDULES })]);
    eventually("all jobs are listed and done", Duration::from_secs(120), || {
        let jobs = client.triage().all("/v1/jobs", "source=cron&state=completed", 200);
        (jobs.len() == SCHEDULES).then_some(())
    });
}

#[test]
fn what_is_due_fires_before_what_is_backfilled() {
    let (pipeline, day) = (start(), Day::begin());
    let client = pipeline.client();
    let schedules = client.schedules();
    // The names are the wrong way round.
    schedules.put("a-backfilled", &schedule("* * * * *", &json!({ "paused": true })));
    schedules.put("b-due", &schedule(&day.cron("0-9 12"), &json!({ "catch_up": { "policy": "all" } })));
    // A tick of the present would fire what is to wait for that of the future.
    eventually("the next minute is not near", SOON, || (now().as_millis() % MINUTE < 50_000).then_some(()));
    let from = Timestamp::from_millis(today().as_millis() - 1_440 * MINUTE);
    let to = from.after(minutes(999));
    assert_eq!(schedules.backfill("a-backfilled", &from.to_string(), &to.to_string()), 1_000);
    timed(&client, "a tick that fires 1,000 times, 990 of them backfilled", day.at("12:09"));
    assert_eq!(schedules.outcomes("b-due"), vec!["fired"; 10]);
    let backfilled = || schedules.runs("a-backfilled").iter().filter(|run| run.job.is_some()).count();
    assert_eq!((backfilled(), &schedules.get("a-backfilled")["pending"]), (TICK_FIRINGS - 10, &json!(10)));
    schedules.tick(day.at("12:10"));
    assert_eq!((backfilled(), &schedules.get("a-backfilled")["pending"]), (TICK_FIRINGS, &json!(0)));
}
