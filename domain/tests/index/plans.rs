//! How SQLite goes about it. A bad night has tens of thousands of letters in one state: what goes through them row by row,
//! or for each letter, holds the database up.

use domain::statement::Statement;
use domain::triage::statements::{
    archive, bundles_of, count, groups, held, list, records, reported, still_replayed, take,
};
use domain::triage::{Filter, ReplayVerdict, Search};
use domain::verdict::Reason;

use super::database::Database;
use super::*;

fn steps(statement: &Statement) -> Vec<String> {
    let steps = Database::new().plan(statement);
    steps.into_iter().filter(|step| step.contains("dead_letters") || step.contains(" d ")).collect()
}

#[test]
fn lists_groups_and_counts_read_the_index_and_no_rows() {
    let search = Some(Search::new("x").unwrap());
    for filter in [
        open(),
        Filter { job: Some(job(1)), ..open() },
        Filter { reason: Some(Reason::Permanent), kind: Some(Kind::Simulate), ..open() },
        Filter { since: Some(NOW), until: Some(NOW), ..open() },
        Filter { search, ..open() },
    ] {
        for statement in [groups(&filter, None, 50), count(&filter), list(&filter, None, 50)] {
            let looks = steps(&statement);
            let covers = |step: &&String| step.contains("COVERING INDEX dead_letters_of_cause (state=?");
            assert!(looks.iter().any(|step| covers(&step)), "{filter:?}: {looks:?}");
            let others = looks.iter().filter(|step| !covers(step));
            let others: Vec<_> = others.filter(|step| !step.contains("PRIMARY KEY (rowid=?)")).collect();
            assert!(others.is_empty(), "{filter:?}: {others:?}");
        }
        let plan = Database::new().plan(&groups(&filter, None, 50));
        let sorts = plan.iter().filter(|step| step.contains("GROUP BY")).count();
        assert_eq!(sorts, 1, "letters are counted as they come, and only the groups of all states sorted: {plan:?}");
        let plan = Database::new().plan(&list(&filter, None, 50));
        assert!(plan.iter().any(|step| step.contains("(state=? AND fingerprint=?")), "of each cause: {plan:?}");
    }
}

#[test]
fn letters_of_tasks_are_found_by_their_ids() {
    let task = format!("{}-0", job(1));
    let ended: Vec<(&str, Option<TaskId>)> = vec![(&task, None)];
    let message = bundle("a", vec![again(job(2), 0, &task, replay(1))]);
    let mut statements = archive([&message], NOW);
    statements.extend(take(&[&task], replay(1), false, NOW));
    statements.extend([
        records(&[&task]),
        bundles_of(&[&task]),
        held(&[&task], replay(1)),
        reported(&ended, replay(1), ReplayVerdict::Succeeded),
        still_replayed(&[&task], replay(1)),
        count(&Filter { tasks: Some(vec![task.clone()]), ..open() }),
    ]);
    for statement in statements {
        for step in steps(&statement) {
            assert!(step.contains("INTEGER PRIMARY KEY (rowid=?)"), "{step}: {}", statement.sql);
        }
    }
}
