//! How does the server start and stop?

use std::net::{SocketAddr, TcpListener};
use std::thread::JoinHandle;
use std::time::Duration;
use std::{io, thread};

use actix_web::dev::ServerHandle;
use actix_web::rt::signal::unix::{SignalKind, signal};
use actix_web::rt::{System, time};
use actix_web::{App, HttpServer, web};
use jiku_registry::Registry;
use socket2::SockRef;

use crate::base_map::BaseMap;
use crate::connections::Connections;
use crate::state::{State, Watcher};
use crate::tls::{Certificate, LOOKED_AT_EVERY, TlsError, TlsFiles};
use crate::{gate, routes};

/// Requests still running when a stop is asked for get this long to end.
const GRACE: Duration = Duration::from_secs(8);

/// Why the server could not start, in a sentence for the operator.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum ServeError {
    /// Somebody else listens there.
    #[error("port {} of {} is taken by another program; choose another with --port, or stop the other program", .0.port(), .0.ip())]
    PortTaken(SocketAddr),
    /// The system refuses the port, as below 1024 without rights.
    #[error("this user may not listen on port {} of {}; choose a port above 1023", .0.port(), .0.ip())]
    PortForbidden(SocketAddr),
    /// The address is not one of this machine's.
    #[error("{0} is no address of this machine")]
    NoSuchAddress(SocketAddr),
    /// The files of TLS are not right.
    #[error(transparent)]
    Tls(#[from] TlsError),
    /// Anything else the system says.
    #[error("the server cannot run")]
    Io(#[from] io::Error),
}

/// Takes the address, so that a taken port is told before any long work. Port 0 means any free port:
/// [`TcpListener::local_addr`] tells which.
///
/// # Errors
/// When the address cannot be had.
pub fn bind(address: SocketAddr) -> Result<TcpListener, ServeError> {
    TcpListener::bind(address).map_err(|error| match error.kind() {
        io::ErrorKind::AddrInUse => ServeError::PortTaken(address),
        io::ErrorKind::PermissionDenied => ServeError::PortForbidden(address),
        io::ErrorKind::AddrNotAvailable => ServeError::NoSuchAddress(address),
        _ => ServeError::Io(error),
    })
}

/// What a server needs.
pub struct ServeOptions {
    /// The open registry.
    pub registry: Registry,
    /// The address, already taken by [`bind`].
    pub listener: TcpListener,
    /// Threads that handle requests; the number of cores unless told.
    pub workers: Option<usize>,
    /// Whether cookies are only sent over TLS: true behind a proxy that speaks https.
    pub secure_cookies: bool,
    /// The address the world knows us by, such as `https://base.example.cn`, for absolute links; what each request says when none.
    pub base_url: Option<String>,
    /// The base map under the parcels of the console; the map works without one.
    pub base_map: Option<BaseMap>,
    /// The certificate to speak TLS with; plain HTTP without.
    pub tls: Option<TlsFiles>,
    /// The names under which the service may be called, as in the header `Host` without a port. When empty, any; where it listens on
    /// this machine alone, `localhost` and the addresses of it.
    pub hosts: Vec<String>,
    /// Whether edits through `/ogc` may come without the version they were made on (`If-Match`), as QGIS sends them: the last one
    /// then stands.
    pub unversioned_edits: bool,
}

/// How long a caller may take for the head of a request.
const HEAD_PATIENCE: Duration = Duration::from_secs(7);

/// How far a caller may fall behind the slowest pace within the body of a request, and in taking an answer.
pub(crate) const PATIENCE: Duration = Duration::from_secs(5);

/// How long a caller is listened to after an answer that came before their body had ended, so that they read it: a connection that is closed
/// while something comes in is reset. With the patience before it less than ten seconds.
const LINGER: Duration = Duration::from_secs(3);

/// How much of an answer the system holds for a caller that has not taken it yet, in bytes: the rest is ours to watch.
const SENT_AHEAD: usize = 128 * 1024;

/// How much of that may wait to be sent: there is room for more as soon as the caller has taken half of it, so that its pace shows.
const UNSENT: u32 = 4 * 1024;

/// How long a caller may take nothing at all. One with much room of its own makes room for more seldom, and then for much.
const TAKES_NOTHING: Duration = Duration::from_secs(8);

impl ServeOptions {
    /// The usual: as many workers as cores, cookies also over plain http.
    #[must_use]
    pub const fn new(registry: Registry, listener: TcpListener) -> Self {
        Self {
            registry,
            listener,
            workers: None,
            secure_cookies: false,
            base_url: None,
            base_map: None,
            tls: None,
            hosts: Vec::new(),
            unversioned_edits: false,
        }
    }
}

/// Serves until SIGTERM or Ctrl-C, then ends open requests (at most 8 seconds) and returns. Blocks the thread.
///
/// # Errors
/// When the listener cannot be used or the runtime cannot start.
pub fn serve(options: ServeOptions) -> Result<(), ServeError> {
    run(options, |_| {}, true)
}

/// A server on a thread of its own: for tests and for programs that do something else meanwhile.
pub struct Running {
    address: SocketAddr,
    handle: ServerHandle,
    thread: JoinHandle<Result<(), ServeError>>,
}

impl Running {
    /// Where it listens.
    #[must_use]
    pub const fn address(&self) -> SocketAddr {
        self.address
    }

    /// Ends open requests and stops.
    ///
    /// # Errors
    /// What [`serve`] would have returned.
    pub fn stop(self) -> Result<(), ServeError> {
        // The future resolves when the server has stopped, which joining the thread waits for as well.
        drop(self.handle.stop(true));
        self.thread.join().unwrap_or_else(|_| Err(ServeError::Io(io::Error::other("the server thread panicked"))))
    }
}

/// Starts a server on a thread of its own and returns once it accepts connections. It leaves signals alone.
///
/// # Errors
/// As [`serve`].
pub fn start(options: ServeOptions) -> Result<Running, ServeError> {
    let address = options.listener.local_addr()?;
    let (sender, receiver) = std::sync::mpsc::channel();
    let thread = thread::Builder::new().name("jiku-web".to_owned()).spawn(move || {
        run(
            options,
            |handle| {
                // Nobody waits any more only when `start` has returned, which it does after receiving.
                let _ = sender.send(handle);
            },
            false,
        )
    })?;
    match receiver.recv() {
        Ok(handle) => Ok(Running { address, handle, thread }),
        Err(_) => Err(match thread.join() {
            Ok(Err(error)) => error,
            _ => ServeError::Io(io::Error::other("the server thread ended before it served")),
        }),
    }
}

/// Builds the server, tells `ready` how to stop it, and runs it to its end.
fn run(options: ServeOptions, ready: impl FnOnce(ServerHandle), heed_signals: bool) -> Result<(), ServeError> {
    // A connection whose other end takes nothing off our hands is closed by the system; connections inherit it (tcp(7)).
    let socket = SockRef::from(&options.listener);
    socket.set_tcp_user_timeout(Some(TAKES_NOTHING))?;
    socket.set_send_buffer_size(SENT_AHEAD)?;
    socket.set_tcp_notsent_lowat(UNSENT)?;
    let certificate = options.tls.clone().map(Certificate::open).transpose()?;
    let state = web::Data::new(State::new(&options)?);
    let ServeOptions { listener, workers, .. } = options;
    let watcher = Watcher::start(state.clone())?;
    let app_state = state.clone();
    let connections = Connections::within_the_handles();
    System::new().block_on(async move {
        let mut server = HttpServer::new(move || {
            App::new().app_data(app_state.clone()).configure(routes::configure).default_service(web::to(gate::no_route))
        })
        .disable_signals()
        .on_connect(move |connection, data| connections.admit(connection, data))
        // An answer goes out in pieces (see [`crate::taken`]): none waits until the caller has confirmed the one before.
        .tcp_nodelay(true)
        .keep_alive(Duration::from_secs(75))
        .client_request_timeout(HEAD_PATIENCE)
        .client_disconnect_timeout(LINGER)
        .shutdown_timeout(GRACE.as_secs());
        if let Some(workers) = workers {
            server = server.workers(workers);
        }
        let server = match &certificate {
            Some(certificate) => server.listen_rustls_0_23(listener, certificate.config()?)?,
            None => server.listen(listener)?,
        };
        let server = server.run();
        let handle = server.handle();
        ready(handle.clone());
        if heed_signals {
            actix_web::rt::spawn(stop_on_signal(handle, state.clone()));
        }
        if let Some(certificate) = certificate {
            actix_web::rt::spawn(keep_fresh(certificate, heed_signals));
        }
        Ok::<_, ServeError>(server.await?)
    })?;
    drop(watcher);
    Ok(())
}

/// Looks at the files of the certificate now and then, and at once on SIGHUP.
async fn keep_fresh(mut certificate: Certificate, heed_signals: bool) {
    let mut hangup = if heed_signals { signal(SignalKind::hangup()).ok() } else { None };
    loop {
        let asked = match &mut hangup {
            Some(hangup) => time::timeout(LOOKED_AT_EVERY, hangup.recv()).await.is_ok(),
            None => {
                time::sleep(LOOKED_AT_EVERY).await;
                false
            }
        };
        certificate.refresh(asked);
    }
}

/// Waits for SIGTERM or Ctrl-C; streams are told to end, `/readyz` says no, and the server stops when requests are done.
async fn stop_on_signal(handle: ServerHandle, state: web::Data<State>) {
    let (Ok(mut terminate), Ok(mut interrupt)) = (signal(SignalKind::terminate()), signal(SignalKind::interrupt())) else {
        tracing::error!("signals cannot be heard; stop the server with SIGKILL");
        return;
    };
    std::future::poll_fn(|context| {
        if terminate.poll_recv(context).is_ready() || interrupt.poll_recv(context).is_ready() {
            return std::task::Poll::Ready(());
        }
        std::task::Poll::Pending
    })
    .await;
    tracing::info!("stopping: open requests may end, new ones are refused");
    state.stop();
    // A moment for the streams to say goodbye before the sockets close.
    time::sleep(Duration::from_millis(50)).await;
    handle.stop(true).await;
}
