//! What dead letters cost where the platform counts: operations on KV, queries and rows on D1, requests to ledgers.

use domain::limits::{D1_QUERIES, KV_OPERATIONS};
use serde_json::json;
use tests::triage_load::archiving::{submit_deaths, wait_until_archived};
use tests::triage_load::operations::Operations;
use tests::triage_load::{pipeline, replay};

const DEATHS: usize = 450;

#[test]
fn a_message_of_letters_costs_one_operation_and_a_letter_two_rows_and_a_bit() {
    let pipeline = pipeline();
    let job = submit_deaths(&pipeline.client(), DEATHS);
    wait_until_archived(&pipeline, job, 0, DEATHS);
    let replayed_from = pipeline.logs.count();
    let died = Operations::since(&pipeline.logs, 0);
    println!("{died:?}: ${:.2} a million", died.dollars_a_million());
    assert_eq!(died.letters, DEATHS as u64, "each is put once where nothing is lost");
    assert!(died.messages <= 6, "{died:?}");
    assert_eq!(died.batches.kv, died.messages);
    assert_eq!(died.batches.queries, 4 * died.messages);
    assert!(died.confirms.requests <= died.batches.count, "one a batch and job: {died:?}");
    assert!(died.confirms.rows <= 2 * died.messages, "{died:?}");
    assert!(died.dollars_a_million() <= 3.0, "{died:?}");

    let again = replay::run(&pipeline, job, &json!({}));
    assert_eq!(again.view.counts.died_again as usize, DEATHS);
    let well = replay::run(&pipeline, job, &json!({ "fail": null }));
    assert_eq!(well.view.counts.succeeded as usize, DEATHS);
    println!("{again:?}\n{well:?}");
    for replayed in [&again, &well] {
        let made = replayed.operations.replays;
        assert_eq!(made.kv, 1, "one bulk read of all bundles, and nothing is written: {made:?}");
    }

    let all = Operations::since(&pipeline.logs, replayed_from);
    println!("{all:?}");
    // What died again reopens its origin: two statements more.
    assert_eq!((all.batches.kv, all.batches.queries), (all.messages, 6 * all.messages));
    for (kv, queries) in [died.most(), all.most()] {
        assert!(kv <= KV_OPERATIONS as u64 && queries <= D1_QUERIES as u64, "{kv} operations, {queries} queries");
    }
}
