//! Calls to the objects of replays.

use std::time::Duration;

use domain::id::ReplayId;
use platform::{PlatformError, Problem, timeout};
use worker::{Env, Method, ObjectNamespace, Request, RequestInit};

use crate::replay::calls::{Begun, Create};

/// The longest that a call may take.
const CALL: Duration = Duration::from_secs(10);
/// And one that freezes a set: it reads up to 200,000 letters.
const CREATE: Duration = Duration::from_secs(60);

/// Replays, by id.
pub(crate) struct Replays {
    objects: ObjectNamespace,
}

impl Replays {
    /// The binding `REPLAYS`.
    pub(crate) fn new(env: &Env) -> Result<Self, PlatformError> {
        Ok(Self { objects: env.durable_object("REPLAYS").map_err(PlatformError::binding("REPLAYS"))? })
    }

    /// Begins a replay.
    pub(crate) async fn create(&self, request: &Create) -> Result<Begun, Problem> {
        let body = serde_json::to_string(request).map_err(worker::Error::from)?;
        let begun = self.call(request.id, "create", Some(body), CREATE).await?;
        Ok(serde_json::from_str(&begun).map_err(worker::Error::from)?)
    }

    /// Says an operator's word, by the API key with this id; the replay after it, as JSON.
    pub(crate) async fn say(&self, id: ReplayId, word: &str, key: &str) -> Result<String, Problem> {
        self.call(id, word, Some(key.to_owned()), CALL).await
    }

    /// Reads `path` of a replay: JSON.
    pub(crate) async fn read(&self, id: ReplayId, path: &str) -> Result<String, Problem> {
        self.call(id, path, None, CALL).await
    }

    async fn call(&self, id: ReplayId, path: &str, body: Option<String>, limit: Duration) -> Result<String, Problem> {
        let send = async {
            let mut init = RequestInit::new();
            if let Some(body) = body {
                init.with_method(Method::Post).with_body(Some(body.into()));
            }
            let request = Request::new_with_init(&format!("https://replay/{path}"), &init)?;
            self.objects.get_by_name(&id.to_string())?.fetch_with_request(request).await
        };
        let mut response =
            timeout(limit, send).await.map_err(|elapsed| worker::Error::RustError(elapsed.to_string()))??;
        match response.status_code() {
            200 => Ok(response.text().await?),
            404 => Err(Problem::NotFound("there is no such replay".to_owned())),
            409 => Err(Problem::Conflict(response.text().await?)),
            status => Err(worker::Error::RustError(format!("a replay answered {status}")).into()),
        }
    }
}
