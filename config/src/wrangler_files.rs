//! The wrangler files and the production settings say the same.

use std::path::Path;

use domain::calls::Destination;
use domain::lane::Lane;
use toml::{Table, Value};

use crate::{Environment, QueueSettings};

const FILES: [&str; 4] = ["wrangler.toml", "consumers/wrangler.toml", "dlq/wrangler.toml", "ledger/wrangler.toml"];

/// The queue that the dead-letters queue gives its messages up to.
const UNDELIVERED: &str = "monotask-undelivered";

fn file(name: &str) -> Table {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("..").join(name);
    std::fs::read_to_string(path).unwrap().parse().unwrap()
}

fn list<'t>(table: &'t Table, path: [&str; 2]) -> Vec<&'t Table> {
    let found = table.get(path[0]).and_then(|value| value.get(path[1])).and_then(Value::as_array);
    found.into_iter().flatten().filter_map(Value::as_table).collect()
}

fn text<'t>(table: &'t Table, key: &str) -> &'t str {
    table.get(key).and_then(Value::as_str).unwrap_or_default()
}

fn queue_of(to: Destination) -> String {
    match to {
        Destination::Lane(lane) => format!("monotask-{lane}"),
        Destination::DeadLetters => "monotask-dead-letters".to_owned(),
    }
}

/// The consumer of a queue as its Worker's file declares it.
fn declared(name: &str, queue: &str) -> (QueueSettings, String) {
    let table = file(name);
    let consumer = list(&table, ["queues", "consumers"]).into_iter().find(|consumer| text(consumer, "queue") == queue);
    let mut consumer = consumer.unwrap_or_else(|| panic!("{name}: no consumer of {queue}")).clone();
    consumer.remove("queue");
    let dead_letters = consumer.remove("dead_letter_queue").and_then(|value| value.as_str().map(str::to_owned));
    (Value::Table(consumer).try_into().unwrap(), dead_letters.unwrap_or_default())
}

#[test]
fn every_queue_is_consumed_as_the_settings_say() {
    let queues = Environment::Production.queues();
    for (lane, expected) in &queues.lanes {
        let (found, dead_letters) = declared("consumers/wrangler.toml", &queue_of(Destination::Lane(*lane)));
        assert_eq!(
            found, *expected,
            "lane {lane}: make consumers/wrangler.toml and config/settings/production.toml agree"
        );
        assert_eq!(dead_letters, "monotask-dead-letters", "lane {lane}: a message given up must reach dlq");
    }
    for (queue, gives_up_to) in [("monotask-dead-letters", UNDELIVERED), (UNDELIVERED, "")] {
        let (found, dead_letters) = declared("dlq/wrangler.toml", queue);
        assert_eq!(found, queues.dead_letters, "make dlq/wrangler.toml and config/settings/production.toml agree");
        assert_eq!(dead_letters, gives_up_to, "{queue}: what it gives up is not lost");
    }
    let patience = Environment::Production.settings().archive.patience(&queues.dead_letters);
    assert!(patience.as_secs() > 12 * 3_600, "D1 may be away for half a day: {patience:?}");
}

#[test]
fn every_sender_has_the_bindings_that_the_code_asks_for() {
    let lanes = |lanes: &[Lane]| lanes.iter().map(|lane| Destination::Lane(*lane)).collect::<Vec<_>>();
    let mut all = lanes(&Lane::ALL);
    all.push(Destination::DeadLetters);
    for (name, expected) in [
        ("wrangler.toml", lanes(&[Lane::High, Lane::Default, Lane::Bulk])),
        ("consumers/wrangler.toml", all.clone()),
        ("ledger/wrangler.toml", all),
        ("dlq/wrangler.toml", lanes(&[Lane::High, Lane::Default, Lane::Bulk])),
    ] {
        let table = file(name);
        let found: Vec<(&str, &str)> = list(&table, ["queues", "producers"])
            .into_iter()
            .map(|producer| (text(producer, "binding"), text(producer, "queue")))
            .collect();
        for to in expected {
            assert!(
                found.contains(&(to.binding(), &queue_of(to))),
                "{name}: needs {} for {}",
                to.binding(),
                queue_of(to)
            );
        }
    }
}

#[test]
fn a_handler_that_spins_is_ended_by_the_platform() {
    let limits = file("consumers/wrangler.toml").get("limits").and_then(Value::as_table).cloned().unwrap_or_default();
    let cpu = limits.get("cpu_ms").and_then(Value::as_integer).unwrap_or_default();
    let lease = Environment::Production.settings().claims.lease;
    assert!(cpu > 0 && (cpu as u128) < lease.as_millis(), "consumers/wrangler.toml: limits.cpu_ms within the lease");
}

#[test]
fn who_uses_the_index_has_its_database_and_its_migrations() {
    let databases: Vec<Table> = ["wrangler.toml", "ledger/wrangler.toml", "dlq/wrangler.toml"]
        .map(|name| {
            let table = file(name);
            let found = table.get("d1_databases").and_then(Value::as_array).cloned().unwrap_or_default();
            let [Value::Table(database)] = &*found else { panic!("{name}: one database, INDEX") };
            let folder = Path::new(name).parent().unwrap().join(text(database, "migrations_dir"));
            let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("..").join(folder);
            assert!(folder.join("0001_jobs.sql").exists(), "{name}: migrations_dir");
            database.clone()
        })
        .to_vec();
    for key in ["binding", "database_name", "database_id"] {
        for other in &databases[1..] {
            assert_eq!(databases[0].get(key), other.get(key), "{key}: the Workers use the same database");
        }
    }
    assert_eq!(text(&databases[0], "binding"), "INDEX");
}

#[test]
fn only_the_front_door_is_public_and_all_default_to_production() {
    for name in FILES {
        let table = file(name);
        let vars = table.get("vars").and_then(Value::as_table).unwrap();
        assert_eq!(text(vars, "ENVIRONMENT"), "production", "{name}");
        let private = table.get("workers_dev").and_then(Value::as_bool) == Some(false);
        assert_eq!(private, name != "wrangler.toml", "{name}: workers_dev");
        assert!(!table.contains_key("route") && !table.contains_key("routes"), "{name}");
    }
}

#[test]
fn all_workers_run_the_same_platform() {
    let date = |name| file(name).get("compatibility_date").map(ToString::to_string);
    for name in FILES {
        assert_eq!(date(name), date(FILES[0]), "{name}: compatibility_date");
    }
}
