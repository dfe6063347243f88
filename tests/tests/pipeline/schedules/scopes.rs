//! Who may do what with schedules.

use serde_json::json;
use tests::answer::Answer;
use tests::client::Client;
use tests::pipeline::DEVELOPMENT_KEY;
use tests::schedules::{path, schedule};

use crate::keys::pipeline;

#[test]
fn reading_schedules_takes_read_and_everything_else_admin() {
    let pipeline = pipeline();
    let admin = pipeline.client_with("admin");
    admin.schedules().put("scoped", &schedule("@yearly", &json!({})));
    let body = schedule("@yearly", &json!({})).to_string();
    let span = json!({ "from": "2026-01-02T00:00:00Z", "to": "2026-01-03T00:00:00Z" }).to_string();
    let calls: Vec<(&str, u16, &str, String, &str)> = vec![
        ("GET", 200, "read", "/v1/schedules".to_owned(), ""),
        ("GET", 200, "read", path("scoped"), ""),
        ("GET", 200, "read", format!("{}/runs", path("scoped")), ""),
        ("PUT", 200, "admin", path("scoped"), &body),
        ("POST", 202, "admin", format!("{}/run", path("scoped")), ""),
        ("POST", 200, "admin", format!("{}/pause", path("scoped")), ""),
        ("POST", 200, "admin", format!("{}/resume", path("scoped")), ""),
        ("POST", 202, "admin", format!("{}/backfill", path("scoped")), &span),
        ("DELETE", 204, "admin", path("scoped"), ""),
    ];
    let send = |client: &Client, method: &str, path: &str, body: &str| -> Answer {
        let call = client.call(method, path);
        if body.is_empty() { call.send() } else { call.json(body).send() }
    };
    for (method, status, scope, path, body) in &calls {
        for key in ["submit", "read", "triage", "admin", "nothing"].into_iter().filter(|key| key != scope) {
            let answer = send(&pipeline.client_with(key), method, path, body);
            assert_eq!(answer.status, 403, "{key} {method} {path}: {}", answer.text());
            assert!(answer.json()["detail"].as_str().unwrap().contains(scope), "it says what lacks: {}", answer.text());
        }
        assert_eq!(send(&pipeline.stranger(), method, path, body).status, 401, "{method} {path}");
        let answer = send(&pipeline.client_with(scope), method, path, body);
        assert_eq!(answer.status, *status, "{scope} {method} {path}: {}", answer.text());
    }
    let all = pipeline.client_with(DEVELOPMENT_KEY);
    all.schedules().try_put("scoped", &schedule("@yearly", &json!({}))).expect(201);
    all.schedules().delete("scoped");
}
