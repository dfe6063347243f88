//! A server that tasks call: it notes every request and answers as it was told to.

use std::collections::HashMap;
use std::net::SocketAddr;
use std::sync::{Arc, Mutex, mpsc};
use std::thread;
use std::time::{Duration, Instant};

use axum::Router;
use axum::body::{Body, to_bytes};
use axum::extract::{Request, State};
use axum::http::{HeaderMap, Response};
use tokio::net::TcpListener;
use tokio::sync::oneshot;

use crate::patience::eventually;

/// The server. It ends when dropped.
pub struct Sink {
    address: SocketAddr,
    book: Arc<Mutex<Book>>,
    _stop: oneshot::Sender<()>,
}

/// A request as it came.
#[derive(Clone, Debug)]
pub struct Received {
    /// When.
    pub at: Instant,
    /// Its method.
    pub method: String,
    /// Its headers.
    pub headers: HeaderMap,
    /// Its body.
    pub body: String,
}

/// How a request is answered.
#[derive(Clone, Debug)]
pub struct Reply {
    status: u16,
    headers: Vec<(&'static str, String)>,
    body: String,
    wait: Duration,
}

#[derive(Default)]
struct Book {
    received: HashMap<String, Vec<Received>>,
    replies: HashMap<String, Vec<Reply>>,
}

impl Reply {
    /// With this status.
    pub fn status(status: u16) -> Self {
        Self { status, headers: Vec::new(), body: String::new(), wait: Duration::ZERO }
    }

    /// With this header.
    #[must_use]
    pub fn header(mut self, name: &'static str, value: impl Into<String>) -> Self {
        self.headers.push((name, value.into()));
        self
    }

    /// With this body.
    #[must_use]
    pub fn body(mut self, body: impl Into<String>) -> Self {
        self.body = body.into();
        self
    }

    /// Not before `wait` has passed.
    #[must_use]
    pub fn after(mut self, wait: Duration) -> Self {
        self.wait = wait;
        self
    }

    /// None within any test's time.
    pub fn never() -> Self {
        Self::status(200).after(Duration::from_secs(3_600))
    }
}

impl Sink {
    /// Starts it on a free port.
    pub fn start() -> Self {
        let book = Arc::new(Mutex::new(Book::default()));
        let (stop, stopped) = oneshot::channel();
        let (tell, told) = mpsc::channel();
        let router = Router::new().fallback(serve).with_state(Arc::clone(&book));
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
        thread::spawn(move || {
            runtime.block_on(async {
                let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
                tell.send(listener.local_addr().unwrap()).unwrap();
                tokio::select! {
                    served = axum::serve(listener, router) => served.unwrap(),
                    _ = stopped => {}
                }
            });
        });
        Self { address: told.recv().unwrap(), book, _stop: stop }
    }

    /// The URL of `path`.
    pub fn url(&self, path: &str) -> String {
        format!("http://{}{path}", self.address)
    }

    /// Requests to `path` are answered by `replies` in turn, the last one again and again. Others get a 200.
    pub fn answer(&self, path: &str, replies: impl IntoIterator<Item = Reply>) {
        let mut replies: Vec<Reply> = replies.into_iter().collect();
        replies.reverse();
        self.book.lock().unwrap().replies.insert(path.to_owned(), replies);
    }

    /// The requests to `path` so far, in order.
    pub fn received(&self, path: &str) -> Vec<Received> {
        self.book.lock().unwrap().received.get(path).cloned().unwrap_or_default()
    }

    /// Waits until `count` requests to `path` are there.
    ///
    /// # Panics
    /// After `limit`.
    pub fn wait_for(&self, path: &str, count: usize, limit: Duration) -> Vec<Received> {
        eventually(&format!("{count} requests to {path}"), limit, || {
            Some(self.received(path)).filter(|received| received.len() >= count)
        })
    }
}

impl Received {
    /// The value of a header; empty if it is missing.
    pub fn header(&self, name: &str) -> &str {
        self.headers.get(name).map_or("", |value| value.to_str().unwrap())
    }
}

async fn serve(State(book): State<Arc<Mutex<Book>>>, request: Request) -> Response<Body> {
    let at = Instant::now();
    let (head, body) = request.into_parts();
    let body = String::from_utf8(to_bytes(body, usize::MAX).await.unwrap().to_vec()).unwrap();
    let path = head.uri.path().to_owned();
    let received = Received { at, method: head.method.to_string(), headers: head.headers, body };
    let reply = {
        let mut book = book.lock().unwrap();
        book.received.entry(path.clone()).or_default().push(received);
        match book.replies.get_mut(&path) {
            Some(replies) if replies.len() > 1 => replies.pop(),
            Some(replies) => replies.last().cloned(),
            None => None,
        }
        .unwrap_or(Reply::status(200))
    };
    tokio::time::sleep(reply.wait).await;
    let mut response = Response::builder().status(reply.status);
    for (name, value) in reply.headers {
        response = response.header(name, value);
    }
    response.body(Body::from(reply.body)).unwrap()
}
