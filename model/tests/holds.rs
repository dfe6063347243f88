//! The ledger keeps its invariants in every history within the bounds. The bounds are the settings below and those that
//! the crate's documentation states.

use std::time::{Duration, Instant};

use model::{Cancel, Checked, Fault, Nature::*, Rule, START, Setting, Slices};
use stateright::{Checker, HasDiscoveries, Model};

/// Visits every history of `setting` and checks that none breaks a rule; one that does is printed, step by step.
#[allow(clippy::disallowed_methods, reason = "how long a check takes is of interest; nothing is decided by it")]
fn holds(name: &str, setting: Setting) {
    let begun = Instant::now();
    // One thread a setting: the tests run side by side.
    let checker = Checked(setting).checker().finish_when(HasDiscoveries::AnyFailures).spawn_bfs().join();
    let (states, steps, depth) = (checker.unique_state_count(), checker.state_count(), checker.max_depth());
    println!("{name}: {states} states, {steps} steps, {depth} deep, {:.1} s", begun.elapsed().as_secs_f64());
    let broken = Rule::ALL.iter().find_map(|rule| Some((rule.name(), checker.discovery(rule.name())?)));
    let told = broken.map(|(rule, path)| {
        let end = path.last_state().clone();
        let steps: Vec<String> = path.into_actions().iter().map(|step| format!("{step:?}")).collect();
        format!("{name} breaks \"{rule}\"\n{}\n{end:?}", steps.join("\n"))
    });
    assert!(told.is_none(), "{}", told.unwrap_or_default());
}

#[test]
fn three_faults_of_any_sorts_break_nothing() {
    let setting = Setting::of(&[&[Sound, Any], &[Flaky]], 3);
    holds("three faults", Setting { slices: Slices::Either, ..setting });
}

#[test]
fn three_faults_and_a_cancel_break_nothing() {
    let setting = Setting::of(&[&[Sound, Any], &[Sound]], 3);
    holds("three faults, cancel", Setting { cancel: Cancel::Job, ..setting });
}

#[test]
fn three_faults_and_a_poison_task_break_nothing() {
    holds("three faults, poison", Setting::of(&[&[Sound, Poison], &[Sound]], 3));
}

#[test]
fn three_faults_lose_no_dead_letter() {
    holds("three faults, letters", Setting::of(&[&[Flaky, Doomed], &[Doomed]], 3));
}

#[test]
fn two_faults_of_each_sort_break_nothing_whatever_the_consumers_do() {
    let all: &'static [Fault] = &Fault::ALL;
    for sorts in all.chunks(1) {
        let setting = Setting { sorts, hand_backs: 1, ..Setting::of(&[&[Sound, Any], &[Any]], 2) };
        holds(&format!("two faults, {sorts:?}"), Setting { cancel: Cancel::Job, ..setting });
    }
}

#[test]
fn two_faults_between_the_slices_of_a_claim_break_nothing() {
    let setting = Setting::of(&[&[Sound, Any], &[Any]], 2);
    holds("two faults, slices", Setting { slices: Slices::Either, ..setting });
}

#[test]
fn two_faults_and_a_hand_back_break_nothing() {
    let setting = Setting::of(&[&[Sound, Any], &[Sound]], 2);
    holds("two faults, hand-back", Setting { hand_backs: 1, ..setting });
}

#[test]
fn two_faults_and_a_canceled_task_break_nothing() {
    let setting = Setting::of(&[&[Sound, Any], &[Sound]], 2);
    holds("two faults, canceled task", Setting { cancel: Cancel::Task, ..setting });
}

#[test]
fn two_faults_around_a_poison_task_that_runs_first_break_nothing() {
    let setting = Setting::of(&[&[Poison, Flaky], &[Sound]], 2);
    holds("two faults, poison first", Setting { cancel: Cancel::Job, slices: Slices::Either, ..setting });
}

#[test]
fn two_faults_around_a_pack_that_is_halved_break_nothing() {
    holds("two faults, halves", Setting::of(&[&[Sound, Poison, Sound, Sound, Sound], &[Sound]], 2));
}

#[test]
fn two_faults_around_a_handler_that_panics_break_nothing() {
    let setting = Setting::of(&[&[Sound, Panics], &[Any]], 2);
    holds("two faults, panics", Setting { cancel: Cancel::Job, ..setting });
}

#[test]
fn two_faults_and_an_outage_of_an_hour_break_nothing() {
    let outage = Some(START.after(Duration::from_secs(3_600)));
    holds("two faults, outage", Setting { outage, ..Setting::of(&[&[Sound, Any], &[Sound]], 2) });
}
