//! Holds a request's key against the keys that are accepted.

use std::cell::OnceCell;

use config::Environment;
use domain::access::{ApiKey, ApiKeys, Scope};
use domain::loopback::is_local_request;
use platform::Problem;
use worker::{Env, Request};

thread_local! {
    /// The secret, read once per isolate: the platform starts new isolates when it changes.
    static KEYS: OnceCell<ApiKeys> = const { OnceCell::new() };
}

/// The key of a request that may do what `scope` covers.
pub(crate) fn authorize(request: &Request, env: &Env, scope: Scope) -> Result<ApiKey, Problem> {
    let key = identify(request, env)?;
    if key.allows(scope) { Ok(key) } else { Err(Problem::Forbidden(scope.name())) }
}

/// The key of a request.
pub(crate) fn identify(request: &Request, env: &Env) -> Result<ApiKey, Problem> {
    let authorization = request.headers().get("authorization")?;
    KEYS.with(|keys| {
        let keys = match keys.get() {
            Some(keys) => keys,
            None => {
                let read = read(env)?;
                keys.get_or_init(|| read)
            }
        };
        keys.find(authorization.as_deref()).cloned().ok_or(Problem::Unauthorized)
    })
}

/// In development, where everybody knows the key, refuses requests that do not come from this machine's own programs.
pub(crate) fn refuse_strangers(request: &Request, env: &Env) -> Result<(), Problem> {
    let headers = request.headers();
    let (host, origin) = (headers.get("host")?, headers.get("origin")?);
    match platform::environment(env)? {
        Environment::Development if !is_local_request(host.as_deref(), origin.as_deref()) => Err(Problem::Stranger),
        Environment::Development | Environment::Production => Ok(()),
    }
}

fn read(env: &Env) -> Result<ApiKeys, Problem> {
    let keys = match env.secret("API_KEYS") {
        Ok(secret) => ApiKeys::parse(&secret.to_string()).map_err(|error| {
            tracing::error!(%error, "nobody can be let in");
            Problem::Unavailable
        })?,
        Err(_) => ApiKeys::default(),
    };
    Ok(match platform::environment(env)? {
        Environment::Development => keys.with_development_key(),
        Environment::Production => keys,
    })
}
