//! A file that is there whole, or not at all.

use std::fs::{self, File};
use std::io::{self, BufWriter, Write};
use std::path::{Path, PathBuf};

/// A file that gets its name when it is finished. Until then, and if that never comes, whatever had the name keeps it.
#[derive(Debug)]
pub(super) struct WholeFile {
    path: PathBuf,
    /// Where it is written; `None` where `path` is no file, such as a pipe, which cannot be replaced.
    part: Option<PathBuf>,
    out: BufWriter<File>,
}

impl WholeFile {
    /// Begins an empty one.
    pub(super) fn create(path: &Path) -> io::Result<Self> {
        let is_other = fs::metadata(path).is_ok_and(|there| !there.is_file());
        let part = (!is_other).then(|| {
            let mut name = path.as_os_str().to_owned();
            name.push(format!(".part-{}", std::process::id()));
            PathBuf::from(name)
        });
        let file = match &part {
            Some(part) => File::create(part)?,
            None => File::options().write(true).open(path)?,
        };
        Ok(Self { path: path.to_owned(), part, out: BufWriter::new(file) })
    }

    /// Where it is written until it is finished.
    pub(super) fn part(&self) -> Option<PathBuf> {
        self.part.clone()
    }

    /// Gives it its name.
    pub(super) fn finish(mut self) -> io::Result<()> {
        self.out.flush()?;
        let Some(part) = &self.part else { return Ok(()) };
        self.out.get_ref().sync_all()?;
        fs::rename(part, &self.path)?;
        self.part = None;
        Ok(())
    }
}

impl Write for WholeFile {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.out.write(bytes)
    }

    fn flush(&mut self) -> io::Result<()> {
        self.out.flush()
    }
}

impl Drop for WholeFile {
    fn drop(&mut self) {
        if let Some(part) = &self.part {
            let _ = fs::remove_file(part);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn folder(test: &str) -> PathBuf {
        let folder = std::env::temp_dir().join(format!("monotask-{test}-{}", std::process::id()));
        fs::create_dir_all(&folder).unwrap();
        folder
    }

    #[test]
    fn a_file_keeps_its_content_until_the_new_one_is_finished() {
        let folder = folder("whole-file");
        let path = folder.join("out.ndjson");
        fs::write(&path, "old").unwrap();
        let mut file = WholeFile::create(&path).unwrap();
        file.write_all(b"new").unwrap();
        assert_eq!(fs::read_to_string(&path).unwrap(), "old");
        file.finish().unwrap();
        assert_eq!(fs::read_to_string(&path).unwrap(), "new");

        drop(WholeFile::create(&path).unwrap());
        assert_eq!(fs::read_to_string(&path).unwrap(), "new");
        assert_eq!(fs::read_dir(&folder).unwrap().count(), 1, "nothing else stays behind");
        fs::remove_dir_all(&folder).unwrap();
    }

    #[cfg(unix)]
    #[test]
    fn what_is_no_file_is_written_to_and_never_replaced() {
        let mut file = WholeFile::create(Path::new("/dev/null")).unwrap();
        file.write_all(b"gone").unwrap();
        assert_eq!(file.part(), None);
        file.finish().unwrap();
        assert!(!fs::metadata("/dev/null").unwrap().is_file());
    }
}
