//! Lists, groups and frozen sets.

use domain::triage::statements::{Frozen, Groups, ListPlace, Listed, count, discard, frozen, groups, list};
use domain::triage::{Filter, Search};
use domain::verdict::Reason;

use super::database::Database;
use super::*;

/// Two jobs, five causes.
fn night() -> Database {
    let database = Database::new();
    for number in 0..4_u32 {
        let of = job((number % 2) as u8);
        let causes = ["timeout of the gateway", "no such order", "an order is busy", "locked"];
        let some = (number * 50..number * 50 + 50).map(|index| DeadLetter {
            died_at: Timestamp::from_millis(NOW.as_millis() + u64::from(index / 3)),
            reason: if index % 7 == 0 { Reason::Exhausted } else { Reason::Permanent },
            ..letter(of, index, causes[(index as usize / 5) % 4])
        });
        database.archive(&bundle(&number.to_string(), some.collect()), NOW);
    }
    database
}

#[test]
fn pages_show_every_letter_once_newest_first_under_any_filter() {
    let database = night();
    let filters = [
        Filter::default(),
        open(),
        of_job(job(1)),
        Filter { reason: Some(Reason::Exhausted), ..of_job(job(0)) },
        Filter { search: Some(Search::new("order").unwrap()), ..open() },
        Filter { kind: Some(Kind::HttpRequest), ..open() },
        Filter { since: Some(Timestamp::from_millis(NOW.as_millis() + 20)), ..of_job(job(1)) },
    ];
    for (filter, expected) in filters.into_iter().zip([200, 200, 100, 15, 100, 0, 90]) {
        let mut after: Option<ListPlace> = None;
        let mut seen: Vec<(u64, String)> = Vec::new();
        loop {
            let page: Vec<Listed> = database.rows(&list(&filter, after, 7));
            let Some(last) = page.last() else { break };
            after = Some(last.place());
            let letters = page.into_iter().map(Listed::into_letter);
            seen.extend(letters.map(|letter| (letter.died_at.as_millis(), letter.task)));
        }
        assert!(seen.is_sorted_by(|a, b| a.0 >= b.0));
        let all = seen.len();
        seen.sort();
        seen.dedup();
        assert_eq!([all, seen.len()], [expected; 2], "{filter:?}");
        assert_eq!(database.rows::<usize>(&count(&filter)), [expected]);
        let sizes: Vec<Groups> = database.rows(&groups(&filter, None, 50));
        let sizes = sizes.into_iter().map(|group| group.into_group().count as usize);
        assert_eq!(sizes.sum::<usize>(), expected, "{filter:?}");
    }
}

#[test]
fn groups_and_frozen_sets_are_of_what_had_arrived_when_the_first_page_was_read() {
    let database = night();
    let mut pages: Vec<Groups> = database.rows(&groups(&open(), None, 1));
    let Frozen(upto, last, _, mut tasks) = database.rows(&frozen(&open(), None, 120)).pop().unwrap();
    // Into the middle of the first job, and of a new one.
    database.archive(&bundle("late", letters(job(0), [7_000])), NOW);
    database.archive(&bundle("later", letters(job(9), 0..500)), NOW);
    loop {
        let next: Vec<Groups> = database.rows(&groups(&open(), pages.last().map(Groups::place).as_ref(), 1));
        if next.is_empty() {
            break;
        }
        pages.extend(next);
    }
    let pages: Vec<_> = pages.into_iter().map(Groups::into_group).collect();
    assert_eq!(pages.iter().map(|group| group.count).sum::<u32>(), 200);
    let mut fingerprints: Vec<_> = pages.iter().map(|group| group.fingerprint).collect();
    fingerprints.dedup();
    assert_eq!(fingerprints.len(), pages.len());

    let Frozen(.., more) = database.rows(&frozen(&open(), upto.zip(last), 120)).pop().unwrap();
    tasks.extend(more);
    assert_eq!(tasks.len(), 200);
    assert!(tasks[..100].iter().all(|task| task.starts_with(&job(0).to_string())), "job by job");
}

#[test]
fn ids_beyond_what_a_float_holds_are_pages_too() {
    let database = Database::new();
    // As after two billion jobs.
    let owner = "INSERT INTO letter_owners (number, owner) VALUES (2000000000, 'earlier')";
    database.transact(&[domain::statement::Statement::new(owner)]);
    database.archive(&bundle("a", letters(job(1), 1..7)), NOW);
    let (mut after, mut seen) = (None, 0);
    while let Some(last) = database.rows::<Listed>(&list(&open(), after, 1)).pop() {
        after = Some(last.place());
        seen += 1;
    }
    assert_eq!(seen, 6);
    let Frozen(upto, last, _, tasks) = database.rows(&frozen(&open(), None, 4)).pop().unwrap();
    let Frozen(.., more) = database.rows(&frozen(&open(), upto.zip(last), 4)).pop().unwrap();
    assert_eq!((tasks.len(), more.len()), (4, 2));
    let day_later = Timestamp::from_millis(NOW.as_millis() + 86_400_000);
    assert_eq!(database.transact(&domain::triage::statements::reap(day_later))[0].len(), 6);
}

#[test]
fn an_entry_of_the_journal_finds_what_it_moved() {
    let database = night();
    let answers = database.transact(&discard(&of_job(job(0)), "key", NOW));
    let (entry, moved): (u32, u32) = serde_json::from_str(&answers[0][0]).unwrap();
    assert_eq!(moved, 100);
    assert_eq!(database.list(&Filter { journal: Some(entry), ..Filter::default() }).len(), 100);
    assert_eq!(database.list(&open()).len(), 100);
}
