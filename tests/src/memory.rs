//! The linear memory of the Workers, as they say it themselves at level debug. It never shrinks.

use std::collections::BTreeMap;
use std::time::Duration;

use crate::pipeline::Pipeline;

/// The largest body that is accepted.
const LARGEST: usize = 16 << 20;
/// How long its tasks may take on a busy machine.
const LIMIT: Duration = Duration::from_secs(120);

/// What a Worker says it in.
const SAID_IN: [(&str, &str); 3] =
    [("producers", "a submission ends"), ("consumers", "a batch ends"), ("ledger", "ledger call")];

/// The most bytes that each Worker had while it dealt with the largest request of small tasks. `pipeline` logs at debug.
///
/// # Panics
/// If the request is refused or does not end.
pub fn after_the_largest_request(pipeline: &Pipeline) -> BTreeMap<&'static str, u64> {
    let mut body = String::with_capacity(LARGEST);
    for index in 0.. {
        let line = format!(
            "{{\"kind\":\"simulate\",\"payload\":{{\"output\":\"{}\"}},\"ref\":\"{index:07}\"}}\n",
            "x".repeat(60)
        );
        if body.len() + line.len() > LARGEST {
            break;
        }
        body.push_str(&line);
    }
    let client = pipeline.client();
    let job = client.call("POST", "/v1/jobs").ndjson(body).accepted();
    client.wait_until_ended(job, LIMIT);
    pipeline.logs.of_ended_job(job, "completed");
    let most = |message: &str| {
        let events = pipeline.logs.events(|event| event["message"] == *message);
        events.iter().filter_map(|event| event["memory"].as_u64()).max()
    };
    SAID_IN.into_iter().filter_map(|(worker, message)| Some((worker, most(message)?))).collect()
}
