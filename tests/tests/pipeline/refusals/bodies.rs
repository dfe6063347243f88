//! Bodies that are too large, or not what they should be.

use domain::limits::BODY_BYTES;
use tests::pipeline::Pipeline;

use super::problem;

/// A good task and blank lines: `bytes` in all.
fn padded(bytes: usize) -> Vec<u8> {
    let mut body = b"{\"kind\":\"simulate\"}\n".to_vec();
    body.resize(bytes, b'\n');
    body
}

#[test]
fn a_body_that_is_too_large_is_answered_and_not_cut_off() {
    let client = Pipeline::shared().client();
    for bytes in [BODY_BYTES + 1, BODY_BYTES * 2 - 1_000] {
        for path in ["/v1/jobs", "/v1/tasks"] {
            let content_type = if path == "/v1/jobs" { "application/x-ndjson" } else { "application/json" };
            let call = || client.call("POST", path).header("content-type", content_type).body(padded(bytes));
            for (name, call) in [("with a length", call()), ("without a length", call().chunked())] {
                problem(&format!("{bytes} bytes {name}"), &call.send(), 413);
            }
        }
    }
}

#[test]
fn a_body_of_16_mib_is_accepted() {
    let client = Pipeline::shared().client();
    for (name, call) in [
        ("with a length", client.call("POST", "/v1/jobs").ndjson(padded(BODY_BYTES))),
        ("without a length", client.call("POST", "/v1/jobs").ndjson(padded(BODY_BYTES)).chunked()),
    ] {
        assert_eq!(call.send().status, 202, "{name}");
    }
}

#[test]
fn only_the_content_types_of_the_contract_are_read() {
    let client = Pipeline::shared().client();
    let (line, task) = ("{\"kind\":\"simulate\"}", "{\"tasks\":[{\"kind\":\"simulate\"}]}");
    for given in
        [None, Some(""), Some("text/plain"), Some("application/jsonl"), Some("multipart/form-data; boundary=x")]
    {
        for path in ["/v1/jobs", "/v1/tasks"] {
            let mut call = client.call("POST", path).body(line);
            if let Some(content_type) = given {
                call = call.header("content-type", content_type);
            }
            problem(&format!("{given:?} for {path}"), &call.send(), 415);
        }
    }
    let call = client.call("POST", "/v1/tasks").ndjson(line);
    problem("lines for a single task", &call.send(), 415);
    for encoding in ["gzip", "br", "gzip, identity"] {
        let call = client.call("POST", "/v1/jobs").ndjson(line).header("content-encoding", encoding);
        problem(encoding, &call.send(), 415);
    }
    let call = client.call("POST", "/v1/jobs").header("content-type", "Application/JSON; charset=UTF-8").body(task);
    assert_eq!(call.send().status, 202);
}
