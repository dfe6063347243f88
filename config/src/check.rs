//! The rules that settings must keep, one error each.

use std::time::Duration;

use domain::kinds::Kind;
use domain::kinds::http_request::HostRule;
use domain::lane::Lane;
use domain::limits::{
    CONSUMER_BATCH, CONSUMER_RETRIES, FIRING_LEASE, KEPT_JOB, LETTER_MESSAGES_PER_BATCH, MAX_ATTEMPTS,
    MAX_GENERATOR_TIMEOUT, MAX_LEASE, MAX_TIMEOUT, OPEN_JOB, PACK_TASKS,
};
use domain::retry::RetryPolicy;

use super::settings::{KindSettings, QueueSettings, Queues, Schedules, Settings};

/// A rule that settings break.
#[derive(Clone, Debug, PartialEq, thiserror::Error)]
pub enum SettingsError {
    /// A claim must end before the platform ends its invocation.
    #[error("claims.lease_ms: {lease:?} is longer than {MAX_LEASE:?}")]
    LeaseTooLong {
        /// The lease set.
        lease: Duration,
    },
    /// The slowest task that may be submitted must fit a lease.
    #[error(
        "claims.margin_ms: with a timeout of {MAX_TIMEOUT:?} and this margin before and after it a lease passes {MAX_LEASE:?}"
    )]
    TimeoutDoesNotFit,
    /// A lease must have room for work.
    #[error("claims.margin_ms: the margin {margin:?} leaves nothing of the lease {lease:?}")]
    MarginEatsLease {
        /// The margin set.
        margin: Duration,
        /// The lease set.
        lease: Duration,
    },
    /// Outcomes must be settled while the lease holds.
    #[error("claims.slice_ms: {slice:?} is not between 1 s and the lease less its margin")]
    SliceOutOfRange {
        /// The slice set.
        slice: Duration,
    },
    /// Repeats must neither storm nor stop.
    #[error("outbox.resend_ms: {resend:?} is not between 1 s and resend_max_ms, {max:?}")]
    ResendOutOfRange {
        /// The first wait set.
        resend: Duration,
        /// The longest wait set.
        max: Duration,
    },
    /// A probe must come after the grace, or it would be sent for what is not late.
    #[error(
        "recovery: grace_ms {grace:?}, quiet_ms {quiet:?} and quiet_max_ms {max:?} are not from 1 s on, in rising order"
    )]
    RecoveryOutOfOrder {
        /// The grace set.
        grace: Duration,
        /// The first wait set.
        quiet: Duration,
        /// The longest wait set.
        max: Duration,
    },
    /// A crash has a back-off that ends, and the second net is no storm.
    #[error("recovery.{field}: {found:?} is not between {min:?} and {max:?}")]
    RecoveryOutOfRange {
        /// The setting.
        field: &'static str,
        /// What was set.
        found: Duration,
        /// The least.
        min: Duration,
        /// The most.
        max: Duration,
    },
    /// Callers are promised a day to fill an open job.
    #[error("expiry.open_ms: {open:?} is shorter than {OPEN_JOB:?}")]
    OpenTooShort {
        /// The wait set.
        open: Duration,
    },
    /// An idempotency key is remembered as long as its job, and callers are promised a week.
    #[error("expiry.keep_ms: {keep:?} is shorter than {KEPT_JOB:?}")]
    KeepTooShort {
        /// The time set.
        keep: Duration,
    },
    /// Ledgers must neither be stormed nor forgotten.
    #[error("replays.poll_ms: {poll:?} is not between 0.1 s and poll_max_ms, {max:?}")]
    PollOutOfRange {
        /// The first wait set.
        poll: Duration,
        /// The longest wait set.
        max: Duration,
    },
    /// Every lane has its settings.
    #[error("lanes.{0}: missing")]
    LaneMissing(Lane),
    /// The platform's limits on a queue's consumer.
    #[error("{queue}.{field}: {found} is not between {min} and {max}")]
    QueueOutOfRange {
        /// The queue.
        queue: String,
        /// The setting.
        field: &'static str,
        /// What was set.
        found: u64,
        /// The least.
        min: u64,
        /// The most.
        max: u64,
    },
    /// Quarantined packs run one at a time.
    #[error("lanes.quarantine: max_batch_size and max_concurrency must be 1")]
    QuarantineNotAlone,
    /// At least one kind can be submitted.
    #[error("kinds: none is listed")]
    NoKinds,
    /// The limits of a kind, or of schedules.
    #[error("{section}.{field}: {found} is not between {min} and {max}")]
    OutOfRange {
        /// Whose.
        section: String,
        /// The setting.
        field: &'static str,
        /// What was set.
        found: f64,
        /// The least.
        min: f64,
        /// The most.
        max: f64,
    },
    /// An entry of the allow-list that can match no host.
    #[error("hosts: {0:?} is not a host name in lower case, or *. and one")]
    UnreadableHost(String),
}

/// Checks the settings of an environment against every rule.
pub fn check(settings: &Settings, queues: &Queues) -> Vec<SettingsError> {
    let mut errors = Vec::new();
    check_times(settings, &mut errors);
    for lane in Lane::ALL {
        match queues.lanes.get(&lane) {
            Some(queue) => check_queue(&format!("lanes.{lane}"), queue, CONSUMER_BATCH, &mut errors),
            None => errors.push(SettingsError::LaneMissing(lane)),
        }
    }
    check_queue("dead_letters", &queues.dead_letters, LETTER_MESSAGES_PER_BATCH, &mut errors);
    check_kept(settings, &queues.dead_letters, &mut errors);
    let alone = |queue: &QueueSettings| queue.max_batch_size == 1 && queue.max_concurrency == Some(1);
    if queues.lanes.get(&Lane::Quarantine).is_some_and(|queue| !alone(queue)) {
        errors.push(SettingsError::QuarantineNotAlone);
    }
    if settings.kinds.is_empty() {
        errors.push(SettingsError::NoKinds);
    }
    for (kind, found) in &settings.kinds {
        check_kind(*kind, found, &mut errors);
    }
    check_schedules(&settings.schedules, &mut errors);
    if let HostRule::HttpsTo(hosts) = &settings.hosts {
        errors.extend(hosts.iter().filter(|host| !is_host(host)).cloned().map(SettingsError::UnreadableHost));
    }
    errors
}

fn check_times(settings: &Settings, errors: &mut Vec<SettingsError>) {
    let (claims, outbox) = (&settings.claims, &settings.outbox);
    let second = Duration::from_secs(1);
    if claims.lease > MAX_LEASE {
        errors.push(SettingsError::LeaseTooLong { lease: claims.lease });
    }
    if MAX_TIMEOUT + claims.margin * 2 > MAX_LEASE {
        errors.push(SettingsError::TimeoutDoesNotFit);
    }
    if claims.margin >= claims.lease {
        errors.push(SettingsError::MarginEatsLease { margin: claims.margin, lease: claims.lease });
    }
    if claims.slice < second || claims.slice + claims.margin > claims.lease {
        errors.push(SettingsError::SliceOutOfRange { slice: claims.slice });
    }
    let recovery = &settings.recovery;
    if recovery.grace < second || recovery.quiet <= recovery.grace || recovery.quiet_max < recovery.quiet {
        let (grace, quiet, max) = (recovery.grace, recovery.quiet, recovery.quiet_max);
        errors.push(SettingsError::RecoveryOutOfOrder { grace, quiet, max });
    }
    let (minute, hour) = (second * 60, second * 3_600);
    for (field, found, min, max) in
        [("crash_ms", recovery.crash, second, hour), ("check_ms", recovery.check, minute, hour * 24)]
    {
        if !(min..=max).contains(&found) {
            errors.push(SettingsError::RecoveryOutOfRange { field, found, min, max });
        }
    }
    if settings.expiry.open < OPEN_JOB {
        errors.push(SettingsError::OpenTooShort { open: settings.expiry.open });
    }
    if settings.expiry.keep < KEPT_JOB {
        errors.push(SettingsError::KeepTooShort { keep: settings.expiry.keep });
    }
    let (poll, max) = (settings.replays.poll, settings.replays.poll_max);
    if poll < Duration::from_millis(100) || poll > max {
        errors.push(SettingsError::PollOutOfRange { poll, max });
    }
    if outbox.resend < second || outbox.resend > outbox.resend_max {
        errors.push(SettingsError::ResendOutOfRange { resend: outbox.resend, max: outbox.resend_max });
    }
}

/// A bad night is there on the next morning; callers are told for a day that a job is deleted; and D1 may be away for an
/// hour without a message being given up.
fn check_kept(settings: &Settings, dead_letters: &QueueSettings, errors: &mut Vec<SettingsError>) {
    let (hour, day, years) = (3_600_000.0, 86_400_000.0, 3_650.0 * 86_400_000.0);
    let millis = |time: Duration| time.as_secs_f64() * 1_000.0;
    let archive = &settings.archive;
    let patience = millis(archive.patience(dead_letters));
    check_ranges("expiry", &[("remember_ms", millis(settings.expiry.remember), day, years)], errors);
    let rules = [
        ("keep_ms", millis(archive.keep), day, years),
        ("retry_ms: milliseconds until a message is given up", patience, hour, years),
        ("retry_max_ms", millis(archive.retry_max), millis(archive.retry), day),
    ];
    check_ranges("archive", &rules, errors);
}

fn check_queue(name: &str, queue: &QueueSettings, batch: usize, errors: &mut Vec<SettingsError>) {
    let rules = [
        ("max_batch_size", queue.max_batch_size as u64, 1, batch as u64),
        ("max_batch_timeout", queue.max_batch_timeout, 0, 60),
        ("max_retries", queue.max_retries as u64, 1, CONSUMER_RETRIES as u64),
        ("retry_delay", queue.retry_delay, 1, 600),
        ("max_concurrency", queue.max_concurrency.unwrap_or(1) as u64, 1, 250),
    ];
    for (field, found, min, max) in rules {
        if !(min..=max).contains(&found) {
            errors.push(SettingsError::QueueOutOfRange { queue: name.to_owned(), field, found, min, max });
        }
    }
}

fn check_kind(kind: Kind, found: &KindSettings, errors: &mut Vec<SettingsError>) {
    let rules = [
        ("concurrency", found.concurrency as f64, 1.0, 1_000.0),
        ("pack_tasks", found.pack_tasks as f64, 100.0, PACK_TASKS as f64),
    ];
    check_ranges(&format!("kinds.{kind}"), &rules, errors);
    check_retry(&format!("kinds.{kind}"), &found.retry, errors);
}

fn check_schedules(found: &Schedules, errors: &mut Vec<SettingsError>) {
    let (second, day) = (1_000.0, 86_400_000.0);
    // A firing that is tried for longer than it is leased for would be tried twice at once.
    let waits = (1..found.max_attempts).map(|attempt| found.wait(attempt).mul_f64(1.5));
    let longest = MAX_GENERATOR_TIMEOUT * u32::from(found.max_attempts) + waits.sum::<Duration>();
    let rules = [
        ("keep_ms", found.keep.as_secs_f64() * second, day, 3_650.0 * day),
        ("retry_ms", found.retry.as_secs_f64() * second, 1.0, 60.0 * second),
        ("max_attempts", f64::from(found.max_attempts), 1.0, 5.0),
        (
            "max_attempts: milliseconds with all waits",
            longest.as_secs_f64() * second,
            0.0,
            FIRING_LEASE.as_secs_f64() * second,
        ),
    ];
    check_ranges("schedules", &rules, errors);
}

fn check_retry(section: &str, retry: &RetryPolicy, errors: &mut Vec<SettingsError>) {
    let seconds = retry.initial_interval.as_secs_f64();
    let rules = [
        ("retry.initial_interval_ms", seconds * 1_000.0, 1.0, 86_400_000.0),
        ("retry.multiplier", retry.multiplier, 1.0, 10.0),
        ("retry.randomization_factor", retry.randomization_factor, 0.0, 1.0),
        ("retry.max_interval_ms", retry.max_interval.as_secs_f64() * 1_000.0, seconds * 1_000.0, 86_400_000.0),
        ("retry.max_attempts", f64::from(retry.max_attempts), 1.0, f64::from(MAX_ATTEMPTS)),
    ];
    check_ranges(section, &rules, errors);
}

/// Settings as they are called, each with what was found, the least and the most.
fn check_ranges(section: &str, rules: &[(&'static str, f64, f64, f64)], errors: &mut Vec<SettingsError>) {
    for &(field, found, min, max) in rules {
        if !(min..=max).contains(&found) {
            errors.push(SettingsError::OutOfRange { section: section.to_owned(), field, found, min, max });
        }
    }
}

fn is_host(rule: &str) -> bool {
    let host = rule.strip_prefix("*.").unwrap_or(rule);
    let label = |label: &str| {
        !label.is_empty() && label.bytes().all(|b| b.is_ascii_lowercase() || b.is_ascii_digit() || b == b'-')
    };
    host.split('.').count() > 1 && host.split('.').all(label)
}
