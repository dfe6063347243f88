//! Speaks the HTTP contract.

use std::time::Duration;

use domain::id::{JobId, TaskId};
use domain::lane::Lane;
use domain::ledger::{Counts, JobState};
use domain::views::JobView;
use serde_json::Value;
use ureq::http::Request;
use ureq::{Agent, SendBody};

use crate::answer::Answer;
use crate::patience::eventually;

/// A caller.
#[derive(Clone)]
pub struct Client {
    origin: String,
    port: u16,
    key: Option<String>,
    agent: Agent,
}

/// A request being put together.
pub struct Call<'c> {
    client: &'c Client,
    method: String,
    path: String,
    headers: Vec<(String, Vec<u8>)>,
    body: Vec<u8>,
    /// Whether the body goes without a `content-length`.
    chunked: bool,
}

impl Client {
    /// A caller of the pipeline on `port` with this key.
    pub fn new(port: u16, key: Option<&str>) -> Self {
        // The pipeline may be killed and started again under our feet: no connection is kept.
        Self { origin: format!("http://127.0.0.1:{port}"), port, key: key.map(str::to_owned), agent: agent(0) }
    }

    /// The port of its pipeline.
    pub fn port(&self) -> u16 {
        self.port
    }

    /// The same with connections that are used again: for whoever measures, on a pipeline that stays up.
    #[must_use]
    pub fn keeping_connections(mut self) -> Self {
        self.agent = agent(8);
        self
    }

    /// A request.
    pub fn call(&self, method: &str, path: &str) -> Call<'_> {
        let authorization = self.key.iter().map(|key| ("authorization".to_owned(), format!("Bearer {key}").into()));
        Call {
            client: self,
            method: method.to_owned(),
            path: path.to_owned(),
            headers: authorization.collect(),
            body: Vec::new(),
            chunked: false,
        }
    }

    /// `GET path`.
    pub fn get(&self, path: &str) -> Answer {
        self.call("GET", path).send()
    }

    /// Submits `tasks` as NDJSON to the lane `default`; the job that they became.
    pub fn submit<'v>(&self, tasks: impl IntoIterator<Item = &'v Value>) -> JobId {
        self.submit_to(Lane::Default, tasks)
    }

    /// Submits `tasks` to a lane. On one machine a lane runs one batch after the other: tests whose tasks take long
    /// use `bulk`, tests that look at the clock use `high`.
    pub fn submit_to<'v>(&self, lane: Lane, tasks: impl IntoIterator<Item = &'v Value>) -> JobId {
        let body = tasks.into_iter().map(|task| format!("{task}\n")).collect::<String>();
        self.call("POST", &format!("/v1/jobs?lane={lane}")).ndjson(body).accepted()
    }

    /// Where a job is. Its counts must add up whenever they are read.
    pub fn job(&self, job: JobId) -> JobView {
        let text = self.get(&format!("/v1/jobs/{job}")).expect(200).text();
        let view: JobView = serde_json::from_str(&text).unwrap();
        assert_add_up(&view.counts);
        view
    }

    /// Waits until a job has ended and returns it. Its counts must add up all the time.
    pub fn wait_until_ended(&self, job: JobId, limit: Duration) -> JobView {
        eventually(&format!("job {job} has ended"), limit, || {
            let view = self.job(job);
            matches!(view.state, JobState::Completed | JobState::Canceled).then_some(view)
        })
    }

    /// The results of a job, `query` being what follows the path.
    pub fn results(&self, job: JobId, query: &str) -> Vec<Value> {
        self.get(&format!("/v1/jobs/{job}/results{query}")).expect(200).lines()
    }

    /// A task with payload and history.
    pub fn task(&self, job: JobId, index: u32) -> Value {
        self.get(&format!("/v1/tasks/{}", TaskId { job, index })).expect(200).json()
    }
}

fn agent(idle_connections: usize) -> Agent {
    Agent::config_builder()
        .http_status_as_error(false)
        .max_redirects(0)
        .allow_non_standard_methods(true)
        .max_idle_connections(idle_connections)
        .max_idle_connections_per_host(idle_connections)
        .timeout_global(Some(Duration::from_secs(120)))
        .proxy(None)
        .build()
        .new_agent()
}

/// `accepted` is the sum of the others, always.
#[track_caller]
fn assert_add_up(counts: &Counts) {
    let sum = counts.queued + counts.running + counts.retrying + counts.succeeded + counts.dead + counts.canceled;
    assert_eq!(sum, counts.accepted, "{counts:?}");
}

impl Call<'_> {
    /// With a header.
    #[must_use]
    pub fn header(mut self, name: &str, value: impl AsRef<[u8]>) -> Self {
        self.headers.push((name.to_owned(), value.as_ref().to_owned()));
        self
    }

    /// With a body.
    #[must_use]
    pub fn body(mut self, body: impl Into<Vec<u8>>) -> Self {
        self.body = body.into();
        self
    }

    /// With a JSON body.
    #[must_use]
    pub fn json(self, body: impl ToString) -> Self {
        self.header("content-type", "application/json").body(body.to_string())
    }

    /// With an NDJSON body.
    #[must_use]
    pub fn ndjson(self, body: impl Into<Vec<u8>>) -> Self {
        self.header("content-type", "application/x-ndjson").body(body)
    }

    /// With a body whose length is not said before.
    #[must_use]
    pub fn chunked(mut self) -> Self {
        self.chunked = true;
        self
    }

    /// The answer, or why there is none.
    ///
    /// # Errors
    /// What went wrong with the connection.
    pub fn try_send(&self) -> Result<Answer, ureq::Error> {
        let mut request = Request::builder().method(&*self.method).uri(format!("{}{}", self.client.origin, self.path));
        for (name, value) in &self.headers {
            request = request.header(name, &**value);
        }
        let agent = &self.client.agent;
        let response = if self.body.is_empty() {
            agent.run(request.body(()).unwrap())?
        } else {
            if !self.chunked {
                request = request.header("content-length", self.body.len());
            }
            let mut reader = &*self.body;
            agent.run(request.body(SendBody::from_reader(&mut reader)).unwrap())?
        };
        let (head, body) = response.into_parts();
        let body = body.into_with_config().limit(u64::MAX).read_to_vec()?;
        Ok(Answer { status: head.status.as_u16(), headers: head.headers, body })
    }

    /// The answer.
    ///
    /// # Panics
    /// If there is none.
    pub fn send(&self) -> Answer {
        self.try_send().unwrap_or_else(|error| panic!("{} {}: {error}", self.method, self.path))
    }

    /// The job that a submission became.
    ///
    /// # Panics
    /// If it was not accepted.
    pub fn accepted(&self) -> JobId {
        self.send().expect(202).json()["job"].as_str().unwrap().parse().unwrap()
    }
}
