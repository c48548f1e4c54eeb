//! How does the server speak TLS, and how does a new certificate come in?
//!
//! rustls, versions 1.3 and 1.2. The certificate of a connection is chosen at its handshake: when the files change, or on
//! SIGHUP, handshakes from then on get the new one and open connections go on under theirs. Files that do not fit together
//! leave the certificate that was good.

use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::{Duration, SystemTime};

use arc_swap::ArcSwap;
use rustls::pki_types::pem::PemObject as _;
use rustls::pki_types::{CertificateDer, PrivateKeyDer};
use rustls::server::{ClientHello, ResolvesServerCert, WebPkiClientVerifier};
use rustls::sign::CertifiedKey;
use rustls::{RootCertStore, ServerConfig, crypto};

/// How often the files are looked at.
pub(crate) const LOOKED_AT_EVERY: Duration = Duration::from_secs(2);

/// The files of a server that speaks TLS.
#[derive(Clone, Debug)]
pub struct TlsFiles {
    /// The certificate and those between it and the root, in PEM, the server's own first.
    pub certificate: PathBuf,
    /// Its private key, in PEM.
    pub key: PathBuf,
    /// Roots of callers' certificates, in PEM: with it only callers who show a certificate signed by one of them are let in.
    pub client_roots: Option<PathBuf>,
}

/// Why TLS cannot be spoken with these files.
#[derive(Debug, thiserror::Error)]
#[error("TLS cannot be spoken with {}: {reason}", .file.display())]
pub struct TlsError {
    file: PathBuf,
    reason: String,
}

fn wrong(file: &Path, reason: impl ToString) -> TlsError {
    TlsError { file: file.to_owned(), reason: reason.to_string() }
}

/// The certificate in use.
pub(crate) struct Certificate {
    files: TlsFiles,
    current: Arc<Current>,
    seen: Option<[SystemTime; 2]>,
}

/// What handshakes look at.
#[derive(Debug)]
struct Current(ArcSwap<CertifiedKey>);

impl ResolvesServerCert for Current {
    fn resolve(&self, _: ClientHello<'_>) -> Option<Arc<CertifiedKey>> {
        Some(self.0.load_full())
    }
}

impl Certificate {
    /// Reads the files; what is wrong with them is told at once.
    pub(crate) fn open(files: TlsFiles) -> Result<Self, TlsError> {
        let current = Arc::new(Current(ArcSwap::new(read(&files)?)));
        let seen = written(&files);
        Ok(Self { files, current, seen })
    }

    /// How connections are taken.
    pub(crate) fn config(&self) -> Result<ServerConfig, TlsError> {
        let builder = ServerConfig::builder_with_provider(Arc::new(crypto::ring::default_provider()))
            .with_protocol_versions(&[&rustls::version::TLS13, &rustls::version::TLS12])
            .map_err(|error| wrong(&self.files.certificate, error))?;
        let builder = match &self.files.client_roots {
            None => builder.with_no_client_auth(),
            Some(file) => {
                let mut roots = RootCertStore::empty();
                for certificate in certificates(file)? {
                    roots.add(certificate).map_err(|error| wrong(file, error))?;
                }
                let provider = Arc::new(crypto::ring::default_provider());
                let verifier = WebPkiClientVerifier::builder_with_provider(Arc::new(roots), provider);
                builder.with_client_cert_verifier(verifier.build().map_err(|error| wrong(file, error))?)
            }
        };
        Ok(builder.with_cert_resolver(Arc::clone(&self.current) as Arc<dyn ResolvesServerCert>))
    }

    /// Takes over files that have changed; all of them when `asked`. Says whether there is a new certificate.
    pub(crate) fn refresh(&mut self, asked: bool) -> bool {
        let seen = written(&self.files);
        if seen == self.seen && !asked {
            return false;
        }
        match read(&self.files) {
            Ok(key) => {
                self.current.0.store(key);
                self.seen = seen;
                tracing::info!("the TLS certificate was read anew");
                true
            }
            Err(error) => {
                // Two files are written one after the other: until they fit, the former certificate stays.
                tracing::warn!(%error, "the former TLS certificate stays in use");
                false
            }
        }
    }
}

fn written(files: &TlsFiles) -> Option<[SystemTime; 2]> {
    let at = |file: &Path| std::fs::metadata(file).and_then(|facts| facts.modified()).ok();
    Some([at(&files.certificate)?, at(&files.key)?])
}

fn certificates(file: &Path) -> Result<Vec<CertificateDer<'static>>, TlsError> {
    let all = CertificateDer::pem_file_iter(file).and_then(Iterator::collect::<Result<Vec<_>, _>>).map_err(|error| wrong(file, error))?;
    if all.is_empty() { Err(wrong(file, "there is no certificate in it")) } else { Ok(all) }
}

fn read(files: &TlsFiles) -> Result<Arc<CertifiedKey>, TlsError> {
    let chain = certificates(&files.certificate)?;
    let key = PrivateKeyDer::from_pem_file(&files.key).map_err(|error| wrong(&files.key, error))?;
    let key = crypto::ring::sign::any_supported_type(&key).map_err(|error| wrong(&files.key, error))?;
    let certified = CertifiedKey::new(chain, key);
    certified.keys_match().map_err(|_| wrong(&files.key, "the private key does not belong to the certificate"))?;
    Ok(Arc::new(certified))
}
