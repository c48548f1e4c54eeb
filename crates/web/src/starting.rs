//! What is answered while the indexes are being loaded?
//!
//! A server of its own on the same address: alive, not ready, and for everything else 503 with a time to come back. Without it
//! callers would hang until the loading is done, and a supervisor could not tell loading from hanging.

use std::io;
use std::net::TcpListener;
use std::thread::{self, JoinHandle};

use actix_web::dev::ServerHandle;
use actix_web::http::KeepAlive;
use actix_web::rt::System;
use actix_web::{App, HttpRequest, HttpResponse, HttpServer, ResponseError, web};
use uuid::Uuid;

use crate::console::{self, assets};
use crate::gate;
use crate::handlers::health;
use crate::problem::{self, Problem};
use crate::serve::ServeError;
use crate::tls::{Certificate, TlsFiles};

/// The server that answers before the service can.
pub struct Starting {
    handle: ServerHandle,
    thread: JoinHandle<io::Result<()>>,
}

impl Starting {
    /// Answers on the listener until [`Starting::end`], over TLS when there are files for it.
    ///
    /// # Errors
    /// When the listener cannot be used or the runtime cannot start.
    pub fn begin(listener: &TcpListener, tls: Option<&TlsFiles>) -> Result<Self, ServeError> {
        let listener = listener.try_clone()?;
        let config = tls.cloned().map(|files| Certificate::open(files)?.config()).transpose()?;
        let (sender, receiver) = std::sync::mpsc::channel();
        let thread = thread::Builder::new().name("jiku-starting".to_owned()).spawn(move || {
            System::new().block_on(async move {
                let app = || {
                    let files = web::get().to(assets::file);
                    App::new()
                        .route("/healthz", web::get().to(health::healthz))
                        .route("/assets/{file}", files)
                        .default_service(web::to(not_yet))
                };
                let server = HttpServer::new(app).workers(1).disable_signals().keep_alive(KeepAlive::Disabled).shutdown_timeout(1);
                let server = match config {
                    Some(config) => server.listen_rustls_0_23(listener, config)?,
                    None => server.listen(listener)?,
                };
                let server = server.run();
                // Whoever began waits for this.
                let _ = sender.send(server.handle());
                server.await
            })
        })?;
        match receiver.recv() {
            Ok(handle) => Ok(Self { handle, thread }),
            Err(_) => Err(match thread.join() {
                Ok(Err(error)) => error.into(),
                _ => io::Error::other("the thread that answers while loading ended").into(),
            }),
        }
    }

    /// Ends its requests and gives the address free; who connects meanwhile waits for the service.
    ///
    /// # Errors
    /// What the server ended with.
    pub fn end(self) -> Result<(), ServeError> {
        // The future resolves when the server has stopped, which joining the thread waits for as well.
        drop(self.handle.stop(true));
        let ended = self.thread.join().unwrap_or_else(|_| Err(io::Error::other("the thread that answers while loading panicked")));
        Ok(ended?)
    }
}

async fn not_yet(request: HttpRequest) -> HttpResponse {
    let id = Uuid::now_v7();
    let mut response = if console::is_wanted(&request) {
        console::lost(&request, &Problem::domain(503, "starting", "the service is starting"), &id.to_string())
    } else {
        Problem::new(problem::UNAVAILABLE).detail("the indexes are being loaded").error_response()
    };
    gate::dress(response.headers_mut(), &id, false);
    response
}
