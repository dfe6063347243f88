//! Logs: one JSON line an event, on the console. Payloads and secrets are never given to it.

use std::fmt;
use std::io;
use std::sync::Once;

use js_sys::Date;
use tracing::level_filters::LevelFilter;
use tracing_subscriber::fmt::MakeWriter;
use tracing_subscriber::fmt::format::Writer;
use tracing_subscriber::fmt::time::FormatTime;
use worker::Env;

/// Starts logging at the level that the var `LOG_LEVEL` says (`error`, `warn`, `info`, `debug`, `trace`, `off`;
/// else `info`). Only the first call of an isolate counts.
pub fn init(env: &Env) {
    static STARTED: Once = Once::new();
    STARTED.call_once(|| {
        let level = env.var("LOG_LEVEL").ok().and_then(|level| level.to_string().parse::<LevelFilter>().ok());
        let started = tracing_subscriber::fmt()
            .json()
            .flatten_event(true)
            .with_current_span(true)
            .with_span_list(false)
            .with_timer(Wall)
            .with_max_level(level.unwrap_or(LevelFilter::INFO))
            .with_writer(Console)
            .try_init();
        if let Err(error) = started {
            worker::console_log!("{{\"level\":\"ERROR\",\"message\":\"no logs\",\"error\":\"{error}\"}}");
        }
        crate::guard::log_panics();
    });
}

struct Wall;

impl FormatTime for Wall {
    fn format_time(&self, writer: &mut Writer<'_>) -> fmt::Result {
        writer.write_str(&String::from(Date::new_0().to_iso_string()))
    }
}

struct Console;

impl<'a> MakeWriter<'a> for Console {
    type Writer = Line;

    fn make_writer(&'a self) -> Line {
        Line(Vec::new())
    }
}

/// Collects one event and prints it when it is complete. Always `console.log`: wrangler decorates the others, and
/// a decorated line is no longer JSON.
struct Line(Vec<u8>);

impl io::Write for Line {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.0.extend_from_slice(bytes);
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

impl Drop for Line {
    fn drop(&mut self) {
        worker::console_log!("{}", String::from_utf8_lossy(&self.0).trim_end());
    }
}
