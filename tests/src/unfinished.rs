//! Requests that are begun and not finished.

use std::io::Write;
use std::net::TcpStream;

use crate::pipeline::DEVELOPMENT_KEY;

/// A request that is under way; whoever drops it hangs up.
#[derive(Debug)]
pub struct Unfinished {
    _connection: TcpStream,
}

impl Unfinished {
    /// Begins `POST path` on `port` and sends `body` of a body that says to have `length` bytes, or any number.
    pub fn post(port: u16, path: &str, length: Option<usize>, body: &[u8]) -> Self {
        Self::post_as(port, DEVELOPMENT_KEY, path, length, body)
    }

    /// The same with another API key.
    pub fn post_as(port: u16, key: &str, path: &str, length: Option<usize>, body: &[u8]) -> Self {
        let mut connection = TcpStream::connect(("127.0.0.1", port)).unwrap();
        let framing = match length {
            Some(length) => format!("content-length: {length}\r\n\r\n"),
            None => format!("transfer-encoding: chunked\r\n\r\n{:x}\r\n", body.len()),
        };
        let head = format!(
            "POST {path} HTTP/1.1\r\nhost: 127.0.0.1:{port}\r\nauthorization: Bearer {key}\r\n\
             content-type: application/x-ndjson\r\n{framing}"
        );
        connection.write_all(head.as_bytes()).unwrap();
        connection.write_all(body).unwrap();
        if length.is_none() {
            connection.write_all(b"\r\n").unwrap();
        }
        connection.flush().unwrap();
        Self { _connection: connection }
    }
}
