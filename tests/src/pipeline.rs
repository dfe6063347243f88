//! A pipeline: all Workers on the real runtime, on a port and a state folder of their own.

use std::collections::BTreeMap;
use std::net::{Ipv4Addr, TcpListener};
use std::path::Path;
use std::process::{Child, Stdio};
use std::sync::atomic::{AtomicU16, Ordering};
use std::sync::{Arc, OnceLock};
use std::time::Duration;

use nix::sys::signal::Signal;

use crate::archive::Archive;
use crate::builds::{FAULTS, WORKERS, copy_of, make_faults};
use crate::client::Client;
use crate::logs::Logs;
use crate::patience::eventually;
use crate::processes::{Process, descendants, signal};
use crate::state::State;
use crate::{node, root};

/// What the supervisor prints when all is up.
pub const READY: &str = "MonoTask is ready on";
/// What the front door accepts in development.
pub const DEVELOPMENT_KEY: &str = "dev-key";

/// How long a start may take on a busy machine.
const START: Duration = Duration::from_secs(90);
const STOP: Duration = Duration::from_secs(20);

/// How a pipeline differs from the usual.
#[derive(Default)]
pub struct Setup {
    env: Vec<(&'static str, String)>,
    args: Vec<String>,
    builds: BTreeMap<String, String>,
    state: Option<State>,
}

impl Setup {
    /// The usual.
    pub fn new() -> Self {
        Self::default()
    }

    /// With this environment variable.
    #[must_use]
    pub fn env(mut self, name: &'static str, value: impl Into<String>) -> Self {
        self.env.push((name, value.into()));
        self
    }

    /// With the Worker in `tests/probe/` as the front door: it passes everything on, and what begins with `/probe/`
    /// reaches behind the front door.
    #[must_use]
    pub fn probed(mut self) -> Self {
        self.args.extend(["--front".to_owned(), "tests/probe/wrangler.toml".to_owned()]);
        self
    }

    /// With `worker` as built into `folder` instead of `build`.
    #[must_use]
    pub fn build(mut self, worker: &str, folder: &str) -> Self {
        self.builds.insert(worker.to_owned(), folder.to_owned());
        self
    }

    /// With a ledger and consumers that fail on demand, and the probe to ask them to.
    #[must_use]
    pub fn faulty(self) -> Self {
        make_faults();
        self.probed().build("ledger", FAULTS).build("consumers", FAULTS)
    }

    /// On a state that another pipeline left.
    #[must_use]
    pub fn on(mut self, state: State) -> Self {
        self.state = Some(state);
        self
    }

    /// Starts it and waits until it is ready.
    ///
    /// # Panics
    /// If it is not ready in time.
    pub fn start(self) -> Pipeline {
        let state = self.state.unwrap_or_default();
        let port = free_port();
        let mut command = node();
        command.arg("scripts/dev.mjs").arg("--stop-with-parent").args(&self.args).current_dir(root());
        for worker in WORKERS {
            let folder = self.builds.get(worker).map_or("build", String::as_str);
            command.args(["--build-dir", &format!("{worker}={}", copy_of(worker, folder))]);
        }
        // What is set for the developer's own pipeline is not for this one.
        for name in ["API_KEYS", "WEBHOOK_SECRET", "LOG_LEVEL", "FAULTS", "INSPECT"] {
            command.env_remove(name);
        }
        // Tests of schedules and of expiry tick into the future.
        command.env("TICK_TIME", "any");
        command.env("PORT", port.to_string()).env("STATE_DIR", state.folder()).envs(self.env);
        command.stdin(Stdio::null()).stdout(Stdio::piped()).stderr(Stdio::piped());
        let mut child = command.spawn().expect("node is installed (make setup)");
        let logs = Arc::new(Logs::default());
        let file = state.folder().join("output.log");
        logs.collect(child.stdout.take().unwrap(), &file);
        logs.collect(child.stderr.take().unwrap(), &file);
        let mut pipeline = Pipeline { child, port, logs, state: Some(state) };
        eventually("the pipeline is ready", START, || {
            if pipeline.child.try_wait().unwrap().is_some() {
                panic!("the pipeline did not start:\n{}", pipeline.logs.texts().join("\n"));
            }
            pipeline.logs.has_line(READY).then_some(())
        });
        pipeline
    }
}

/// A running pipeline. It stops when dropped, and by itself when this process ends, however it ends.
pub struct Pipeline {
    child: Child,
    port: u16,
    /// What it prints.
    pub logs: Arc<Logs>,
    /// Taken when it stops.
    state: Option<State>,
}

impl Pipeline {
    /// The usual pipeline, shared by everything in this process.
    pub fn shared() -> &'static Self {
        static SHARED: OnceLock<Pipeline> = OnceLock::new();
        SHARED.get_or_init(|| Setup::new().start())
    }

    /// The pipeline behind the probe, shared by everything in this process.
    pub fn probed() -> &'static Self {
        static PROBED: OnceLock<Pipeline> = OnceLock::new();
        PROBED.get_or_init(|| Setup::new().probed().start())
    }

    /// A client with the development key.
    pub fn client(&self) -> Client {
        self.client_with(DEVELOPMENT_KEY)
    }

    /// A client with the key `key`.
    pub fn client_with(&self, key: &str) -> Client {
        Client::new(self.port, Some(key))
    }

    /// A client without a key.
    pub fn stranger(&self) -> Client {
        Client::new(self.port, None)
    }

    /// Its dead letters.
    pub fn archive(&self) -> Archive<'_> {
        Archive::of(self.state.as_ref().expect("it runs").folder())
    }

    /// Where its state is.
    pub fn state_folder(&self) -> &Path {
        self.state.as_ref().expect("it runs").folder()
    }

    /// Its port.
    pub fn port(&self) -> u16 {
        self.port
    }

    /// The process that starts all others.
    pub fn supervisor(&self) -> u32 {
        self.child.id()
    }

    /// The processes of the runtime.
    pub fn workerds(&self) -> Vec<Process> {
        descendants(self.child.id()).into_iter().filter(|process| process.name == "workerd").collect()
    }

    /// Stops it as Ctrl-C would and returns its state.
    pub fn stop(mut self) -> State {
        self.end();
        self.state.take().expect("it ran")
    }

    fn end(&mut self) {
        signal(self.child.id(), Signal::SIGTERM);
        eventually("the supervisor ends", STOP, || self.child.try_wait().unwrap());
    }
}

impl Drop for Pipeline {
    fn drop(&mut self) {
        if self.state.is_some() {
            self.end();
        }
    }
}

/// A port that nobody listens on, below those that the kernel gives to whoever asks for any: the runtime asks for
/// several while it starts, and would get the one that we found free.
fn free_port() -> u16 {
    static NEXT: AtomicU16 = AtomicU16::new(0);
    let first = std::process::id() as u16 % 100 * 100;
    let mut ports = std::iter::repeat_with(|| 20_000 + (first + NEXT.fetch_add(1, Ordering::Relaxed)) % 10_000);
    ports.find(|port| TcpListener::bind((Ipv4Addr::LOCALHOST, *port)).is_ok()).expect("a port is free")
}
