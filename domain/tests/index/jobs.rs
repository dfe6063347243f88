//! The index of jobs: what a tick takes from it.

use std::time::Duration;

use domain::index_row::{FORGOTTEN, forget, take_overdue};
use domain::statement::Statement;

use super::NOW;
use super::database::Database;

/// A database with so many jobs in this state, due a second after each other until now.
fn jobs(database: &Database, state: &str, count: u32) {
    let sql = "WITH RECURSIVE n(n) AS (SELECT 0 UNION ALL SELECT n + 1 FROM n WHERE n + 1 < ?) \
        INSERT INTO jobs (job, version, created_at, source, state, listed, next_check, view) \
        SELECT ? || n, 1, 0, 'api', ?, 1, ? - 1000 * n, '' FROM n RETURNING job AS text";
    database.texts(&Statement::new(sql).bind(count).bind(state).bind(state).bind(NOW.as_millis()));
}

#[test]
fn a_tick_forgets_what_was_deleted_long_ago_a_bounded_number_at_once_and_nothing_else() {
    let database = Database::new();
    jobs(&database, "expired", FORGOTTEN + 5);
    jobs(&database, "completed", 7);
    let earlier = NOW.after(Duration::ZERO);
    assert_eq!(database.texts(&forget(earlier)).len(), FORGOTTEN as usize);
    assert_eq!(database.texts(&forget(earlier)).len(), 5);
    assert_eq!(database.texts(&forget(earlier)).len(), 0);
    assert_eq!(database.count("jobs"), 7);
}

#[test]
fn what_is_deleted_is_not_looked_after_however_long_ago_that_was() {
    let database = Database::new();
    jobs(&database, "expired", 2_000);
    jobs(&database, "running", 3);
    let next = NOW.after(Duration::from_secs(60));
    let mut taken = database.texts(&take_overdue(NOW, next));
    taken.sort();
    assert_eq!(taken, ["running0", "running1", "running2"]);
    assert_eq!(database.texts(&take_overdue(NOW, next)).len(), 0, "each has its next time");
    for (statement, index) in [(take_overdue(NOW, next), "jobs_overdue"), (forget(NOW), "jobs_forgotten")] {
        let plan = database.plan(&statement);
        assert!(plan.iter().any(|step| step.contains(index)), "{plan:?}");
    }
}
