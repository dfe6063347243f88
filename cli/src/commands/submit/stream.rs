//! Standard input and the like as a job in parts. What was read is gone, so nothing can be resumed.

use std::io::Read;
use std::sync::{Arc, Mutex};

use super::acknowledged::Acknowledged;
use super::bar::Bar;
use super::failure::{Again, Left};
use super::parts::{self, Load, Upload, job_key};
use super::split::{PART_BYTES, Place, Split};
use super::{Accepted, Submit};
use crate::commands::Format;
use crate::failure::Failure;
use crate::server::Server;

/// Submits what `from` gives.
pub(super) fn submit(
    server: &Server,
    submit: &Submit,
    query: &[(&str, String)],
    from: Box<dyn Read + Send>,
    format: Format,
) -> Result<(String, Accepted), Failure> {
    let key = submit.key()?;
    let bar = Bar::begin(None, format);
    let job = parts::open(server, query, &key, &bar).inspect_err(|_| bar.end())?;
    let left = Left { job, accepted: 0, server: server.address().clone(), again: Again::FromTheStart };
    let load = Load {
        path: &submit.file,
        parts: Split::new(from, PART_BYTES, Place::default()),
        acknowledged: Acknowledged::default(),
        keep: &|_| Ok(()),
        open: &|number| parts::open(server, query, &job_key(&key, number), &bar),
    };
    let upload = Upload::new(server, &Arc::new(Mutex::new(left)), submit.kind, &key, &bar, load);
    let sealed = upload.run(|| Ok(()));
    bar.end();
    let (sealed, full) = sealed?;
    Ok(Accepted::sealed(&sealed, &full, !upload.has_added()))
}
