//! What a server says of schedules and their runs.

use serde_json::{Value, json};

use super::Reply;

/// The schedule `nightly` as `GET /v1/schedules/{name}` has it.
pub fn schedule() -> Value {
    json!({
        "name": "nightly", "source": "api", "cron": "30 2 * * *", "timezone": "Europe/Berlin", "generator": "tasks",
        "input": { "tasks": [{ "kind": "simulate", "payload": {} }] }, "lane": "bulk", "overlap": "skip",
        "catch_up": { "policy": "none", "window_seconds": 3_600, "max": 100 }, "jitter_seconds": 0,
        "pause_after_failures": null, "paused": false, "failures": 0, "pending": 0, "last_job": null,
        "created_at": "2027-01-15T08:00:00.000Z", "updated_at": "2027-01-15T08:00:00.000Z",
        "next": ["2027-03-27T01:30:00.000Z", "2027-03-28T01:00:00.000Z"],
    })
}

/// One that was paused, by `hand` or by `failures`.
pub fn paused(by: &str) -> Value {
    let mut schedule = schedule();
    (schedule["paused"], schedule["paused_by"], schedule["failures"]) = (true.into(), by.into(), 3.into());
    schedule
}

/// The schedule of this name as a list has it.
pub fn listed(mut schedule: Value, name: &str) -> Value {
    schedule["name"] = name.into();
    schedule["next"] = json!([schedule["next"][0]]);
    if let Some(fields) = schedule.as_object_mut() {
        fields.remove("input");
    }
    schedule
}

/// This status and the schedule, with its etag.
pub fn tagged(status: u16, schedule: &Value) -> Reply {
    Reply::Answer(status, "content-type: application/json\r\netag: \"e1-7\"\r\n", schedule.to_string())
}

/// The run of the fire time number `at`, which made a job.
pub fn fired(at: usize) -> Value {
    json!({
        "planned_at": format!("2027-01-15T08:{:02}:00.000Z", at % 60), "fired_at": "2027-01-15T09:00:03.250Z",
        "lateness_ms": 3_250, "outcome": "fired", "job": crate::JOB,
    })
}
