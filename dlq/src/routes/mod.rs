//! What each route of triage does, one file a resource. The front door has checked the key, the path and the method.

mod groups;
mod journal;
mod list;
mod moves;
mod record;
mod replay;
mod replays;

pub(crate) use replays::items_page;

use domain::triage::Route;
use platform::{Problem, query};
use serde::Serialize;
use worker::{Env, Request, Response};

/// The path of a request's URL. Cut out of the text: see [`query::pairs`].
pub(crate) fn path(request: &Request) -> String {
    let url = request.inner().url();
    let after_scheme = url.split_once("://").map_or(&*url, |(_, rest)| rest);
    let from_path = after_scheme.find('/').map_or("/", |at| &after_scheme[at..]);
    from_path.split('?').next().unwrap_or_default().to_owned()
}

/// Serves one request.
pub(crate) async fn serve(request: &mut Request, env: &Env, path: &str) -> Result<Response, Problem> {
    let pairs = query::pairs(request);
    let key = request.headers().get("x-api-key-id")?.unwrap_or_default();
    let Some(route) = Route::at(path) else { return Err(Problem::NotFound(format!("there is no {path}"))) };
    if !route.lists() {
        query::only(&pairs, &[])?;
    }
    match route {
        Route::List => list::get(&pairs, env).await,
        Route::Export => list::export(&pairs, env).await,
        Route::Groups => groups::get(&pairs, env).await,
        Route::Record(task) => record::get(&task, env).await,
        Route::Discard => moves::discard(&request.bytes().await?, &key, env).await,
        Route::Restore => moves::restore(&request.bytes().await?, &key, env).await,
        Route::Replay => replay::post(request, &key, env).await,
        Route::Replays => replays::list(&pairs, env).await,
        Route::View(id) => replays::view(id, env).await,
        Route::Items(id) => replays::items(id, &pairs, env).await,
        Route::Resume(id) => {
            says_nothing(request).await?;
            replays::resume(id, &key, env).await
        }
        Route::Cancel(id) => {
            says_nothing(request).await?;
            replays::cancel(id, &key, env).await
        }
        Route::Journal => journal::get(&pairs, env).await,
    }
}

/// A word to a replay says it all by its path.
async fn says_nothing(request: &mut Request) -> Result<(), Problem> {
    match request.bytes().await?.trim_ascii() {
        b"" | b"{}" => Ok(()),
        _ => Err(Problem::wrong("", "this takes no body")),
    }
}

/// An answer in JSON. Never by way of a tree: that would build every type a second time, and this Worker grow by a tenth.
fn json(status: u16, body: &impl Serialize) -> Result<Response, Problem> {
    text(status, serde_json::to_string(body).map_err(worker::Error::from)?)
}

/// An answer that is JSON already.
fn text(status: u16, json: String) -> Result<Response, Problem> {
    let headers = worker::Headers::new();
    headers.set("content-type", "application/json")?;
    Ok(Response::ok(json)?.with_status(status).with_headers(headers))
}
