//! A server that takes jobs in parts, as far as the command line can tell.

use std::collections::BTreeMap;
use std::sync::{Arc, Condvar, Mutex};
use std::time::Duration;

use super::{FakeServer, Reply, Request};

/// What the server has.
#[derive(Default)]
pub struct Jobs {
    state: Mutex<State>,
    changed: Condvar,
}

#[derive(Default)]
struct State {
    /// The key of each job, in order of their ids.
    keys: Vec<String>,
    /// Tasks by path and key.
    parts: BTreeMap<(String, String), usize>,
    under_way: usize,
    most_under_way: usize,
}

impl Jobs {
    /// Serves jobs; `fault` is asked first about each part, by its number.
    pub fn serve(fault: impl Fn(&Jobs, u32) -> Option<Reply> + Send + Sync + 'static) -> (FakeServer, Arc<Self>) {
        let jobs = Arc::new(Self::default());
        let served = Arc::clone(&jobs);
        let server = FakeServer::answering(move |request| served.answer(request, &fault));
        (server, jobs)
    }

    /// The same without faults.
    pub fn faultless() -> (FakeServer, Arc<Self>) {
        Self::serve(|_, _| None)
    }

    /// The id of the job that was opened as number `at`, from 0.
    pub fn id(at: usize) -> String {
        format!("0199f0c2a0007abc8def01234567{at:04x}")
    }

    /// How many jobs were opened.
    pub fn opened(&self) -> usize {
        self.state.lock().unwrap().keys.len()
    }

    /// How many parts were ever under way at a time.
    pub fn most_under_way(&self) -> usize {
        self.state.lock().unwrap().most_under_way
    }

    /// Waits until so many parts are under way, or for long enough to know that they never are.
    pub fn wait_until_under_way(&self, parts: usize) {
        let state = self.state.lock().unwrap();
        let deadline = Duration::from_secs(10);
        drop(self.changed.wait_timeout_while(state, deadline, |state| state.most_under_way < parts).unwrap());
    }

    /// Waits until so many parts are there.
    pub fn wait_until_there(&self, parts: usize) {
        let state = self.state.lock().unwrap();
        let deadline = Duration::from_secs(60);
        drop(self.changed.wait_timeout_while(state, deadline, |state| state.parts.len() < parts).unwrap());
    }

    fn answer(&self, request: &Request, fault: &impl Fn(&Self, u32) -> Option<Reply>) -> Reply {
        let path = request.line.split([' ', '?']).nth(1).unwrap().to_owned();
        match path.rsplit('/').next().unwrap() {
            "jobs" => self.open(request),
            "tasks" => {
                self.count(1);
                let number = request.header("idempotency-key").rsplit('/').next().unwrap().parse().unwrap();
                let reply = fault(self, number).unwrap_or_else(|| self.append(path, request));
                self.count(-1);
                reply
            }
            "seal" => self.seal(&path, request),
            _ => Reply::Answer(404, "", String::new()),
        }
    }

    fn count(&self, by: isize) {
        let mut state = self.state.lock().unwrap();
        state.under_way = state.under_way.strict_add_signed(by);
        state.most_under_way = state.most_under_way.max(state.under_way);
        self.changed.notify_all();
    }

    fn open(&self, request: &Request) -> Reply {
        let mut state = self.state.lock().unwrap();
        let key = request.header("idempotency-key").to_owned();
        let known = state.keys.iter().position(|known| *known == key);
        let at = known.unwrap_or(state.keys.len());
        if known.is_none() {
            state.keys.push(key);
        }
        let id = Self::id(at);
        Reply::ok(format!(r#"{{"job":"{id}","name":null,"lane":"bulk","accepted":0,"state":"open"}}"#))
    }

    fn append(&self, path: String, request: &Request) -> Reply {
        let mut state = self.state.lock().unwrap();
        let tasks = request.body.split(|byte| *byte == b'\n').filter(|line| !line.trim_ascii().is_empty()).count();
        let key = request.header("idempotency-key").to_owned();
        let known = state.parts.insert((path.clone(), key), tasks).is_some();
        let total = state.tasks(&path);
        self.changed.notify_all();
        let job = path.split('/').nth(3).unwrap();
        let (status, duplicate) = if known { (200, r#","duplicate":true"#) } else { (202, "") };
        Reply::Answer(status, "", format!(r#"{{"job":"{job}","accepted":{tasks},"total":{total}{duplicate}}}"#))
    }

    fn seal(&self, path: &str, request: &Request) -> Reply {
        let tasks = self.state.lock().unwrap().tasks(&path.replace("/seal", "/tasks"));
        if request.body != format!(r#"{{"accepted":{tasks}}}"#).as_bytes() {
            return Reply::Answer(409, "", format!(r#"{{"detail":"{tasks} tasks are accepted"}}"#));
        }
        Reply::ok(crate::job(path.split('/').nth(3).unwrap(), "running", tasks, 0, 0))
    }
}

impl State {
    fn tasks(&self, path: &str) -> usize {
        self.parts.iter().filter(|((of, _), _)| of == path).map(|(_, tasks)| tasks).sum()
    }
}
