//! Query parameters that triage does not take. Nothing is changed by any of them.

use serde_json::json;

use super::ACTIONS;
use super::refusals::Scene;

#[test]
fn a_list_that_is_asked_wrongly_names_the_parameter() {
    let scene = Scene::get();
    let items = format!("/v1/replays/{}/items", scene.replay);
    let lists = ["/v1/dead-letters", "/v1/dead-letters/groups", "/v1/dead-letters/export"];
    for path in lists {
        for (query, field) in [
            ("state=dead", "state"),
            ("state=OPEN", "state"),
            ("state=", "state"),
            ("state=open&state=open", "state"),
            ("kind=nope", "kind"),
            ("job=nope", "job"),
            ("job=", "job"),
            ("fingerprint=nope", "fingerprint"),
            ("fingerprint=1-C9CFE00F0F501BAF", "fingerprint"),
            ("reason=bored", "reason"),
            ("since=yesterday", "since"),
            ("since=1795325000", "since"),
            ("until=2027-13-01T00:00:00Z", "until"),
            ("until=2027-01-01", "until"),
            ("q=", "q"),
            ("q=%22%20%2A", "q"),
            ("journal=x", "journal"),
            ("journal=-1", "journal"),
            ("journal=4294967296", "journal"),
            ("tasks=a", "tasks"),
            ("all=true", "all"),
            ("sort=up", "sort"),
            ("%00=1", "\0"),
        ] {
            let errors = scene.refuses(query, &scene.client().call("GET", &format!("{path}?{query}")), 422);
            assert_eq!((errors.len(), &errors[0]["field"]), (1, &json!(field)), "{path}?{query}");
        }
    }
    for path in lists.into_iter().chain(["/v1/replays", "/v1/journal", &items]) {
        for query in [
            "limit=0",
            "limit=201",
            "limit=-1",
            "limit=x",
            "limit=",
            "limit=1.5",
            "limit=99999999999",
            "limit=1&limit=1",
        ] {
            let errors = scene.refuses(query, &scene.client().call("GET", &format!("{path}?{query}")), 422);
            assert_eq!((errors.len(), &errors[0]["field"]), (1, &json!("limit")), "{path}?{query}");
        }
    }
    let (record, view) = (format!("/v1/dead-letters/{}-0", scene.job), format!("/v1/replays/{}", scene.replay));
    for (path, query, field) in [
        ("/v1/replays", "state=running", "state"),
        ("/v1/journal", "key=dev", "key"),
        (&items, "verdict=fine", "verdict"),
        (&items, "from=1", "from"),
        (&record, "limit=1", "limit"),
        (&view, "limit=1", "limit"),
    ] {
        let errors = scene.refuses(query, &scene.client().call("GET", &format!("{path}?{query}")), 422);
        assert_eq!((errors.len(), &errors[0]["field"]), (1, &json!(field)), "{path}?{query}");
    }
    for path in ACTIONS.map(str::to_owned).into_iter().chain([format!("{view}/resume"), format!("{view}/cancel")]) {
        let call =
            scene.client().call("POST", &format!("{path}?force=true")).json(json!({ "filter": { "all": true } }));
        assert_eq!(scene.refuses(&path, &call, 422)[0]["field"], "force");
    }
}
