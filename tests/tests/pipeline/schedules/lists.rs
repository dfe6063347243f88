//! Schedules by name, and runs newest first, page by page.

use serde_json::{Value, json};
use tests::schedules::schedule;

use super::{Day, client};
use crate::refusals::problem;

fn names(schedules: &[Value]) -> Vec<&str> {
    let names = schedules.iter().map(|schedule| schedule["name"].as_str().unwrap());
    names.filter(|name| name.starts_with("list-")).collect()
}

#[test]
fn schedules_are_listed_by_name_page_by_page() {
    let client = client();
    let schedules = client.schedules();
    let expected = ["list-A", "list-_", "list-a", "list-a.1", "list-aa"];
    let mut sorted = expected.to_vec();
    sorted.sort_unstable();
    for name in ["list-aa", "list-_", "list-a", "list-A", "list-a.1"] {
        schedules.put(name, &schedule("@yearly", &json!({ "paused": true })));
    }
    for limit in [1, 2, 3, 200] {
        let all = client.triage().all("/v1/schedules", "", limit);
        assert_eq!(names(&all), sorted, "{limit} a page");
        assert!(all.is_sorted_by_key(|schedule| schedule["name"].as_str().unwrap()));
    }
    let all = client.triage().all("/v1/schedules", "", 200);
    let listed = all.iter().find(|schedule| schedule["name"] == "list-a").unwrap();
    let mut whole = schedules.get("list-a");
    whole.as_object_mut().unwrap().remove("input");
    whole["next"].as_array_mut().unwrap().truncate(1);
    assert_eq!(*listed, whole, "without its input, and with one fire time");
    for name in expected {
        schedules.delete(name);
    }
}

#[test]
fn runs_are_listed_newest_first_page_by_page() {
    let (client, day) = (client(), Day::begin());
    let schedules = client.schedules();
    schedules.put("pages", &schedule(&day.cron("5-9 12"), &json!({ "paused": true })));
    schedules.tick(day.at("12:09"));
    let all = client.triage().all("/v1/schedules/pages/runs", "", 200);
    assert_eq!(all.len(), 5);
    assert!(all.is_sorted_by(|one, other| one["planned_at"].as_str() > other["planned_at"].as_str()), "{all:?}");
    assert_eq!(
        all[0],
        json!({
            "planned_at": day.at("12:09").to_string(), "fired_at": day.at("12:09").to_string(), "lateness_ms": 0,
            "outcome": "skipped", "reason": "paused",
        })
    );
    for limit in [1, 3, 5] {
        assert_eq!(client.triage().all("/v1/schedules/pages/runs", "", limit), all, "{limit} a page");
    }
    assert_eq!(client.triage().page("/v1/schedules/pages/runs", "limit=5").1, None, "there is no more");
}

#[test]
fn a_page_that_no_page_before_it_led_to_is_refused() {
    let (client, day) = (client(), Day::begin());
    let schedules = client.schedules();
    for name in ["pages-a", "pages-b"] {
        schedules.put(name, &schedule(&day.cron("0-2 12"), &json!({ "paused": true })));
    }
    schedules.tick(day.at("12:02"));
    let cursor = |path: &str| client.triage().page(path, "limit=1").1.expect("there is more");
    let (of_runs, of_list) = (cursor("/v1/schedules/pages-a/runs"), cursor("/v1/schedules"));
    let foreign = [
        ("/v1/schedules", of_runs.clone()),
        ("/v1/schedules/pages-b/runs", of_runs.clone()),
        ("/v1/schedules/pages-a/runs", of_list.clone()),
    ];
    for (path, cursor) in foreign {
        let errors = problem(path, &client.get(&format!("{path}?cursor={cursor}")), 422);
        assert_eq!(errors[0]["field"], "cursor", "{path}");
    }
    for path in ["/v1/schedules", "/v1/schedules/pages-a/runs"] {
        for (query, field) in [
            ("cursor=7", "cursor"),
            ("cursor=", "cursor"),
            ("cursor=bWFkZSB1cA", "cursor"),
            ("limit=0", "limit"),
            ("limit=201", "limit"),
            ("limit=x", "limit"),
            ("state=paused", "state"),
            ("limit=1&limit=1", "limit"),
        ] {
            let errors = problem(query, &client.get(&format!("{path}?{query}")), 422);
            assert_eq!((errors.len(), &errors[0]["field"]), (1, &json!(field)), "{path}?{query}");
        }
    }
}
