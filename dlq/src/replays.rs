//! Calls to the objects of replays.

use std::time::Duration;

use domain::id::ReplayId;
use domain::replay::Request as ReplayOf;
use platform::{PlatformError, Problem, timeout};
use worker::{Env, Method, ObjectNamespace, Request, RequestInit};

/// The longest that a call may take.
const CALL: Duration = Duration::from_secs(10);
/// And one that freezes a set: it reads up to 200,000 letters.
const CREATE: Duration = Duration::from_secs(60);

/// A replay that was asked for.
pub(crate) struct Begun {
    /// Its items.
    pub(crate) count: u32,
    /// Whether it had begun before: then nothing changed.
    pub(crate) is_repeat: bool,
}

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
    pub(crate) async fn create(&self, request: &ReplayOf) -> Result<Begun, Problem> {
        let body = serde_json::to_string(request).map_err(worker::Error::from)?;
        let (status, count) = self.call(request.id, "create", Some(body), CREATE).await?;
        let count = count.parse().map_err(|_| worker::Error::RustError("a replay without a count".to_owned()))?;
        Ok(Begun { count, is_repeat: status == 200 })
    }

    /// Says an operator's word, by the API key with this id; the replay after it, as JSON.
    pub(crate) async fn say(&self, id: ReplayId, word: &str, key: &str) -> Result<String, Problem> {
        Ok(self.call(id, word, Some(key.to_owned()), CALL).await?.1)
    }

    /// Reads `path` of a replay: JSON.
    pub(crate) async fn read(&self, id: ReplayId, path: &str) -> Result<String, Problem> {
        Ok(self.call(id, path, None, CALL).await?.1)
    }

    /// What a replay answers: its status and its text.
    async fn call(
        &self,
        id: ReplayId,
        path: &str,
        body: Option<String>,
        limit: Duration,
    ) -> Result<(u16, String), Problem> {
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
            status @ (200 | 202) => Ok((status, response.text().await?)),
            404 => Err(Problem::NotFound("there is no such replay".to_owned())),
            409 => Err(Problem::Conflict(response.text().await?)),
            422 => Err(Problem::wrong("filter", response.text().await?)),
            status => Err(worker::Error::RustError(format!("a replay answered {status}")).into()),
        }
    }
}
