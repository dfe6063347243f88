//! Calls to the ledger of a job.

use std::time::Duration;

use domain::calls::{
    AppendAnswer, AppendCall, CancelCall, ClaimCall, ClaimReply, ConfirmCall, SealCall, SettleCall, SettleOneCall,
    SettleReply, StrandedCall,
};
use domain::id::JobId;
use domain::packing::Chunk;
use js_sys::{Reflect, Uint8Array};
use serde::Serialize;
use serde::de::DeserializeOwned;
use worker::{Env, Headers, Method, ObjectNamespace, Request, RequestInit, Response};

use crate::retry::retry;
use crate::{Elapsed, PlatformError, timeout};

/// The longest that one call may take: an object that does not answer must not hold its caller up.
const CALL: Duration = Duration::from_secs(10);

/// The same for one that may read all rows of a job.
const LONG_CALL: Duration = Duration::from_secs(60);

/// Ledgers, by job.
#[derive(Clone)]
pub struct Ledgers {
    objects: ObjectNamespace,
}

/// Why a call to a ledger did not work.
#[derive(Debug, thiserror::Error)]
pub enum LedgerError {
    /// It did not answer, or not well: try later. The call may have taken effect; all of them may be repeated.
    #[error("the ledger is unavailable: {0}")]
    Unavailable(Trouble),
    /// It knows no such job, or task.
    #[error("unknown")]
    Unknown,
    /// It refuses the call; nothing changed.
    #[error("refused: {0}")]
    Refused(Refused),
}

/// Why a ledger did not answer.
#[derive(Debug, thiserror::Error)]
pub enum Trouble {
    /// What the runtime says, or what cannot be read.
    #[error(transparent)]
    Runtime(#[from] worker::Error),
    /// It took too long, and may still be at work.
    #[error(transparent)]
    Slow(#[from] Elapsed),
}

/// Why a ledger refuses a call.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Refused {
    /// It contradicts what is there.
    #[error("{0}")]
    Conflict(String),
    /// The job holds as much as it can.
    #[error("{0}")]
    Full(String),
}

impl From<worker::Error> for LedgerError {
    fn from(error: worker::Error) -> Self {
        Self::Unavailable(error.into())
    }
}

impl Ledgers {
    /// The binding `LEDGER`.
    ///
    /// # Errors
    /// [`PlatformError`] if it is missing.
    pub fn new(env: &Env) -> Result<Self, PlatformError> {
        Ok(Self { objects: env.durable_object("LEDGER").map_err(PlatformError::binding("LEDGER"))? })
    }

    /// Appends a part, `chunks` being its tasks. The lines are copied straight into the runtime's memory.
    ///
    /// # Errors
    /// [`LedgerError`].
    pub async fn append<J: DeserializeOwned>(
        &self,
        call: &AppendCall,
        chunks: &[Chunk],
    ) -> Result<AppendAnswer<J>, LedgerError> {
        let head = to_json(call)? + "\n";
        let total = head.len() + chunks.iter().map(|chunk| chunk.lines.len()).sum::<usize>();
        let body = Uint8Array::new_with_length(u32::try_from(total).unwrap_or(u32::MAX));
        let mut at = 0;
        for piece in std::iter::once(&head).chain(chunks.iter().map(|chunk| &chunk.lines)) {
            let end = at + piece.len() as u32;
            body.subarray(at, end).copy_from(piece.as_bytes());
            at = end;
        }
        self.call(call.job, "append", Some(body)).await
    }

    /// Claims packs.
    ///
    /// # Errors
    /// [`LedgerError`].
    pub async fn claim(&self, job: JobId, call: &ClaimCall) -> Result<ClaimReply, LedgerError> {
        self.post(job, "claim", call).await
    }

    /// Settles tasks.
    ///
    /// # Errors
    /// [`LedgerError`].
    pub async fn settle(&self, job: JobId, call: &SettleCall) -> Result<SettleReply, LedgerError> {
        self.post(job, "settle", call).await
    }

    /// Settles one claim's tasks, in the words of version 1.
    ///
    /// # Errors
    /// [`LedgerError`].
    pub async fn settle_one(&self, job: JobId, call: &SettleOneCall) -> Result<SettleReply, LedgerError> {
        self.post(job, "settle", call).await
    }

    /// Seals a job; the job after it, as JSON.
    ///
    /// # Errors
    /// [`LedgerError`].
    pub async fn seal(&self, job: JobId, call: &SealCall) -> Result<String, LedgerError> {
        self.post_for_text(job, "seal", call).await
    }

    /// Cancels a job, or one task of it; the job after it, as JSON.
    ///
    /// # Errors
    /// [`LedgerError`].
    pub async fn cancel(&self, job: JobId, call: &CancelCall) -> Result<String, LedgerError> {
        self.post_for_text(job, "cancel", call).await
    }

    /// Confirms letters.
    ///
    /// # Errors
    /// [`LedgerError`].
    pub async fn confirm(&self, job: JobId, call: &ConfirmCall) -> Result<(), LedgerError> {
        self.post(job, "confirm", call).await
    }

    /// Has a job look after its alarm.
    ///
    /// # Errors
    /// [`LedgerError`].
    pub async fn touch(&self, job: JobId) -> Result<(), LedgerError> {
        self.post(job, "touch", &()).await
    }

    /// Reports a pack that the platform gave up delivering.
    ///
    /// # Errors
    /// [`LedgerError`].
    pub async fn stranded(&self, job: JobId, call: &StrandedCall) -> Result<(), LedgerError> {
        self.post(job, "stranded", call).await
    }

    /// Reads `path` of a ledger; the answer is passed on as it is.
    ///
    /// # Errors
    /// [`LedgerError`].
    pub async fn read(&self, job: JobId, path: &str) -> Result<Response, LedgerError> {
        retry("ledger", is_final_for_reads, || self.fetch(job, path, None)).await
    }

    /// The same for what may read all rows of a job: it has more time, and is not tried again, beside the first try.
    ///
    /// # Errors
    /// [`LedgerError`].
    pub async fn read_all(&self, job: JobId, path: &str) -> Result<Response, LedgerError> {
        self.fetch_within(LONG_CALL, job, path, None).await
    }

    /// Whether there is such a job.
    ///
    /// # Errors
    /// [`LedgerError::Unavailable`].
    pub async fn exists(&self, job: JobId) -> Result<bool, LedgerError> {
        match self.read(job, "job").await {
            Ok(mut view) => Ok(view.text().await.map(|_| true)?),
            Err(LedgerError::Unknown) => Ok(false),
            Err(error) => Err(error),
        }
    }

    /// Reads what `path` says, once and for no longer than `limit`: for who has something to show without.
    ///
    /// # Errors
    /// [`LedgerError`].
    pub async fn read_once(&self, job: JobId, path: &str, limit: Duration) -> Result<Response, LedgerError> {
        self.fetch_within(limit, job, path, None).await
    }

    async fn post<T: DeserializeOwned>(&self, job: JobId, path: &str, call: &impl Serialize) -> Result<T, LedgerError> {
        let json = to_json(call)?;
        self.call(job, path, Some(Uint8Array::from(json.as_bytes()))).await
    }

    async fn post_for_text(&self, job: JobId, path: &str, call: &impl Serialize) -> Result<String, LedgerError> {
        self.call_for_text(job, path, Some(Uint8Array::from(to_json(call)?.as_bytes()))).await
    }

    async fn call<T: DeserializeOwned>(
        &self,
        job: JobId,
        path: &str,
        body: Option<Uint8Array>,
    ) -> Result<T, LedgerError> {
        let answer = self.call_for_text(job, path, body).await?;
        Ok(serde_json::from_str(&answer).map_err(worker::Error::from)?)
    }

    async fn call_for_text(&self, job: JobId, path: &str, body: Option<Uint8Array>) -> Result<String, LedgerError> {
        let answer = retry("ledger", is_final, || async {
            let mut response = self.fetch(job, path, body.clone()).await?;
            Ok(response.text().await?)
        });
        answer.await
    }

    async fn fetch(&self, job: JobId, path: &str, body: Option<Uint8Array>) -> Result<Response, LedgerError> {
        self.fetch_within(CALL, job, path, body).await
    }

    async fn fetch_within(
        &self,
        limit: Duration,
        job: JobId,
        path: &str,
        body: Option<Uint8Array>,
    ) -> Result<Response, LedgerError> {
        let send = async {
            let mut init = RequestInit::new();
            if let Some(body) = body {
                init.with_method(Method::Post).with_body(Some(body.into()));
            }
            init.with_headers(Headers::new());
            let request = Request::new_with_init(&format!("https://ledger/{path}"), &init)?;
            self.objects.get_by_name(&job.to_string())?.fetch_with_request(request).await
        };
        let response = match timeout(limit, send).await {
            Ok(answered) => answered?,
            Err(elapsed) => return Err(LedgerError::Unavailable(elapsed.into())),
        };
        read_status(response).await
    }
}

async fn read_status(mut response: Response) -> Result<Response, LedgerError> {
    match response.status_code() {
        200 => Ok(response),
        404 => Err(LedgerError::Unknown),
        409 => Err(LedgerError::Refused(Refused::Conflict(response.text().await?))),
        413 => Err(LedgerError::Refused(Refused::Full(response.text().await?))),
        status => Err(worker::Error::RustError(format!("it answered {status}")).into()),
    }
}

/// What an object that is overloaded is called with at once makes it worse.
/// <https://developers.cloudflare.com/durable-objects/best-practices/error-handling/>
fn is_final(error: &LedgerError) -> bool {
    match error {
        LedgerError::Unavailable(Trouble::Runtime(error)) => is_overloaded(error),
        LedgerError::Unavailable(Trouble::Slow(_)) => false,
        LedgerError::Unknown | LedgerError::Refused(_) => true,
    }
}

/// A read that is still at work is not begun again beside it.
fn is_final_for_reads(error: &LedgerError) -> bool {
    matches!(error, LedgerError::Unavailable(Trouble::Slow(_))) || is_final(error)
}

/// Whether the runtime says so.
fn is_overloaded(error: &worker::Error) -> bool {
    let value = error.to_js_value();
    value.is_object() && Reflect::get(&value, &"overloaded".into()).is_ok_and(|is_overloaded| is_overloaded.is_truthy())
}

fn to_json(call: &impl Serialize) -> Result<String, LedgerError> {
    Ok(serde_json::to_string(call).map_err(worker::Error::from)?)
}
