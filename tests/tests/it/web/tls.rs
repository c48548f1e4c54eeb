//! Does the server speak TLS, take a renewed certificate over without closing anything, and know its own names?

use std::fs;
use std::io::{BufRead, BufReader, Read, Write};
use std::net::TcpStream;
use std::path::Path;
use std::process::{Command, Stdio};
use std::sync::Arc;
use std::time::{Duration, Instant};

use jiku_registry::{Options, Registry};
use jiku_tests::command::{command, sqlite_in};
use jiku_web::{Running, ServeOptions, TlsFiles};
use rcgen::{BasicConstraints, CertificateParams, IsCa, Issuer, KeyPair};
use rustls::pki_types::{CertificateDer, PrivateKeyDer, ServerName};
use rustls::{ClientConfig, ClientConnection, RootCertStore, StreamOwned, crypto};
use tempfile::TempDir;

type Stream = StreamOwned<ClientConnection, TcpStream>;

/// A root of our own.
struct Root {
    issuer: Issuer<'static, KeyPair>,
    certificate: rcgen::Certificate,
}

impl Root {
    fn new() -> Self {
        let mut params = CertificateParams::new(Vec::new()).expect("parameters");
        params.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
        let key = KeyPair::generate().expect("a key");
        let certificate = params.self_signed(&key).expect("a certificate");
        Self { issuer: Issuer::new(params, key), certificate }
    }

    /// A certificate for this name, and its key.
    fn certify(&self, name: &str) -> (rcgen::Certificate, KeyPair) {
        let key = KeyPair::generate().expect("a key");
        let certificate = CertificateParams::new(vec![name.to_owned()]).expect("parameters").signed_by(&key, &self.issuer).expect("signed");
        (certificate, key)
    }

    /// Writes the files of a server.
    fn issue(&self, folder: &Path) -> Vec<u8> {
        let (certificate, key) = self.certify("base.example");
        fs::write(folder.join("cert.pem"), certificate.pem()).expect("written");
        fs::write(folder.join("key.pem"), key.serialize_pem()).expect("written");
        certificate.der().to_vec()
    }
}

struct Served {
    running: Option<Running>,
    registry: Registry,
    folder: TempDir,
}

impl Served {
    fn over(root: &Root, client_roots: bool) -> Self {
        let folder = tempfile::tempdir().expect("a folder");
        root.issue(folder.path());
        fs::write(folder.path().join("root.pem"), root.certificate.pem()).expect("written");
        let registry = Registry::open(Options::new(format!("sqlite://{}", folder.path().join("base.db").display()))).expect("it opens");
        let listener = jiku_web::bind("127.0.0.1:0".parse().expect("an address")).expect("a free port");
        let file = |name: &str| folder.path().join(name);
        let tls = TlsFiles { certificate: file("cert.pem"), key: file("key.pem"), client_roots: client_roots.then(|| file("root.pem")) };
        let options = ServeOptions {
            workers: Some(1),
            tls: Some(tls),
            hosts: vec!["base.example".to_owned()],
            ..ServeOptions::new(registry.clone(), listener)
        };
        Self { running: Some(jiku_web::start(options).expect("it serves")), registry, folder }
    }

    fn connect(&self, root: &Root, own: Option<(rcgen::Certificate, KeyPair)>) -> Stream {
        connect(&self.running.as_ref().expect("it runs").address().to_string(), root, own)
    }
}

impl Drop for Served {
    fn drop(&mut self) {
        if let Some(running) = self.running.take() {
            running.stop().expect("it stops");
        }
        self.registry.close();
    }
}

/// A connection that trusts the root.
fn connect(address: &str, root: &Root, own: Option<(rcgen::Certificate, KeyPair)>) -> Stream {
    let mut roots = RootCertStore::empty();
    roots.add(root.certificate.der().clone()).expect("a root");
    let builder = ClientConfig::builder_with_provider(Arc::new(crypto::ring::default_provider()))
        .with_safe_default_protocol_versions()
        .expect("versions")
        .with_root_certificates(roots);
    let config = match own {
        None => builder.with_no_client_auth(),
        Some((certificate, key)) => {
            let key = PrivateKeyDer::try_from(key.serialize_der()).expect("a key");
            builder.with_client_auth_cert(vec![certificate.der().clone()], key).expect("a client certificate")
        }
    };
    let name = ServerName::try_from("base.example").expect("a name");
    let client = ClientConnection::new(Arc::new(config), name).expect("a client");
    let socket = TcpStream::connect(address).expect("a connection");
    socket.set_read_timeout(Some(Duration::from_secs(20))).expect("a timeout");
    StreamOwned::new(client, socket)
}

/// One request on an open connection: the answer's head.
fn ask(stream: &mut Stream, path: &str, host: &str) -> std::io::Result<String> {
    stream.write_all(format!("GET {path} HTTP/1.1\r\nHost: {host}\r\n\r\n").as_bytes())?;
    let mut answer = Vec::new();
    let mut piece = [0; 4096];
    // The head, and the body that its length tells.
    loop {
        let read = stream.read(&mut piece)?;
        if read == 0 {
            return Err(std::io::ErrorKind::UnexpectedEof.into());
        }
        answer.extend_from_slice(&piece[..read]);
        let text = String::from_utf8_lossy(&answer).into_owned();
        let Some((head, body)) = text.split_once("\r\n\r\n") else { continue };
        let length = head.to_lowercase().lines().find_map(|line| line.strip_prefix("content-length: ").and_then(|text| text.parse().ok()));
        if body.len() >= length.unwrap_or(0) {
            return Ok(text);
        }
    }
}

fn certificate_of(stream: &Stream) -> Option<CertificateDer<'static>> {
    stream.conn.peer_certificates().and_then(<[_]>::first).cloned().map(CertificateDer::into_owned)
}

#[test]
fn a_renewed_certificate_is_taken_over_and_no_connection_is_closed() {
    let root = Root::new();
    let served = Served::over(&root, false);
    let mut old = served.connect(&root, None);
    let answer = ask(&mut old, "/healthz", "base.example").expect("an answer");
    assert!(
        answer.starts_with("HTTP/1.1 200") && answer.to_lowercase().contains("strict-transport-security: max-age=63072000"),
        "{answer}"
    );
    let first = certificate_of(&old).expect("a certificate");
    // A key that does not fit leaves the certificate that is good.
    let (_, stray) = root.certify("base.example");
    fs::write(served.folder.path().join("key.pem"), stray.serialize_pem()).expect("written");
    std::thread::sleep(Duration::from_millis(2_500));
    let mut still = served.connect(&root, None);
    ask(&mut still, "/healthz", "base.example").expect("an answer");
    assert_eq!(certificate_of(&still), Some(first.clone()));
    let renewed = root.issue(served.folder.path());
    let begun = Instant::now();
    loop {
        let mut new = served.connect(&root, None);
        ask(&mut new, "/healthz", "base.example").expect("an answer");
        if certificate_of(&new).is_some_and(|certificate| certificate.as_ref() == renewed) {
            break;
        }
        assert!(begun.elapsed() < Duration::from_secs(30), "the renewed certificate is taken over");
        std::thread::sleep(Duration::from_millis(200));
    }
    ask(&mut old, "/healthz", "base.example").expect("the old connection goes on");
    assert_eq!(certificate_of(&old), Some(first), "under its own certificate");
}

/// The files keep the times they had, so that looking at them now and then tells nothing: only the signal does.
#[test]
fn a_hangup_of_the_real_server_takes_a_certificate_over() {
    let root = Root::new();
    let folder = tempfile::tempdir().expect("a folder");
    let first = root.issue(folder.path());
    let file = |name: &str| folder.path().join(name);
    let written = |name: &str| fs::metadata(file(name)).and_then(|facts| facts.modified()).expect("a time");
    let times = ["cert.pem", "key.pem"].map(|name| (name, written(name)));
    let words = ["serve", "--json", "--port", "0", "--workers", "1", "--host", "base.example"];
    let mut server = command(words);
    server.arg("--database").arg(format!("sqlite://{}", file("base.db").display()));
    server.arg("--tls-cert").arg(file("cert.pem")).arg("--tls-key").arg(file("key.pem"));
    let mut child = server.stdout(Stdio::piped()).stderr(Stdio::null()).spawn().expect("the binary starts");
    let mut line = String::new();
    BufReader::new(child.stdout.take().expect("its output")).read_line(&mut line).expect("it speaks");
    let ready: serde_json::Value = serde_json::from_str(&line).expect("JSON");
    let address = ready["address"].as_str().and_then(|address| address.strip_prefix("https://")).expect("an address").to_owned();
    let shown = || {
        let mut stream = connect(&address, &root, None);
        ask(&mut stream, "/healthz", "base.example").expect("an answer");
        certificate_of(&stream).expect("a certificate").to_vec()
    };
    assert_eq!(shown(), first);
    let renewed = root.issue(folder.path());
    for (name, time) in times {
        fs::File::options().write(true).open(file(name)).and_then(|file| file.set_modified(time)).expect("the time is set");
    }
    let signal = |name: &str| Command::new("kill").args([name, &child.id().to_string()]).status().expect("kill runs");
    assert!(signal("-HUP").success());
    let begun = Instant::now();
    while shown() != renewed {
        assert!(begun.elapsed() < Duration::from_secs(30), "the renewed certificate is taken over");
        std::thread::sleep(Duration::from_millis(50));
    }
    assert!(signal("-TERM").success());
    assert_eq!(child.wait().expect("it ends").code(), Some(0));
}

#[test]
fn a_service_that_the_network_reaches_without_tls_warns_of_it() {
    let folder = tempfile::tempdir().expect("a folder");
    Root::new().issue(folder.path());
    let file = |name: &str| folder.path().join(name).display().to_string();
    let (certificate, key) = (file("cert.pem"), file("key.pem"));
    for (more, is_warned) in [
        (&["--listen", "0.0.0.0"][..], true),
        (&["--listen", "::"], true),
        (&["--listen", "0.0.0.0", "--secure-cookies"], false),
        (&["--listen", "0.0.0.0", "--tls-cert", &certificate, "--tls-key", &key], false),
        (&["--listen", "127.0.0.1"], false),
        (&["--listen", "::1"], false),
        (&[], false),
    ] {
        let mut server = command(["serve", "--json", "--port", "0", "--workers", "1", "--database", &sqlite_in(folder.path())]);
        let mut child = server.args(more).stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().expect("the binary starts");
        let mut line = String::new();
        BufReader::new(child.stdout.take().expect("its output")).read_line(&mut line).expect("it speaks");
        assert!(line.contains("address"), "{more:?}: {line}");
        // What it has to warn of it says before it is ready.
        child.kill().expect("the server is killed");
        let said = child.wait_with_output().expect("the server ends").stderr;
        assert_eq!(String::from_utf8_lossy(&said).contains("without TLS"), is_warned, "{more:?}");
    }
}

#[test]
fn a_name_that_is_not_ours_is_refused_and_a_supervisor_is_not() {
    let root = Root::new();
    let served = Served::over(&root, false);
    let mut stream = served.connect(&root, None);
    for (path, host, expected) in [
        ("/api/openapi.json", "base.example", "200"),
        ("/api/openapi.json", "BASE.example:8443", "200"),
        ("/api/openapi.json", "evil.example", "421"),
        ("/nowhere", "evil.example", "421"),
        ("/healthz", "10.0.0.7:8080", "200"),
    ] {
        let answer = ask(&mut stream, path, host).expect("an answer");
        assert!(answer.starts_with(&format!("HTTP/1.1 {expected}")), "B87 {path} of {host}: {answer}");
    }
}

#[test]
fn only_callers_with_a_certificate_of_the_root_come_in_where_that_is_asked() {
    let (root, other) = (Root::new(), Root::new());
    let served = Served::over(&root, true);
    let known = ask(&mut served.connect(&root, Some(root.certify("hospital.example"))), "/healthz", "base.example");
    assert!(known.expect("an answer").starts_with("HTTP/1.1 200"));
    for (what, own) in [("none", None), ("of another root", Some(other.certify("hospital.example")))] {
        assert!(ask(&mut served.connect(&root, own), "/healthz", "base.example").is_err(), "{what}");
    }
    // Plain text where TLS is spoken gets no answer of HTTP.
    let mut plain = TcpStream::connect(served.running.as_ref().expect("it runs").address()).expect("a connection");
    plain.write_all(b"GET /healthz HTTP/1.1\r\nHost: base.example\r\n\r\n").expect("sent");
    let mut answer = Vec::new();
    // The server closes; what it said first, if anything, is an alert.
    let _ = plain.read_to_end(&mut answer);
    assert!(!String::from_utf8_lossy(&answer).contains("HTTP"), "{answer:?}");
}
