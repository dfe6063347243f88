//! What dead letters cost where the platform counts: operations on KV, queries on D1, requests to ledgers.

use domain::limits::{D1_QUERIES, KV_BULK_KEYS, KV_OPERATIONS};
use serde_json::json;
use tests::triage_load::archiving::{submit_deaths, wait_until_archived};
use tests::triage_load::operations::Operations;
use tests::triage_load::{pipeline, replay};

const DEATHS: usize = 450;

#[test]
fn a_letter_costs_one_operation_and_a_message_of_letters_one_query_and_one_confirmation() {
    let pipeline = pipeline();
    let job = submit_deaths(&pipeline.client(), DEATHS);
    wait_until_archived(&pipeline, job, 0, DEATHS);
    let replayed_from = pipeline.logs.count();
    let died = Operations::since(&pipeline.logs, 0);
    println!("{died:?}");
    // On a busy machine some may be sent again.
    assert!(died.letters >= DEATHS as u64, "{died:?}");
    assert_eq!(died.batches.kv, died.letters);
    assert_eq!(died.batches.queries, died.messages);
    assert!(died.confirms.requests <= died.messages && died.confirms.rows <= 2 * died.messages, "{died:?}");

    let again = replay::run(&pipeline, job, &json!({}));
    assert_eq!(again.view.counts.died_again as usize, DEATHS);
    let well = replay::run(&pipeline, job, &json!({ "fail": null }));
    assert_eq!(well.view.counts.succeeded as usize, DEATHS);
    println!("{again:?}\n{well:?}");
    for replayed in [&again, &well] {
        let made = replayed.operations.replays;
        assert_eq!(made.kv, DEATHS.div_ceil(KV_BULK_KEYS) as u64, "bulk reads, and nothing is written: {made:?}");
    }

    let all = Operations::since(&pipeline.logs, replayed_from);
    println!("{all:?}");
    // What died again reopens its origin: two statements more.
    assert_eq!((all.batches.kv, all.batches.queries), (all.letters, 3 * all.messages));
    for (kv, queries) in [died.most(), all.most()] {
        assert!(kv <= KV_OPERATIONS as u64 && queries <= D1_QUERIES as u64, "{kv} operations, {queries} queries");
    }
}
