//! A short version of `make chaos`. In a binary of its own: it wants the machine for itself.

use tests::chaos::{Plan, run};

#[test]
fn a_job_survives_kills_and_lost_and_repeated_messages() {
    let plan = Plan { seed: 7, tasks: 3_000, kills: 3 };
    let report = run(&plan);
    println!("{report}");
    assert!(report.kills == 3 && report.settled_before > 2_000, "{report}");
    assert!(!report.claimed_again.is_zero(), "{report}");
}
