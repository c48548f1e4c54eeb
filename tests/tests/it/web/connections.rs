//! Does a service with few handles go on answering while one address takes all the connections it can get?

use std::io::{BufRead as _, BufReader, Read as _, Write as _};
use std::net::{IpAddr, SocketAddr, TcpStream};
use std::time::Duration;

use jiku_tests::command::{jiku, sqlite_in};
use jiku_tests::leash::Leash;
use serde_json::Value;
use socket2::{Domain, Socket, Type};

/// Asks from an address of this machine whether the service lives: the connection, and what came.
fn ask(from: u8, server: SocketAddr) -> (TcpStream, String) {
    let socket = Socket::new(Domain::IPV4, Type::STREAM, None).expect("a socket");
    socket.bind(&SocketAddr::new(IpAddr::from([127, 0, 0, from]), 0).into()).expect("an address of this machine");
    socket.connect(&server.into()).expect("it is accepted");
    let mut stream = TcpStream::from(socket);
    stream.set_read_timeout(Some(Duration::from_secs(60))).expect("a timeout");
    // Who is told that there are too many may find the connection closed while writing and reading.
    let _ = stream.write_all(b"GET /healthz HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\n");
    let mut came = [0; 1024];
    let length = stream.read(&mut came).unwrap_or_default();
    (stream, String::from_utf8_lossy(&came[..length]).into_owned())
}

#[test]
fn who_takes_every_connection_keeps_nobody_else_out() {
    let folder = tempfile::tempdir().expect("a folder");
    let database = sqlite_in(folder.path());
    jiku(["migrate", "--database", &database]).well();
    let binary = jiku_tests::binary::jiku().to_str().expect("UTF-8");
    let few = "ulimit -n 300 && exec \"$@\"";
    let mut server = Leash::start(["sh", "-c", few, "few", binary, "serve", "--json", "--port", "0", "--database", &database]);
    let mut line = String::new();
    BufReader::new(server.output()).read_line(&mut line).expect("the server speaks");
    let ready: Value = serde_json::from_str(&line).unwrap_or_else(|error| panic!("{error}: {line:?}"));
    let address = ready["address"].as_str().and_then(|address| address.strip_prefix("http://")).expect("an address");
    let address: SocketAddr = address.parse().expect("an address");

    // More than there are handles, from one address: half of the handles are answered, less what is kept for others.
    let held: Vec<(TcpStream, String)> = (0..400).map(|_| ask(1, address)).collect();
    let answered = held.iter().filter(|(_, came)| came.starts_with("HTTP/1.1 200")).count();
    assert_eq!(answered, 141);
    let told = held.iter().filter(|(_, came)| came.starts_with("HTTP/1.1 503") || came.is_empty()).count();
    assert_eq!(answered + told, held.len(), "the others are told so and closed");
    assert!(ask(9, address).1.starts_with("HTTP/1.1 200"), "another address is let in");
    // An old connection goes on.
    let (mut stream, _) = held.into_iter().next().expect("the first");
    stream.write_all(b"GET /healthz HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\n").expect("written");
    assert!(stream.read(&mut [0; 64]).is_ok_and(|length| length > 0));
}
