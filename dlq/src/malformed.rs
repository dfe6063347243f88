//! `POST /malformed`: archives a message that a consumer could not decode.

use domain::bundle::Bundle;
use domain::dead_letter::{DeadLetter, MalformedCall, malformed};
use platform::now;
use worker::{Env, Response, Result};

use crate::archive::Archive;
use crate::index::Index;

pub(crate) async fn archive(body: &str, env: &Env) -> Result<Response> {
    let call: MalformedCall<'_> = match serde_json::from_str(body) {
        Ok(call) => call,
        Err(error) => return Response::error(error.to_string(), 400),
    };
    match archive_letter(malformed(&call, now()), env).await {
        Ok(()) => Response::ok(""),
        Err(error) => {
            tracing::error!(message_id = &*call.message, %error, "malformed and not archived");
            Response::error("not archived", 503)
        }
    }
}

async fn archive_letter(letter: DeadLetter<'_>, env: &Env) -> std::result::Result<(), String> {
    let archive = Archive::new(env).map_err(|error| error.to_string())?;
    let index = Index::new(env).map_err(|error| error.to_string())?;
    let bundle = Bundle::of_malformed(letter);
    archive.put(&bundle).await.map_err(|error| error.to_string())?;
    index.add([&bundle], now()).await.map_err(|error| error.to_string())
}
