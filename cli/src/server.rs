//! Calls to the MonoTask server.

use std::io;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use serde::de::DeserializeOwned;
use sha2::{Digest, Sha256};
use ureq::http::Response;
use ureq::{Agent, Body, RequestBuilder};

use crate::address::Address;
use crate::args::Global;
use crate::etag::{Condition, Etag};
use crate::failure::{Broken, Failure};
use crate::output::tell;
use crate::problem::Problem;
use crate::retry;

/// The key that `make dev` accepts and nobody else.
const DEVELOPMENT_KEY: &str = "dev-key";

/// How long a connection may take.
const CONNECT: Duration = Duration::from_secs(10);
/// How long the server may take to begin its answer: it appends and queues a whole submission in that time.
const ANSWER: Duration = Duration::from_secs(120);
/// The largest answer that is read whole.
const ANSWER_BYTES: u64 = 64 << 20;

/// The server, and how it knows us.
pub(crate) struct Server {
    address: Address,
    key: String,
    agent: Agent,
    has_answered: AtomicBool,
}

/// A request with a body, on its way.
pub(crate) struct Post<'a> {
    /// Where to, with its query.
    pub(crate) url: String,
    /// What it is.
    pub(crate) content_type: &'static str,
    /// What makes it safe to send more than once, unless it is anyway.
    pub(crate) idempotency_key: Option<&'a str>,
    /// Its body.
    pub(crate) body: &'a [u8],
}

/// An answer with what its status and headers say.
pub(crate) struct Answer {
    /// Whether it made something that was not there.
    pub(crate) created: bool,
    /// Which version of what was asked for it is of, if the server says so.
    pub(crate) etag: Option<Etag>,
    /// Its body.
    pub(crate) body: String,
}

impl Server {
    /// The server that the command line names.
    pub(crate) fn of(global: &Global) -> Result<Self, Failure> {
        let address = global.url.clone();
        let key = match global.key.as_deref().filter(|key| !key.is_empty()) {
            Some(key) => key,
            None if address.is_loopback() => DEVELOPMENT_KEY,
            None => return Err(Failure::NoKey(address)),
        };
        if !key.bytes().all(|byte| byte.is_ascii_graphic()) {
            return Err(Failure::UnusableKey);
        }
        if address.is_plain() {
            tell(&format!("warning: the API key goes to {address} unencrypted: use https://"));
        }
        let mut config = Agent::config_builder()
            .http_status_as_error(false)
            .max_redirects(0)
            .user_agent(concat!("monotask/", env!("CARGO_PKG_VERSION")))
            .timeout_connect(Some(CONNECT))
            .timeout_recv_response(Some(ANSWER));
        if address.is_loopback() {
            config = config.proxy(None);
        }
        let agent = config.build().new_agent();
        Ok(Self { key: key.to_owned(), address, agent, has_answered: AtomicBool::new(false) })
    }

    /// Where it is.
    pub(crate) fn address(&self) -> &Address {
        &self.address
    }

    /// What tells this API key from others without telling it.
    pub(crate) fn key_digest(&self) -> String {
        Sha256::digest(&self.key).iter().map(|byte| format!("{byte:02x}")).collect()
    }

    /// The body of `GET path` with `query`. What passes is called again a few times.
    pub(crate) fn get(&self, path: &str, query: &[(&str, String)]) -> Result<String, Failure> {
        let url = self.address.join(path, query);
        self.patiently(&tell, || self.read(self.ask(&url)?))
    }

    /// The body of `GET path`, called once.
    pub(crate) fn get_once(&self, path: &str) -> Result<String, Failure> {
        self.read(self.ask(&self.address.join(path, &[]))?)
    }

    /// The answer to `GET path`, to be read as it comes. What passes is called again a few times.
    pub(crate) fn open(&self, path: &str, query: &[(&str, String)]) -> Result<impl io::Read + use<>, Failure> {
        let url = self.address.join(path, query);
        Ok(self.patiently(&tell, || self.ask(&url))?.into_body().into_reader())
    }

    /// The body of the answer to `post`. What passes is called again a few times: the key makes that safe.
    /// `note` tells the person of it.
    pub(crate) fn post(&self, post: &Post<'_>, note: &dyn Fn(&str)) -> Result<String, Failure> {
        self.patiently(note, || self.post_once(post))
    }

    /// The body of the answer to a call that is made once: what broke off may have been done.
    pub(crate) fn post_once(&self, post: &Post<'_>) -> Result<String, Failure> {
        self.read(self.send(post)?)
    }

    /// The body of the answer to `POST path` without a body. What passes is called again a few times: only for what
    /// may be done twice.
    pub(crate) fn post_again(&self, path: &str) -> Result<String, Failure> {
        let url = self.address.join(path, &[]);
        self.patiently(&tell, || self.read(self.send_empty(&url)?))
    }

    /// The answer to `POST path` without a body. What passes is called again a few times: the key makes that safe.
    pub(crate) fn post_empty(&self, path: &str, idempotency_key: &str) -> Result<String, Failure> {
        let url = self.address.join(path, &[]);
        self.patiently(&tell, || {
            let request = self.agent.post(&url).header("authorization", self.bearer());
            self.read(self.judge(request.header("idempotency-key", idempotency_key).send_empty())?)
        })
    }

    /// The answer to `GET path`. What passes is called again a few times.
    pub(crate) fn look(&self, path: &str) -> Result<Answer, Failure> {
        let url = self.address.join(path, &[]);
        self.patiently(&tell, || self.answer(self.ask(&url)?))
    }

    /// The answer to `PUT path` with a JSON `body`. Without a condition what passes is called again a few times; with
    /// one it is called once, since the first call may be what a second one would find.
    pub(crate) fn put(&self, path: &str, condition: Option<&Condition>, body: &[u8]) -> Result<Answer, Failure> {
        let url = self.address.join(path, &[]);
        let call = || {
            let request = under(self.agent.put(&url), condition).header("authorization", self.bearer());
            self.answer(self.judge(request.header("content-type", "application/json").send(body))?)
        };
        if condition.is_some() { call() } else { self.patiently(&tell, call) }
    }

    /// `DELETE path`, called once: what broke off may have been done.
    pub(crate) fn delete_once(&self, path: &str, condition: Option<&Condition>) -> Result<(), Failure> {
        let request = under(self.agent.delete(self.address.join(path, &[])), condition);
        self.judge(request.header("authorization", self.bearer()).call()).map(drop)
    }

    /// Reads what the server said, which must be JSON of this sort.
    pub(crate) fn parse<T: DeserializeOwned>(&self, body: &str) -> Result<T, Failure> {
        serde_json::from_str(body).map_err(|error| Failure::Unintelligible(self.address.clone(), error.to_string()))
    }

    fn ask(&self, url: &str) -> Result<Response<Body>, Failure> {
        let request = self.agent.get(url).header("authorization", self.bearer());
        self.judge(request.call())
    }

    fn send(&self, post: &Post<'_>) -> Result<Response<Body>, Failure> {
        let mut request = self.agent.post(&post.url).header("authorization", self.bearer());
        request = request.header("content-type", post.content_type);
        if let Some(key) = post.idempotency_key {
            request = request.header("idempotency-key", key);
        }
        self.judge(request.send(post.body))
    }

    fn send_empty(&self, url: &str) -> Result<Response<Body>, Failure> {
        self.judge(self.agent.post(url).header("authorization", self.bearer()).send_empty())
    }

    fn bearer(&self) -> String {
        format!("Bearer {}", self.key)
    }

    fn answer(&self, response: Response<Body>) -> Result<Answer, Failure> {
        let created = response.status().as_u16() == 201;
        let etag = response.headers().get("etag").and_then(|etag| etag.to_str().ok()?.parse().ok());
        Ok(Answer { created, etag, body: self.read(response)? })
    }

    fn read(&self, response: Response<Body>) -> Result<String, Failure> {
        let body = response.into_body().into_with_config().limit(ANSWER_BYTES).read_to_string();
        body.map_err(|error| self.broken(error))
    }

    /// Tells answers from failures.
    fn judge(&self, answer: Result<Response<Body>, ureq::Error>) -> Result<Response<Body>, Failure> {
        let response = answer.map_err(|error| self.broken(error))?;
        self.has_answered.store(true, Ordering::Relaxed);
        let status = response.status().as_u16();
        if response.status().is_success() {
            return Ok(response);
        }
        if response.status().is_redirection() {
            return Err(Failure::Unintelligible(self.address.clone(), format!("it redirects ({status})")));
        }
        let header = response.headers().get("retry-after").and_then(|header| header.to_str().ok());
        let after = header.and_then(retry::read_retry_after);
        let problem = Problem::read(&response.into_body().read_to_string().unwrap_or_default());
        Err(match status {
            429 | 500.. => Failure::Unavailable(status, problem, after),
            _ => Failure::Refused(status, problem),
        })
    }

    fn broken(&self, error: ureq::Error) -> Failure {
        use ureq::Timeout::{Connect, Resolve};
        let broken = match &error {
            ureq::Error::Io(error) if error.kind() == io::ErrorKind::ConnectionRefused => Broken::NeverConnected,
            ureq::Error::HostNotFound
            | ureq::Error::ConnectionFailed
            | ureq::Error::Timeout(Connect | Resolve)
            | ureq::Error::Rustls(_)
            | ureq::Error::Tls(_)
            | ureq::Error::ConnectProxyFailed(_) => Broken::NeverConnected,
            _ => Broken::BrokeOff,
        };
        let cause = match error {
            ureq::Error::Io(error) if error.kind() == io::ErrorKind::ConnectionRefused => {
                "connection refused".to_owned()
            }
            error => error.to_string(),
        };
        Failure::Unreachable(self.address.clone(), broken, cause)
    }

    /// Makes a call until it is answered, at most a few times. Where nobody ever answered at all nobody is called
    /// again: the server is not started, or the address is wrong.
    fn patiently<T>(&self, note: &dyn Fn(&str), call: impl Fn() -> Result<T, Failure>) -> Result<T, Failure> {
        let mut calls = 1;
        loop {
            let failure = match call() {
                Ok(answer) => return Ok(answer),
                Err(failure) => failure,
            };
            let never_connected = matches!(failure, Failure::Unreachable(_, Broken::NeverConnected, _));
            let absent = calls == 1 && never_connected && !self.has_answered.load(Ordering::Relaxed);
            let wait = retry::wait(calls, failure.retry_after()).filter(|_| failure.passes() && !absent);
            let Some(wait) = wait else { return Err(failure) };
            if wait >= Duration::from_secs(1) {
                let what = failure.to_string();
                note(&format!("{}; trying again in {} s", what.lines().next().unwrap_or_default(), wait.as_secs()));
            }
            std::thread::sleep(wait);
            calls += 1;
        }
    }
}

/// The same request, to be done only on this condition.
fn under<B>(request: RequestBuilder<B>, condition: Option<&Condition>) -> RequestBuilder<B> {
    match condition.map(Condition::header) {
        Some((name, value)) => request.header(name, value),
        None => request,
    }
}
