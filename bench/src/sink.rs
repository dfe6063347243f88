//! The server that `http.request` tasks call: it answers after 20 ms and notes who called.

use std::net::SocketAddr;
use std::sync::{Arc, Mutex, mpsc};
use std::thread;
use std::time::Duration;

use axum::Router;
use axum::body::Bytes;
use axum::extract::State;
use axum::http::StatusCode;
use axum::routing::post;
use serde::Deserialize;
use tokio::net::TcpListener;
use tokio::sync::oneshot;

/// How long each answer takes.
pub const ANSWERS_AFTER: Duration = Duration::from_millis(20);

/// The server, on a thread of its own. It ends when dropped.
pub struct Sink {
    address: SocketAddr,
    calls: Arc<Mutex<Calls>>,
    _stop: oneshot::Sender<()>,
}

/// Who called.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Calls {
    /// How often each task called, by its number.
    by_task: Vec<u32>,
    /// Calls of nobody we know.
    pub strange: u64,
}

impl Calls {
    /// How many tasks called.
    pub fn distinct(&self) -> u64 {
        self.by_task.iter().filter(|calls| **calls > 0).count() as u64
    }

    /// Calls beyond the first of each.
    pub fn repeated(&self) -> u64 {
        self.by_task.iter().map(|calls| u64::from(calls.saturating_sub(1))).sum()
    }
}

#[derive(Deserialize)]
struct Payload<'a> {
    #[serde(rename = "ref")]
    reference: &'a str,
}

impl Sink {
    /// Starts it on a free port, for tasks 0 to `tasks`.
    ///
    /// # Errors
    /// What the system says.
    pub fn start(tasks: u32) -> std::io::Result<Self> {
        let calls = Arc::new(Mutex::new(Calls { by_task: vec![0; tasks as usize], strange: 0 }));
        let (stop, stopped) = oneshot::channel::<()>();
        let (tell, told) = mpsc::channel();
        let router = Router::new().route("/", post(answer)).with_state(Arc::clone(&calls));
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
        thread::spawn(move || {
            runtime.block_on(async {
                let listener = TcpListener::bind("127.0.0.1:0").await;
                let address = listener
                    .as_ref()
                    .map_err(|error| error.kind())
                    .and_then(|listener| listener.local_addr().map_err(|error| error.kind()));
                let _ = tell.send(address);
                if let Ok(listener) = listener {
                    tokio::select! {
                        _ = axum::serve(listener, router) => {}
                        _ = stopped => {}
                    }
                }
            });
        });
        let address = told.recv().map_err(|_| std::io::ErrorKind::BrokenPipe)??;
        Ok(Self { address, calls, _stop: stop })
    }

    /// Where it is.
    pub fn url(&self) -> String {
        format!("http://{}/", self.address)
    }

    /// Who called so far.
    pub fn calls(&self) -> Calls {
        match self.calls.lock() {
            Ok(calls) => calls.clone(),
            Err(poisoned) => poisoned.into_inner().clone(),
        }
    }
}

async fn answer(State(calls): State<Arc<Mutex<Calls>>>, body: Bytes) -> StatusCode {
    note(&calls, &body);
    tokio::time::sleep(ANSWERS_AFTER).await;
    StatusCode::OK
}

fn note(calls: &Mutex<Calls>, body: &[u8]) {
    let payload = serde_json::from_slice::<Payload<'_>>(body).ok();
    let task = payload.and_then(|payload| payload.reference.strip_prefix("order-")?.parse::<usize>().ok());
    let mut calls = calls.lock().unwrap_or_else(std::sync::PoisonError::into_inner);
    match task.and_then(|task| calls.by_task.get_mut(task)) {
        Some(count) => *count += 1,
        None => calls.strange += 1,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn calls_are_counted_by_task() {
        let calls = Mutex::new(Calls { by_task: vec![0; 3], strange: 0 });
        for body in [
            r#"{"ref":"order-1"}"#,
            r#"{"ref":"order-1"}"#,
            r#"{"ref":"order-2","pad":""}"#,
            r#"{"ref":"order-3"}"#,
            "x",
        ] {
            note(&calls, body.as_bytes());
        }
        let calls = calls.into_inner().unwrap();
        assert_eq!((calls.distinct(), calls.repeated(), calls.strange), (2, 1, 2));
    }
}
