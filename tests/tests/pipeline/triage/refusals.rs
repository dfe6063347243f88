//! Who may not, and what is not there. Nothing is changed by what is refused.

use std::sync::OnceLock;

use serde_json::{Value, json};
use tests::client::{Call, Client};
use tests::pipeline::{DEVELOPMENT_KEY, Pipeline};
use tests::triage::dies;

use crate::SOON;
use crate::refusals::problem;

/// An id that nothing has.
pub(super) const NOBODY: &str = "0199f0c2a0007abc8def0123456789ad";

/// What refused requests are about: some letters and a replay on a pipeline where nobody else does any triage.
pub(super) struct Scene {
    pipeline: &'static Pipeline,
    client: Client,
    /// The job of two open letters and one that is discarded.
    pub(super) job: String,
    /// A replay that has ended.
    pub(super) replay: String,
    before: [Vec<Value>; 3],
}

impl Scene {
    /// The one that all of these tests share.
    pub(super) fn get() -> &'static Self {
        static SCENE: OnceLock<Scene> = OnceLock::new();
        SCENE.get_or_init(|| {
            let pipeline = crate::keys::pipeline();
            let client = pipeline.client_with(DEVELOPMENT_KEY);
            let triage = client.triage();
            let replayed = triage.let_die([&dies("scene", "replayed")]);
            let replay = triage.replay(&json!({ "filter": { "job": replayed } }));
            triage.wait_for_replay(&replay, "completed", SOON);
            // The list is told a moment later.
            tests::patience::eventually("the list knows that it has ended", SOON, || {
                (triage.all("/v1/replays", "", 200)[0]["state"] == "completed").then_some(())
            });
            let job = triage.let_die(&[dies("scene", "a"), dies("scene", "b"), dies("scene", "c")]).to_string();
            triage.discard(&json!({ "tasks": [format!("{job}-2")] }));
            let before = state(&client);
            Scene { pipeline, client, job, replay, before }
        })
    }

    /// An operator who may do all.
    pub(super) fn client(&self) -> &Client {
        &self.client
    }

    /// Sends what must be refused with `status`, and checks that nothing has changed. What it says is wrong.
    #[track_caller]
    pub(super) fn refuses(&self, name: &str, call: &Call<'_>, status: u16) -> Vec<Value> {
        let answer = call.send();
        let errors = problem(name, &answer, status);
        assert_eq!(state(&self.client), self.before, "{name} changed something");
        errors
    }
}

/// All letters, replays and entries of the journal.
fn state(client: &Client) -> [Vec<Value>; 3] {
    ["/v1/dead-letters", "/v1/replays", "/v1/journal"].map(|path| client.triage().all(path, "", 200))
}

/// Every path with its method and the scope that it needs.
fn paths(scene: &Scene) -> Vec<(&'static str, String, &'static str)> {
    let (job, replay) = (&scene.job, &scene.replay);
    vec![
        ("GET", "/v1/dead-letters".to_owned(), "read"),
        ("GET", "/v1/dead-letters/groups".to_owned(), "read"),
        ("GET", "/v1/dead-letters/export".to_owned(), "read"),
        ("GET", format!("/v1/dead-letters/{job}-0"), "read"),
        ("GET", "/v1/replays".to_owned(), "read"),
        ("GET", format!("/v1/replays/{replay}"), "read"),
        ("GET", format!("/v1/replays/{replay}/items"), "read"),
        ("GET", "/v1/journal".to_owned(), "read"),
        ("POST", "/v1/dead-letters/discard".to_owned(), "triage"),
        ("POST", "/v1/dead-letters/restore".to_owned(), "triage"),
        ("POST", "/v1/dead-letters/replay".to_owned(), "triage"),
        ("POST", format!("/v1/replays/{replay}/resume"), "triage"),
        ("POST", format!("/v1/replays/{replay}/cancel"), "triage"),
    ]
}

/// A request that would do something if it were allowed to.
fn call<'c>(client: &'c Client, method: &str, path: &str) -> Call<'c> {
    let call = client.call(method, path);
    if method == "POST" { call.json(json!({ "filter": { "all": true } })) } else { call }
}

#[test]
fn triage_is_for_keys_with_its_scope_and_reading_it_for_those_with_theirs() {
    let scene = Scene::get();
    for (method, path, scope) in paths(scene) {
        for key in ["submit", "read", "triage", "admin", "nothing", "one"] {
            // The key `one` may submit and read.
            if key == scope || (key, scope) == ("one", "read") {
                continue;
            }
            let client = scene.pipeline.client_with(key);
            let name = format!("{method} {path} with the key {key}");
            let answer = call(&client, method, &path).send();
            problem(&name, &answer, 403);
            assert!(answer.json()["detail"].as_str().unwrap().contains(scope), "it says what lacks: {}", answer.text());
        }
        for client in [scene.pipeline.stranger(), scene.pipeline.client_with("unknown")] {
            scene.refuses(&path, &call(&client, method, &path), 401);
        }
        if scope == "read" {
            assert_eq!(scene.pipeline.client_with("read").get(&path).status, 200, "{path}");
        }
    }
    // Somebody else's word for whose key it is counts for nothing.
    let client = scene.pipeline.client_with("read");
    let discard = call(&client, "POST", "/v1/dead-letters/discard").header("x-api-key-id", "triage");
    scene.refuses("a key id that the caller gives", &discard, 403);
    let resume = scene.pipeline.client_with("triage");
    scene.refuses("a word too late", &resume.call("POST", &format!("/v1/replays/{}/resume", scene.replay)), 409);
}

#[test]
fn every_path_of_triage_has_its_method_and_no_other() {
    let scene = Scene::get();
    for (allowed, path, _) in paths(scene) {
        for method in ["GET", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"] {
            if method == allowed {
                continue;
            }
            let answer = scene.client().call(method, &path).send();
            problem(&format!("{method} {path}"), &answer, 405);
            assert_eq!(answer.header("allow"), allowed, "{method} {path}");
        }
    }
}

#[test]
fn what_triage_does_not_know_is_not_found() {
    let scene = Scene::get();
    let (job, replay) = (&scene.job, &scene.replay);
    for path in [
        format!("/v1/dead-letters/{NOBODY}-0"),
        format!("/v1/dead-letters/{NOBODY}-callback"),
        format!("/v1/dead-letters/{job}"),
        format!("/v1/dead-letters/{job}-3"),
        format!("/v1/dead-letters/{job}-00"),
        format!("/v1/dead-letters/{job}-0/"),
        format!("/v1/dead-letters/{job}-0/payload"),
        "/v1/dead-letters/message-nobody".to_owned(),
        "/v1/dead-letters/".to_owned(),
        "/v1/dead-letters/%00".to_owned(),
        "/v1/dead-letters/..%2Fjournal".to_owned(),
        "/v1/dead-letters/%F0%9F%98%80".to_owned(),
        format!("/v1/dead-letters/{}", "a".repeat(199)),
        format!("/v1/dead-letters/{}", "a".repeat(5_000)),
        format!("/v1/replays/{NOBODY}"),
        format!("/v1/replays/{NOBODY}/items"),
        format!("/v1/replays/{}", replay.to_uppercase().replace(char::is_numeric, "A")),
        format!("/v1/replays/{replay}0"),
        format!("/v1/replays/{replay}/nope"),
        format!("/v1/replays/{job}"),
        "/v1/replays/nope".to_owned(),
        "/v1/replays/".to_owned(),
        "/v1/journal/1".to_owned(),
        "/v1/journal/".to_owned(),
    ] {
        assert!(scene.refuses(&path, &scene.client().call("GET", &path), 404).is_empty(), "{path}");
    }
    for word in ["resume", "cancel"] {
        for replay in [NOBODY, "nope", job] {
            let path = format!("/v1/replays/{replay}/{word}");
            assert!(scene.refuses(&path, &scene.client().call("POST", &path), 404).is_empty(), "{path}");
        }
    }
    // What is behind the front door stays behind it.
    for path in ["/malformed", "/tick", "/v1/malformed", "/v1/tick"] {
        scene.refuses(path, &scene.client().call("POST", path).json("0"), 404);
    }
}
