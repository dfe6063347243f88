//! `POST /malformed`: archives a message that a consumer could not decode.

use domain::dead_letter::{MalformedCall, malformed};
use worker::{Env, Response, Result};

use crate::archive::Archive;

pub(crate) async fn archive(body: &str, env: &Env) -> Result<Response> {
    let call: MalformedCall<'_> = match serde_json::from_str(body) {
        Ok(call) => call,
        Err(error) => return Response::error(error.to_string(), 400),
    };
    let written = match Archive::new(env) {
        Ok(archive) => archive.put(&malformed(&call, platform::now())).await.map_err(|error| error.to_string()),
        Err(error) => Err(error.to_string()),
    };
    match written {
        Ok(()) => Response::ok(""),
        Err(error) => {
            tracing::error!(message_id = &*call.message, %error, "malformed and not archived");
            Response::error("not archived", 503)
        }
    }
}
