//! `jiku serve`: how is the service offered over HTTP?

use std::net::{IpAddr, Ipv4Addr, SocketAddr};
use std::path::PathBuf;
use std::time::{Duration, Instant};

use clap::Args;
use jiku_web::{BaseMap, ServeOptions, TlsFiles};

use crate::console::Console;
use crate::failure::{Failure, Outcome};
use crate::settings::DatabaseArgs;

/// Answer over HTTP until Ctrl-C or SIGTERM: the programming interface and the console
///
/// Several nodes may serve one PostgreSQL database; they follow each other's writes.
#[derive(Args, Debug)]
pub(crate) struct ServeArgs {
    #[command(flatten)]
    database: DatabaseArgs,
    /// The port to listen on; 0 takes any free one
    #[arg(long, default_value_t = 8080)]
    port: u16,
    /// The address to listen on; 0.0.0.0 opens the service to the network: give it a certificate, or put a proxy that speaks TLS in front
    #[arg(long, default_value_t = IpAddr::V4(Ipv4Addr::LOCALHOST), value_name = "ADDRESS")]
    listen: IpAddr,
    /// Threads that answer requests; as many as the machine has cores unless told
    #[arg(long)]
    workers: Option<usize>,
    /// Sign the end of the change log and of the access log in this folder, every ten seconds and at the end
    ///
    /// It should lie where who administers the database cannot write; `jiku audit verify --seals` compares.
    #[arg(long, value_name = "FOLDER")]
    seal_dir: Option<PathBuf>,
    /// Speak TLS with this certificate and those between it and its root, in PEM; renewed files are taken over while serving
    #[arg(long, value_name = "FILE", requires = "tls_key", env = "JIKU_TLS_CERT")]
    tls_cert: Option<PathBuf>,
    /// The private key of the certificate, in PEM
    #[arg(long, value_name = "FILE", requires = "tls_cert", env = "JIKU_TLS_KEY")]
    tls_key: Option<PathBuf>,
    /// Let in only callers with a certificate signed by one of these roots, in PEM
    #[arg(long, value_name = "FILE", requires = "tls_cert", env = "JIKU_TLS_CLIENT_CA")]
    tls_client_ca: Option<PathBuf>,
    /// A name or address under which the service may be called, as in the header Host without a port; several times for several
    ///
    /// Without any: every name, or on this machine alone localhost, 127.0.0.1 and [::1]. Requests for another name are refused with 421.
    #[arg(long = "host", value_name = "NAME", env = "JIKU_HOSTS", value_delimiter = ',')]
    hosts: Vec<String>,
    /// Accept tokens of an OpenID Connect provider as these settings say (TOML): issuer, audience, keys, roles
    #[arg(long, value_name = "FILE", env = "JIKU_OIDC")]
    oidc: Option<PathBuf>,
    /// Different people a day that all users and systems of one department may see together; 400,000 unless told
    #[arg(long, value_name = "NUMBER")]
    department_daily_persons: Option<u64>,
    /// Questions a day that they may ask together; as many as they like unless told
    #[arg(long, value_name = "NUMBER")]
    department_daily_requests: Option<u64>,
    /// Entities a day that they may be shown together, each time counted; as many as they like unless told
    #[arg(long, value_name = "NUMBER")]
    department_daily_entities: Option<u64>,
    /// Let administrators do nothing after a sign-in with the password alone but give themselves a second factor
    #[arg(long, env = "JIKU_STRICT_ADMINISTRATORS")]
    strict_administrators: bool,
    /// Send session cookies over https only; set it when a proxy in front speaks TLS
    #[arg(long)]
    secure_cookies: bool,
    /// The address the world knows the service by, such as https://base.example.cn, for links in answers
    ///
    /// Without it links are built from what each request says: its Host, and what a proxy tells by X-Forwarded-Proto and
    /// X-Forwarded-Host.
    #[arg(long, value_name = "URL", env = "JIKU_BASE_URL")]
    base_url: Option<String>,
    /// Let callers without a key see parcels on maps (/ogc): their shapes and public values, never right holders
    #[arg(long, env = "JIKU_PUBLIC_PARCELS")]
    public_parcels: bool,
    /// Take edits through /ogc that do not say which version of the parcel they were made on, as QGIS sends them
    ///
    /// Without it such an edit is refused (428), so that nobody overwrites unseen what somebody else has just changed.
    #[arg(long, env = "JIKU_UNVERSIONED_EDITS")]
    unversioned_edits: bool,
    /// Tiles to draw under the parcels of the console's map, such as https://tiles.example/{z}/{x}/{y}.png; none is needed
    #[arg(long, value_name = "URL")]
    base_map: Option<BaseMap>,
}

pub(crate) fn run(args: &ServeArgs, console: &Console) -> Outcome {
    let database = args.database.named()?;
    // The port first: a taken one should be told before a minute of loading.
    let listener = jiku_web::bind(SocketAddr::new(args.listen, args.port))?;
    let address = listener.local_addr().map_err(|error| Failure::place(format!("the port cannot be used: {error}")))?;
    let files = args.tls_cert.clone().zip(args.tls_key.clone());
    let tls = files.map(|(certificate, key)| TlsFiles { certificate, key, client_roots: args.tls_client_ca.clone() });
    // Until the indexes are there `/readyz` says so, instead of leaving callers without an answer.
    let starting = jiku_web::Starting::begin(&listener, tls.as_ref())?;
    let started = Instant::now();
    let loading = console.spinner("loading the indexes");
    let registry = args.database.open_or_new(|options| {
        options.public_parcels = args.public_parcels;
        options.oidc.clone_from(&args.oidc);
        let quotas = &mut options.department_quotas;
        quotas.persons = args.department_daily_persons.unwrap_or(quotas.persons);
        (quotas.requests, quotas.entities) = (args.department_daily_requests, args.department_daily_entities);
        options.strict_administrators = args.strict_administrators;
    })?;
    loading.done();
    starting.end()?;
    if let Some(folder) = &args.seal_dir {
        registry.seal_traces_every(folder, Duration::from_secs(10))?;
    }
    if !address.ip().is_loopback() && args.tls_cert.is_none() && !args.secure_cookies {
        tracing::warn!(
            "the network reaches this service without TLS, so whoever sits in between reads along: give --tls-cert and --tls-key, or put a proxy \
             that speaks TLS in front and say --secure-cookies"
        );
    }
    let scheme = if args.tls_cert.is_some() { "https" } else { "http" };
    let seconds = started.elapsed().as_secs_f64();
    let ready = serde_json::json!({ "address": format!("{scheme}://{address}"), "database": database.to_string(), "loaded_s": seconds });
    console.answer(&ready, format!("Jiku answers on {scheme}://{address} (loaded in {seconds:.1} s); Ctrl-C ends it."));
    let options = ServeOptions {
        workers: args.workers,
        secure_cookies: args.secure_cookies,
        base_url: args.base_url.clone(),
        base_map: args.base_map.clone(),
        tls,
        hosts: args.hosts.clone(),
        unversioned_edits: args.unversioned_edits,
        ..ServeOptions::new(registry.clone(), listener)
    };
    let served = jiku_web::serve(options);
    registry.close();
    Ok(served?)
}
