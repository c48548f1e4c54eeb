//! How many connections may be open at once?
//!
//! Each takes a handle of the process, and a process without handles answers nobody, not even who asks whether it lives. So there are fewer
//! connections than handles, and the last of them are for addresses that hold hardly any: who takes all that there are keeps others out of
//! none of these.

use std::any::Any;
use std::collections::HashMap;
use std::net::IpAddr;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use actix_tls::accept::rustls_0_23::TlsStream;
use actix_web::dev::Extensions;
use actix_web::rt::net::TcpStream;
use socket2::SockRef;

/// Never more than this, however many handles there are.
const MOST: usize = 12_000;

/// Handles for everything that is no connection of a caller: databases, logs, files of indexes.
const OTHER_HANDLES: usize = 200;

/// The handles that a process has unless it is told.
const USUAL_HANDLES: usize = 1_024;

/// Of so many connections one is kept for addresses that hold few.
const KEPT: usize = 16;

/// An address that holds fewer than this holds few.
const FEW: usize = 8;

/// What who is one too many is told, where no handshake stands before it.
const BUSY: &[u8] = b"HTTP/1.1 503 Service Unavailable\r\nRetry-After: 5\r\nContent-Length: 0\r\nConnection: close\r\n\r\n";

/// The connections that are open.
pub(crate) struct Connections {
    most: usize,
    open: Mutex<Open>,
}

#[derive(Default)]
struct Open {
    all: usize,
    of: HashMap<IpAddr, usize>,
}

/// One of them; gone when it is dropped.
struct Connection {
    connections: Arc<Connections>,
    from: IpAddr,
}

impl Connections {
    /// As many as the process has handles for.
    pub(crate) fn within_the_handles() -> Arc<Self> {
        let limits = std::fs::read_to_string("/proc/self/limits").unwrap_or_default();
        let most = most_within(handles(&limits).unwrap_or(USUAL_HANDLES));
        tracing::info!(most, "so many connections may be open at once");
        Arc::new(Self { most, open: Mutex::default() })
    }

    /// Counts a connection that was just accepted, for as long as its data lives; one too many is told so and closed.
    pub(crate) fn admit(self: &Arc<Self>, connection: &dyn Any, data: &mut Extensions) {
        let tls = connection.downcast_ref::<TlsStream<TcpStream>>().map(|tls| tls.get_ref().0);
        let Some(stream) = connection.downcast_ref::<TcpStream>().or(tls) else { return };
        let Ok(address) = stream.peer_addr() else { return };
        match self.enter(network(address.ip())) {
            Some(counted) => drop(data.insert(counted)),
            None => {
                let socket = SockRef::from(stream);
                // Who has gone away meanwhile need not be told.
                if tls.is_none() {
                    drop(socket.send(BUSY));
                }
                drop(socket.shutdown(std::net::Shutdown::Both));
            }
        }
    }

    fn open(&self) -> MutexGuard<'_, Open> {
        self.open.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn enter(self: &Arc<Self>, from: IpAddr) -> Option<Connection> {
        let mut open = self.open();
        let of = open.of.get(&from).copied().unwrap_or_default();
        let free_for_all = self.most - self.most / KEPT;
        if open.all >= if of < FEW { self.most } else { free_for_all } {
            return None;
        }
        open.all += 1;
        *open.of.entry(from).or_default() += 1;
        Some(Connection { connections: Arc::clone(self), from })
    }
}

impl Drop for Connection {
    fn drop(&mut self) {
        let mut open = self.connections.open();
        open.all -= 1;
        if let Some(of) = open.of.get_mut(&self.from) {
            *of -= 1;
            if *of == 0 {
                open.of.remove(&self.from);
            }
        }
    }
}

/// The soft limit of open files, as /proc/self/limits tells it; none when it is not told or has no end.
fn handles(limits: &str) -> Option<usize> {
    limits.lines().find_map(|line| line.strip_prefix("Max open files"))?.split_whitespace().next()?.parse().ok()
}

/// How many connections a process with so many handles may have.
fn most_within(handles: usize) -> usize {
    handles.saturating_sub(OTHER_HANDLES).max(handles / 2).clamp(1, MOST)
}

/// Who counts as one address: of IPv6 the network of a subscriber (RFC 6177).
fn network(address: IpAddr) -> IpAddr {
    match address.to_canonical() {
        IpAddr::V6(six) => IpAddr::V6((six.to_bits() & !u128::from(u64::MAX)).into()),
        four @ IpAddr::V4(_) => four,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn bounded(most: usize) -> Arc<Connections> {
        Arc::new(Connections { most, open: Mutex::default() })
    }

    #[test]
    fn who_takes_all_there_are_keeps_nobody_out_who_holds_few() {
        let connections = bounded(160);
        let (greedy, other) = (IpAddr::from([192, 0, 2, 1]), IpAddr::from([192, 0, 2, 2]));
        let mut held: Vec<_> = std::iter::from_fn(|| connections.enter(greedy)).collect();
        assert_eq!(held.len(), 150);
        let few: Vec<_> = std::iter::from_fn(|| connections.enter(other)).collect();
        assert_eq!(few.len(), FEW, "and no more while there are so many");
        held.pop();
        assert!(connections.enter(greedy).is_none(), "what is kept stays kept");
        drop(few);
        assert!(connections.enter(greedy).is_some());
        drop(held);
        let open = connections.open();
        assert_eq!((open.all, open.of.len()), (0, 0));
    }

    #[test]
    fn there_are_fewer_connections_than_handles() {
        let limits = "Limit                     Soft Limit           Hard Limit           Units\n\
                      Max processes             95043                95043                processes\n\
                      Max open files            20000                524288               files\n";
        assert_eq!(handles(limits), Some(20_000));
        assert_eq!(handles("Max open files            unlimited            unlimited            files"), None);
        assert_eq!([20_000, 1_024, 300, 1, 0].map(most_within), [MOST, 824, 150, 1, 1]);
        let told = std::fs::read_to_string("/proc/self/limits").expect("this system tells");
        assert!(handles(&told).is_none_or(|handles| handles > 0), "{told}");
    }

    #[test]
    fn a_subscriber_is_one_address() {
        let of = |text: &str| network(text.parse().expect("an address"));
        assert_eq!(of("2001:db8:1:2:3:4:5:6"), of("2001:db8:1:2::9"));
        assert_ne!(of("2001:db8:1:2::9"), of("2001:db8:1:3::9"));
        assert_eq!(of("::ffff:192.0.2.7"), of("192.0.2.7"));
    }
}
