//! What is remembered of a job in parts, so that the same command goes on where it was cut off.

use std::fs::{self, File, Metadata};
use std::io::{self, Write};
use std::path::{Path, PathBuf};
use std::time::SystemTime;

use domain::id::JobId;
use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};

use super::acknowledged::Acknowledged;
use super::lock::Lock;

/// The version of the record's form.
const VERSION: u8 = 1;

/// A job in parts as far as it got.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct Record {
    v: u8,
    /// For who looks into the folder.
    server: String,
    file: PathBuf,
    /// What the API key was, without telling it: under another one the server would not know the parts again.
    pub(super) api_key: String,
    /// Names the job; with a part's number, the part.
    pub(super) idempotency_key: String,
    /// The job, once it is open.
    pub(super) job: Option<JobId>,
    /// The file as it was.
    pub(super) stamp: Stamp,
    /// How large its parts are.
    pub(super) part_bytes: usize,
    /// What was acknowledged.
    pub(super) acknowledged: Acknowledged,
}

/// What tells a file that was changed.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct Stamp {
    /// Its size.
    pub(super) bytes: u64,
    modified: Option<SystemTime>,
}

impl Stamp {
    /// The file now.
    pub(super) fn of(metadata: &Metadata) -> Self {
        Self { bytes: metadata.len(), modified: metadata.modified().ok() }
    }
}

/// What makes two commands the same.
pub(super) struct Identity<'a> {
    /// The server's address.
    pub(super) server: String,
    /// The file, wherever the command was typed.
    pub(super) file: &'a Path,
    /// The options that say what is submitted.
    pub(super) options: &'a [(&'static str, String)],
}

impl Identity<'_> {
    /// A new record of it.
    pub(super) fn record(&self, api_key: String, idempotency_key: String, stamp: Stamp, part_bytes: usize) -> Record {
        Record {
            v: VERSION,
            server: self.server.clone(),
            file: self.file.to_owned(),
            api_key,
            idempotency_key,
            job: None,
            stamp,
            part_bytes,
            acknowledged: Acknowledged::default(),
        }
    }

    fn name(&self) -> String {
        let mut hash = Sha256::new();
        let options = self.options.iter().flat_map(|(name, value)| [name.as_bytes(), value.as_bytes()]);
        for piece in [self.server.as_bytes(), self.file.as_os_str().as_encoded_bytes()].into_iter().chain(options) {
            hash.update((piece.len() as u64).to_be_bytes());
            hash.update(piece);
        }
        hash.finalize()[..16].iter().map(|byte| format!("{byte:02x}")).collect()
    }
}

/// The file of one record, locked.
#[derive(Debug)]
pub(super) struct RecordFile {
    path: PathBuf,
    _lock: Lock,
}

impl RecordFile {
    /// Whether there is a record of `identity`.
    pub(super) fn exists(identity: &Identity<'_>) -> bool {
        folder().is_ok_and(|folder| folder.join(identity.name()).with_extension("json").exists())
    }

    /// The file of `identity`'s record, unless another run holds it.
    pub(super) fn take(identity: &Identity<'_>) -> io::Result<Option<Self>> {
        let folder = folder()?;
        fs::create_dir_all(&folder)?;
        let path = folder.join(identity.name()).with_extension("json");
        Ok(Lock::take(path.with_extension("lock"))?.map(|lock| Self { path, _lock: lock }))
    }

    /// What is remembered.
    pub(super) fn load(&self) -> io::Result<Option<Record>> {
        match fs::read(&self.path) {
            Ok(bytes) => {
                let record: Record = serde_json::from_slice(&bytes)?;
                let known = record.v == VERSION;
                if known { Ok(Some(record)) } else { Err(io::Error::other("it is of another release")) }
            }
            Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(None),
            Err(error) => Err(error),
        }
    }

    /// Remembers `record`: after a crash the last one is there whole, or the one before it.
    pub(super) fn save(&self, record: &Record) -> io::Result<()> {
        let new = self.path.with_extension("new");
        let mut file = File::create(&new)?;
        file.write_all(&serde_json::to_vec(record)?)?;
        file.sync_all()?;
        fs::rename(&new, &self.path)
    }

    /// Forgets the record, if there is one.
    pub(super) fn forget(&self) -> io::Result<()> {
        match fs::remove_file(&self.path) {
            Err(error) if error.kind() != io::ErrorKind::NotFound => Err(error),
            _ => Ok(()),
        }
    }

    /// Where the record is.
    pub(super) fn path(&self) -> &Path {
        &self.path
    }
}

/// Where records are: <https://specifications.freedesktop.org/basedir-spec/latest/>, which has relative paths ignored.
pub(super) fn folder() -> io::Result<PathBuf> {
    let given = std::env::var_os("XDG_STATE_HOME").map(PathBuf::from).filter(|path| path.is_absolute());
    let state = given.or_else(|| std::env::home_dir().map(|home| home.join(".local/state")));
    state.map(|state| state.join("monotask")).ok_or_else(|| io::Error::other("there is no home directory"))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn name(server: &str, file: &str, options: &[(&'static str, &str)]) -> String {
        let options: Vec<_> = options.iter().map(|(name, value)| (*name, (*value).to_owned())).collect();
        Identity { server: server.to_owned(), file: Path::new(file), options: &options }.name()
    }

    #[test]
    fn another_server_file_or_option_is_another_command() {
        let names = [
            name("http://a", "/f", &[]),
            name("http://b", "/f", &[]),
            name("http://a", "/g", &[]),
            name("http://a", "/f", &[("lane", "high")]),
            name("http://a", "/f", &[("name", "high")]),
            name("http://a", "/f", &[("lane", "high"), ("key", "k")]),
        ];
        for (at, one) in names.iter().enumerate() {
            assert!(!names[..at].contains(one), "{at}");
        }
        assert_eq!(names[0], name("http://a", "/f", &[]));
    }

    #[test]
    fn records_of_yesterday_are_read() {
        let golden = r#"{"v":1,"server":"http://a","file":"/f","api_key":"7e","idempotency_key":"k",
            "job":"0199f0c2a0007abc8def0123456789ab","stamp":{"bytes":115000000,
            "modified":{"secs_since_epoch":1795313579,"nanos_since_epoch":493038533}},"part_bytes":4194304,
            "acknowledged":{"until":{"parts":1,"bytes":4194280,"lines":36472},"accepted":36472,
            "ahead":{"2":{"end":{"parts":3,"bytes":12582840,"lines":109416},"bytes":4194280,"accepted":36472}}}}"#;
        let record: Record = serde_json::from_str(golden).unwrap();
        assert_eq!((record.acknowledged.accepted(), record.acknowledged.until().parts), (72_944, 1));
        let again = serde_json::to_value(&record).unwrap();
        assert_eq!(again, serde_json::from_str::<serde_json::Value>(golden).unwrap());
    }
}
