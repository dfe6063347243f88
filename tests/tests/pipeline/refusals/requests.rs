//! Requests that are refused before anybody looks at their body.

use domain::id::JobId;
use serde_json::json;
use tests::pipeline::Pipeline;

use super::problem;

const NOBODY: &str = "0199f0c2a0007abc8def0123456789ad";

/// Every path that needs a key, with its method.
fn paths() -> Vec<(&'static str, String)> {
    vec![
        ("POST", "/v1/jobs".to_owned()),
        ("POST", "/v1/tasks".to_owned()),
        ("GET", format!("/v1/jobs/{NOBODY}")),
        ("GET", format!("/v1/jobs/{NOBODY}/results")),
        ("GET", format!("/v1/tasks/{NOBODY}-0")),
    ]
}

#[test]
fn nobody_without_a_known_key_learns_anything() {
    let stranger = Pipeline::shared().stranger();
    let long = format!("Bearer {}", "x".repeat(8_000));
    let unknown = [("GET", "/".to_owned()), ("GET", "/v1/nope".to_owned()), ("DELETE", "/v1/jobs".to_owned())];
    for (method, path) in paths().into_iter().chain(unknown) {
        for authorization in [
            None,
            Some(""),
            Some("Bearer"),
            Some("Bearer "),
            Some("Bearer nope"),
            Some("dev-key"),
            Some("Basic ZGV2LWtleTo="),
            Some("Bearer dev-key dev-key"),
            Some("Bearer DEV-KEY"),
            Some(&long),
        ] {
            let mut call = stranger.call(method, &path);
            if method == "POST" {
                call = call.ndjson("{\"kind\":\"simulate\"}");
            }
            if let Some(authorization) = authorization {
                call = call.header("authorization", authorization);
            }
            let answer = call.send();
            problem(&format!("{method} {path} with {authorization:?}"), &answer, 401);
            assert_eq!(answer.header("www-authenticate"), "Bearer");
        }
    }
    // Health is for everybody, and every answer has its id.
    let health = stranger.get("/v1/health").expect(200);
    assert_eq!(health.json(), json!({ "status": "ok", "version": env!("CARGO_PKG_VERSION") }));
    assert_ne!(health.header("x-request-id"), "");
    assert_ne!(health.header("x-request-id"), stranger.get("/v1/health").header("x-request-id"));
}

#[test]
fn a_path_has_its_methods_and_no_others() {
    let client = Pipeline::shared().client();
    for (allowed, path) in paths().into_iter().chain([("GET", "/v1/health".to_owned())]) {
        for method in ["GET", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"] {
            // Jobs are submitted and listed at one place.
            let allowed = if path == "/v1/jobs" { "GET, POST" } else { allowed };
            if allowed.split(", ").any(|one| one == method) {
                continue;
            }
            let answer = client.call(method, &path).send();
            problem(&format!("{method} {path}"), &answer, 405);
            assert_eq!(answer.header("allow"), allowed);
        }
    }
}

#[test]
fn what_does_not_exist_is_not_found() {
    let client = Pipeline::shared().client();
    let job = client.submit([&json!({ "kind": "simulate" })]);
    let upper = job.to_string().to_uppercase();
    for path in [
        "/".to_owned(),
        "/v1".to_owned(),
        "/v1/".to_owned(),
        "/v1/nope".to_owned(),
        "/V1/jobs".to_owned(),
        "/v2/jobs".to_owned(),
        "/v1/jobs/".to_owned(),
        format!("/v1/jobs/{NOBODY}"),
        format!("/v1/jobs/{NOBODY}/results"),
        format!("/v1/jobs/{NOBODY}/results?limit=1"),
        "/v1/jobs/nope".to_owned(),
        format!("/v1/jobs/{upper}"),
        format!("/v1/jobs/{job}0"),
        format!("/v1/jobs/{job}/nope"),
        format!("/v1/jobs/{job}/"),
        "/v1/jobs/%00".to_owned(),
        "/v1/jobs/%F0%9F%98%80".to_owned(),
        format!("/v1/jobs/{}", "a".repeat(4_000)),
        format!("/v1/tasks/{job}"),
        format!("/v1/tasks/{job}-"),
        format!("/v1/tasks/{job}-1"),
        format!("/v1/tasks/{job}-00"),
        format!("/v1/tasks/{job}-+0"),
        format!("/v1/tasks/{job}--1"),
        format!("/v1/tasks/{job}-4294967296"),
        format!("/v1/tasks/{NOBODY}-0"),
        "/append".to_owned(),
        "/claim".to_owned(),
    ] {
        let errors = problem(&path, &client.get(&path), 404);
        assert!(errors.is_empty(), "{path}: {errors:?}");
    }
}

#[test]
fn asking_for_a_job_that_does_not_exist_creates_nothing() {
    let client = Pipeline::shared().client();
    // The id that this key stands for, known beforehand.
    let (key, id) = ("created by nobody", JobId::keyed("dev", "created by nobody"));
    for path in [format!("/v1/jobs/{id}"), format!("/v1/jobs/{id}/results"), format!("/v1/tasks/{id}-0")] {
        problem(&path, &client.get(&path), 404);
    }
    let call = client.call("POST", "/v1/jobs?kind=simulate").header("idempotency-key", key).ndjson("{}");
    assert_eq!(call.accepted(), id);
}

#[test]
fn wrong_query_parameters_of_reads_are_named() {
    let client = Pipeline::shared().client();
    let job = client.submit([&json!({ "kind": "simulate" })]);
    for (path, field) in [
        (format!("/v1/jobs/{job}?verbose=true"), "verbose"),
        (format!("/v1/tasks/{job}-0?limit=1"), "limit"),
        (format!("/v1/jobs/{job}/results?state=dead"), "state"),
        (format!("/v1/jobs/{job}/results?limit=1&limit=2"), "limit"),
        (format!("/v1/jobs/{job}/results?%FF=1"), "\u{fffd}"),
        (format!("/v1/jobs/{job}/results?limit=%"), "limit"),
        (format!("/v1/jobs/{job}/results?limit=0"), "limit"),
        (format!("/v1/jobs/{job}/results?limit=-1"), "limit"),
        (format!("/v1/jobs/{job}/results?limit=ten"), "limit"),
        (format!("/v1/jobs/{job}/results?limit="), "limit"),
        (format!("/v1/jobs/{job}/results?limit=99999999999"), "limit"),
        (format!("/v1/jobs/{job}/results?from=-1"), "from"),
        (format!("/v1/jobs/{job}/results?from=1.5"), "from"),
        (format!("/v1/jobs/{job}/results?status=done"), "status"),
        (format!("/v1/jobs/{job}/results?status=Dead"), "status"),
    ] {
        let errors = problem(&path, &client.get(&path), 422);
        assert_eq!(errors.len(), 1, "{path}: {errors:?}");
        assert_eq!(errors[0]["field"], field, "{path}");
    }
    let answer = client.get(&format!("/v1/jobs/{job}/results?a=1&b=2"));
    assert_eq!(problem("two unknown parameters", &answer, 422).len(), 2);
}
