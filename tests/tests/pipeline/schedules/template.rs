//! The generator `template`, and what is filled in.

use domain::id::JobId;
use serde_json::{Value, json};
use tests::schedules::schedule;

use super::{Day, client};
use crate::SOON;

/// What the tasks of a job were given, in order: each task's `ref` and output.
fn made(job: JobId) -> Vec<(Value, Value)> {
    let client = client();
    let counts = client.wait_until_ended(job, SOON).counts;
    assert_eq!(counts.succeeded, counts.accepted);
    client.results(job, "").into_iter().map(|result| (result["ref"].clone(), result["output"].clone())).collect()
}

fn template(cron: &str, input: &Value) -> Value {
    schedule(cron, &json!({ "generator": "template", "input": input }))
}

#[test]
fn a_template_makes_one_task_for_each_item() {
    let (client, day) = (client(), Day::begin());
    let schedules = client.schedules();
    let task = json!({
        "kind": "simulate", "ref": "{{schedule}} #{{index}} {{item.name}}",
        "payload": { "output": { "all": "{{item}}", "deep": "{{item.at.city}}", "index": "{{index}}", "plain": "{ {item} }" } },
    });
    let items = json!([{ "name": "é \"1\"", "at": { "city": [1.50] } }, { "name": 7, "at": { "city": null } }]);
    schedules.put("items", &template(&day.cron("0 12"), &json!({ "task": task, "items": items })));
    schedules.tick(day.at("12:00"));
    let output =
        |index: usize, city: Value| json!({ "all": items[index], "deep": city, "index": index, "plain": "{ {item} }" });
    let expected =
        [(json!("items #0 é \"1\""), output(0, json!([1.50]))), (json!("items #1 7"), output(1, Value::Null))];
    assert_eq!(made(schedules.runs("items")[0].job.unwrap()), expected);
}

#[test]
fn a_template_makes_one_task_for_each_number_of_a_range_both_ends_included() {
    let (client, _alone) = (client(), Day::begin());
    let schedules = client.schedules();
    let task = json!({ "kind": "simulate", "payload": { "output": ["{{item}}", "{{index}}"] } });
    for (range, expected) in [
        (json!({ "from": 1, "to": 3 }), json!([[1, 0], [2, 1], [3, 2]])),
        (json!({ "from": -4, "to": 5, "step": 4 }), json!([[-4, 0], [0, 1], [4, 2]])),
        (json!({ "from": 7, "to": 7 }), json!([[7, 0]])),
    ] {
        schedules.put("range", &template("@yearly", &json!({ "task": task, "range": range })));
        let outputs: Vec<Value> = made(schedules.run("range")).into_iter().map(|(_, output)| output).collect();
        assert_eq!(Value::from(outputs), expected, "{range}");
    }
    schedules.delete("range");
}

#[test]
fn a_template_without_items_makes_one_task() {
    let (client, _alone) = (client(), Day::begin());
    let task =
        json!({ "kind": "simulate", "payload": { "output": { "name": "{{schedule}}", "{{schedule}}": "{{index}}" } } });
    client.schedules().put("single", &template("@yearly", &json!({ "task": task })));
    let made = made(client.schedules().run("single"));
    assert_eq!(
        made,
        [(Value::Null, json!({ "name": "single", "{{schedule}}": 0 }))],
        "names of fields stay as they are"
    );
    client.schedules().delete("single");
}

#[test]
fn the_date_is_that_of_the_schedules_time_zone_and_the_fire_time_is_utc() {
    let (client, day) = (client(), Day::begin());
    let schedules = client.schedules();
    let task = json!({ "kind": "simulate", "ref": "{{date}} {{fire_time}}" });
    // Half past midnight of the day in Tokyo is half past three of the afternoon before in London.
    let mut tokyo = template(&day.cron("30 0"), &json!({ "task": task }));
    tokyo["timezone"] = json!("Asia/Tokyo");
    let fire_time = domain::time::Timestamp::from_millis(day.at("00:30").as_millis() - 9 * 60 * super::MINUTE);
    assert_eq!(schedules.put("tokyo", &tokyo)["next"][0], json!(fire_time.to_string()));
    schedules.put("london", &template(&day.cron("30 15"), &json!({ "task": task })));
    schedules.tick(fire_time);
    let date = day.date();
    let reference = |name: &str| made(schedules.runs(name)[0].job.unwrap())[0].0.clone();
    assert_eq!(reference("tokyo"), json!(format!("{date} {fire_time}")));
    assert!(!fire_time.to_string().starts_with(&date), "its date in UTC is another");
    // A late tick does not change what is filled in.
    schedules.tick(day.at("15:40"));
    assert_eq!(reference("london"), json!(format!("{date} {}", day.at("15:30"))));
}
