//! Machines that are wrong in one way each: the check sees it, by the property that is there to see it.

use std::collections::BTreeSet;
use std::time::Duration;

use model::{Change, Checked, Fault, Nature, ONE_AT_A_TIME, Origins, Rule, START, Setting, Variant};
use stateright::{Checker, HasDiscoveries, Model};

/// Checks that `rule`, and no other, is broken by the shortest history that breaks any.
fn breaks(rule: Rule, setting: Setting) {
    let sound = Setting { variant: Variant::AsBuilt, ..setting.clone() };
    for (setting, expected) in [(sound, BTreeSet::new()), (setting, BTreeSet::from([rule.name()]))] {
        let variant = setting.variant;
        let checker = Checked(setting).checker().threads(1).finish_when(HasDiscoveries::AnyFailures).spawn_bfs().join();
        println!("{variant:?}: {} states", checker.unique_state_count());
        let found: BTreeSet<&str> = checker.discoveries().into_keys().collect();
        assert_eq!(found, expected, "{:#?}", checker.discovery(rule.name()).map(|path| path.into_actions()));
    }
}

#[test]
fn without_an_outbox_a_lost_message_is_a_lost_task() {
    let setting = Setting { faults: 1, sorts: &[Fault::Lost], variant: Variant::NoOutbox, ..Setting::SOUND };
    breaks(Rule::Ends, setting);
}

#[test]
fn if_the_first_settlement_won_a_consumer_would_fail_what_another_runs() {
    let setting = Setting {
        packs: &[&[Nature::Sound, Nature::Any], &[Nature::Sound]],
        faults: 1,
        sorts: &[Fault::Outlived],
        variant: Variant::FirstSettlementWins,
        ..Setting::SOUND
    };
    breaks(Rule::Lease, setting);
}

#[test]
fn if_a_lost_claim_were_charged_neighbours_would_pay_for_dead_consumers() {
    let setting = Setting { faults: 1, sorts: &[Fault::Died], variant: Variant::LossCharged, ..Setting::SOUND };
    breaks(Rule::Neighbours, setting);
}

#[test]
fn if_messages_of_a_leased_pack_were_retried_they_would_come_again_and_again() {
    let setting = Setting {
        faults: 2,
        sorts: &[Fault::Delayed, Fault::Outlived],
        variant: Variant::RetriesHeldLease,
        ..Setting::SOUND
    };
    breaks(Rule::Deliveries, setting);
}

#[test]
fn without_back_off_an_outage_would_be_a_storm_of_probes() {
    let outage = Some(START.after(Duration::from_secs(3_600)));
    let setting = Setting { outage, variant: Variant::ProbesWithoutBackOff, ..Setting::SOUND };
    breaks(Rule::Messages, setting);
}

#[test]
fn without_compare_and_set_a_late_word_gives_a_dead_letter_to_two_replays() {
    let origins = Origins { replays: 3, repeats: 2, change: Change::CompareAndSet };
    origins.checker().spawn_bfs().join().assert_properties();
    let wrong = Origins { change: Change::Overwrite, ..origins };
    let found = wrong.checker().spawn_bfs().join();
    assert!(found.discovery(ONE_AT_A_TIME).is_some());
}
