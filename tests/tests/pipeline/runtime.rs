//! What the pipeline runs in.

use std::fs;
use std::net::TcpStream;

use tests::pipeline::Pipeline;
use tests::processes::descendants;

/// A Worker that is watched keeps a record of each request, and is several times slower.
#[test]
fn no_debugger_is_attached() {
    let ports: Vec<u16> = descendants(Pipeline::shared().supervisor())
        .iter()
        .filter_map(|process| {
            let command = fs::read_to_string(format!("/proc/{}/cmdline", process.pid)).ok()?;
            let mut words = command.split('\0').skip_while(|word| *word != "--inspector-port");
            words.nth(1)?.parse().ok()
        })
        .collect();
    assert!(!ports.is_empty(), "wrangler is told a port for its debugger");
    for port in ports {
        assert!(TcpStream::connect(("127.0.0.1", port)).is_err(), "a debugger listens on {port}");
    }
}
