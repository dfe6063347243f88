//! One test per rule, each from one good example with one thing wrong.

use std::time::Duration;

use domain::kinds::Kind;
use domain::kinds::http_request::HostRule;
use domain::lane::Lane;

use crate::{Environment, Queues, Settings, check};

/// The good example: its settings and its queues.
struct Good(Settings, Queues);

fn good() -> Good {
    Good(Environment::Production.settings(), Environment::Production.queues())
}

/// What is said of the good example once `spoil` has changed it.
fn faults(spoil: impl FnOnce(&mut Good)) -> Vec<String> {
    let mut good = good();
    spoil(&mut good);
    check(&good.0, &good.1).iter().map(ToString::to_string).collect()
}

#[test]
fn both_environments_keep_every_rule() {
    assert!(faults(|_| ()).is_empty());
    assert!(check(&Environment::Development.settings(), &Environment::Development.queues()).is_empty());
}

#[test]
fn production_runs_no_simulated_tasks_and_calls_no_unlisted_host() {
    assert!(!good().0.kinds.contains_key(&Kind::Simulate));
    assert_eq!(good().0.hosts, HostRule::HttpsTo(vec![]));
}

macro_rules! rule {
    ($name:ident, $start:literal, $spoil:expr) => {
        #[test]
        fn $name() {
            let faults = faults($spoil);
            assert!(faults.len() == 1 && faults[0].starts_with($start), "{faults:?}");
        }
    };
}

rule!(a_lease_of_over_ten_minutes_is_refused, "claims.lease_ms", |s| s.0.claims.lease = Duration::from_secs(601));
rule!(the_longest_timeout_must_fit_a_lease, "claims.margin_ms: with", |s| {
    s.0.claims.lease = Duration::from_secs(590);
    s.0.claims.margin = Duration::from_secs(151);
});
rule!(a_slice_must_fit_the_lease, "claims.slice_ms", |s| s.0.claims.slice = Duration::from_secs(110));
rule!(a_slice_of_under_a_second_is_refused, "claims.slice_ms", |s| s.0.claims.slice = Duration::from_millis(999));
rule!(a_resend_above_its_maximum_is_refused, "outbox.resend_ms", |s| s.0.outbox.resend_max = Duration::from_secs(1));
rule!(a_probe_comes_after_the_grace, "recovery", |s| s.0.recovery.grace = s.0.recovery.quiet);
rule!(quiet_waits_rise, "recovery", |s| s.0.recovery.quiet_max = Duration::from_secs(31));
rule!(a_crash_waits_at_least_a_second, "recovery.crash_ms", |s| s.0.recovery.crash = Duration::from_millis(999));
rule!(the_second_net_is_no_storm, "recovery.check_ms", |s| s.0.recovery.check = Duration::from_secs(59));
rule!(an_open_job_has_a_day, "expiry.open_ms", |s| s.0.expiry.open = Duration::from_secs(86_399));
rule!(a_job_is_kept_for_a_week, "expiry.keep_ms", |s| s.0.expiry.keep = Duration::from_secs(6 * 86_400));
rule!(a_deleted_job_is_remembered_for_a_day, "expiry.remember_ms", |s| {
    s.0.expiry.remember = Duration::from_secs(86_399);
});
rule!(a_message_that_cannot_be_archived_is_not_given_up_within_an_hour, "archive.retry_ms", |s| {
    s.0.archive.retry_max = Duration::from_secs(30);
});
rule!(a_dead_letter_is_kept_for_a_day, "archive.keep_ms", |s| s.0.archive.keep = Duration::from_secs(86_399));
rule!(a_poll_above_its_maximum_is_refused, "replays.poll_ms", |s| s.0.replays.poll_max = Duration::from_secs(1));
rule!(ledgers_are_not_stormed, "replays.poll_ms", |s| s.0.replays.poll = Duration::from_millis(99));
rule!(every_lane_must_be_set, "lanes.bulk: missing", |s| s.1.lanes.retain(|lane, _| *lane != Lane::Bulk));
rule!(a_batch_of_over_a_hundred_is_refused, "lanes.high.max_batch_size", |s| lane(s).max_batch_size = 101);
rule!(a_batch_timeout_of_over_a_minute_is_refused, "lanes.high.max_batch_timeout", |s| lane(s).max_batch_timeout = 61);
rule!(more_than_a_hundred_retries_are_refused, "lanes.high.max_retries", |s| lane(s).max_retries = 101);
rule!(a_retry_without_delay_is_refused, "lanes.high.retry_delay", |s| lane(s).retry_delay = 0);
rule!(more_than_250_invocations_are_refused, "lanes.high.max_concurrency", |s| lane(s).max_concurrency = Some(251));
rule!(letters_of_one_batch_are_one_transaction, "dead_letters.max_batch_size", |s| {
    s.1.dead_letters.max_batch_size = 11;
});
rule!(quarantine_runs_one_at_a_time, "lanes.quarantine", |s| {
    s.1.lanes.get_mut(&Lane::Quarantine).unwrap().max_concurrency = None;
});
rule!(a_kind_without_concurrency_is_refused, "kinds.http.request.concurrency", |s| http(s).concurrency = 0);
rule!(a_pack_of_under_a_hundred_tasks_is_refused, "kinds.http.request.pack_tasks", |s| http(s).pack_tasks = 99);
rule!(a_shrinking_curve_is_refused, "kinds.http.request.retry.multiplier", |s| http(s).retry.multiplier = 0.9);
rule!(a_curve_that_is_no_number_is_refused, "kinds.http.request.retry.multiplier", |s| {
    http(s).retry.multiplier = f64::NAN;
});
rule!(jitter_beyond_the_interval_is_refused, "kinds.http.request.retry.randomization_factor", |s| {
    http(s).retry.randomization_factor = 1.1;
});
rule!(an_interval_above_its_maximum_is_refused, "kinds.http.request.retry.max_interval_ms", |s| {
    http(s).retry.max_interval = Duration::from_secs(4);
});
rule!(no_attempts_at_all_are_refused, "kinds.http.request.retry.max_attempts", |s| http(s).retry.max_attempts = 0);
rule!(a_host_that_can_match_nothing_is_refused, "hosts", |s| {
    s.0.hosts = HostRule::HttpsTo(vec!["https://api.example.com".to_owned()]);
});
rule!(a_generator_is_tried_no_longer_than_its_firing_is_leased, "schedules.max_attempts: milliseconds", |s| {
    s.0.schedules.retry = Duration::from_secs(60);
});
rule!(runs_are_kept_for_a_day, "schedules.keep_ms", |s| s.0.schedules.keep = Duration::from_secs(86_399));
rule!(at_least_one_kind_is_needed, "kinds: none", |s| s.0.kinds.clear());

#[test]
fn a_margin_that_eats_the_lease_is_refused() {
    let faults = faults(|s| s.0.claims.margin = s.0.claims.lease);
    assert!(faults[0].starts_with("claims.margin_ms: the margin"), "{faults:?}");
}

fn lane(good: &mut Good) -> &mut crate::QueueSettings {
    good.1.lanes.get_mut(&Lane::High).unwrap()
}

fn http(good: &mut Good) -> &mut crate::KindSettings {
    good.0.kinds.get_mut(&Kind::HttpRequest).unwrap()
}
