//! An HTTP server that says what a test tells it to.

pub mod letters;
pub mod parts;
pub mod schedules;

use std::io::{BufRead, BufReader, Read, Write};
use std::net::{SocketAddr, TcpListener, TcpStream};
use std::sync::{Arc, Mutex};
use std::thread;

/// A request as it came.
#[derive(Clone, Debug)]
pub struct Request {
    /// Method, path and query: `GET /v1/jobs/…`.
    pub line: String,
    /// Header lines, names in lower case.
    pub headers: Vec<(String, String)>,
    /// The body.
    pub body: Vec<u8>,
}

impl Request {
    /// The value of a header; empty if it has none.
    pub fn header(&self, name: &str) -> &str {
        self.headers.iter().find(|(found, _)| found == name).map_or("", |(_, value)| value)
    }
}

/// What to do with a request.
#[derive(Clone, Debug)]
pub enum Reply {
    /// Answer with a status, header lines and a body.
    Answer(u16, &'static str, String),
    /// Begin an answer of more bytes than come, and close the connection.
    BreakOff(String),
    /// Close the connection without a word.
    Hang,
    /// Answer, then serve no more.
    LastAnswer(String),
}

impl Reply {
    /// 200 and JSON.
    pub fn ok(body: impl Into<String>) -> Self {
        Self::Answer(200, "content-type: application/json\r\n", body.into())
    }
}

/// A server on a port of its own.
pub struct FakeServer {
    /// Where it listens.
    pub address: SocketAddr,
    requests: Arc<Mutex<Vec<Request>>>,
}

impl FakeServer {
    /// Starts one that gives these replies one after the other, the last one for ever.
    pub fn replying(replies: Vec<Reply>) -> Self {
        Self::at("127.0.0.1:0".parse().unwrap(), replies)
    }

    /// The same at a given address.
    pub fn at(address: SocketAddr, replies: Vec<Reply>) -> Self {
        let listener = TcpListener::bind(address).unwrap();
        let address = listener.local_addr().unwrap();
        let requests = Arc::new(Mutex::new(Vec::new()));
        let seen = Arc::clone(&requests);
        thread::spawn(move || {
            let mut replies = replies.into_iter().peekable();
            let mut reply = Reply::Hang;
            for stream in listener.incoming() {
                let mut stream = stream.unwrap();
                let Some(request) = read(&stream) else { continue };
                seen.lock().unwrap().push(request);
                reply = replies.next().unwrap_or(reply);
                // A client that has gone away is its own business.
                let _ = write(&mut stream, &reply);
                if let Reply::LastAnswer(_) = reply {
                    return;
                }
            }
        });
        Self { address, requests }
    }

    /// Starts one that answers many requests at a time.
    pub fn answering(answer: impl Fn(&Request) -> Reply + Send + Sync + 'static) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let address = listener.local_addr().unwrap();
        let requests = Arc::new(Mutex::new(Vec::new()));
        let seen = Arc::clone(&requests);
        let answer = Arc::new(answer);
        thread::spawn(move || {
            for stream in listener.incoming() {
                let (mut stream, seen, answer) = (stream.unwrap(), Arc::clone(&seen), Arc::clone(&answer));
                thread::spawn(move || {
                    let Some(request) = read(&stream) else { return };
                    seen.lock().unwrap().push(request.clone());
                    let _ = write(&mut stream, &answer(&request));
                });
            }
        });
        Self { address, requests }
    }

    /// The requests so far.
    pub fn requests(&self) -> Vec<Request> {
        self.requests.lock().unwrap().clone()
    }
}

fn read(stream: &TcpStream) -> Option<Request> {
    let mut reader = BufReader::new(stream);
    let mut line = String::new();
    reader.read_line(&mut line).ok().filter(|bytes| *bytes > 0)?;
    let line = line.trim().trim_end_matches(" HTTP/1.1").to_owned();
    let mut headers = Vec::new();
    loop {
        let mut header = String::new();
        reader.read_line(&mut header).ok()?;
        let Some((name, value)) = header.trim().split_once(':') else { break };
        headers.push((name.to_ascii_lowercase(), value.trim().to_owned()));
    }
    let mut request = Request { line, headers, body: Vec::new() };
    let length = request.header("content-length").parse().unwrap_or(0);
    request.body.resize(length, 0);
    reader.read_exact(&mut request.body).ok()?;
    Some(request)
}

fn write(stream: &mut TcpStream, reply: &Reply) -> std::io::Result<()> {
    let (status, headers, body, missing) = match reply {
        Reply::Hang => return Ok(()),
        Reply::Answer(status, headers, body) => (*status, *headers, body, 0),
        Reply::LastAnswer(body) => (200, "content-type: application/json\r\n", body, 0),
        Reply::BreakOff(body) => (200, "content-type: application/x-ndjson\r\n", body, 1),
    };
    let length = body.len() + missing;
    write!(stream, "HTTP/1.1 {status} -\r\n{headers}content-length: {length}\r\nconnection: close\r\n\r\n{body}")
}
