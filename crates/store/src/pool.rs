//! Which connections are kept open, and when is one thrown away?

use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant};

use diesel::Connection;
use diesel::r2d2::{self, ManageConnection, NopErrorHandler, R2D2Connection};
use diesel::result::ConnectionError;

use crate::error::{Context, StoreError, take_failure};

/// How long a free connection is waited for while the database answers.
const LONGEST_WAIT: Duration = Duration::from_secs(10);

/// How often whoever waits looks whether the database can be reached at all.
const LOOKED_EVERY: Duration = Duration::from_millis(250);

/// While the database cannot be reached it is tried again after half of this at the latest.
const TRIED_AGAIN: Duration = Duration::from_secs(2);

/// Connections to one database.
pub(crate) struct Pool<C: R2D2Connection + Connection + Send + 'static> {
    connections: r2d2::Pool<Manager<C>>,
    refusal: Refusal,
}

/// Why the last attempt to connect failed; nothing when it did not.
type Refusal = Arc<Mutex<Option<String>>>;

/// Opens connections and prepares them.
pub(crate) struct Manager<C> {
    url: String,
    prepare: fn(&mut C) -> Result<(), diesel::result::Error>,
    refusal: Refusal,
}

/// A connection that remembers whether the database went away under it.
pub(crate) struct Watched<C> {
    pub(crate) connection: C,
    pub(crate) lost: bool,
}

impl<C: R2D2Connection + Connection + Send + 'static> Manager<C> {
    fn open(&self) -> Result<C, r2d2::Error> {
        let mut connection = C::establish(&self.url).map_err(r2d2::Error::ConnectionError)?;
        (self.prepare)(&mut connection).map_err(|error| r2d2::Error::ConnectionError(ConnectionError::CouldntSetupConfiguration(error)))?;
        Ok(connection)
    }
}

impl<C: R2D2Connection + Connection + Send + 'static> ManageConnection for Manager<C> {
    type Connection = Watched<C>;
    type Error = r2d2::Error;

    fn connect(&self) -> Result<Self::Connection, Self::Error> {
        let opened = self.open();
        *self.refusal.lock().unwrap_or_else(PoisonError::into_inner) = opened.as_ref().err().map(ToString::to_string);
        Ok(Watched { connection: opened?, lost: false })
    }

    fn is_valid(&self, watched: &mut Self::Connection) -> Result<(), Self::Error> {
        watched.connection.ping().map_err(Self::Error::QueryError)
    }

    fn has_broken(&self, watched: &mut Self::Connection) -> bool {
        watched.lost || std::thread::panicking() || watched.connection.is_broken()
    }
}

/// A pool that opens connections when they are needed, up to `size`.
pub(crate) fn pool<C: R2D2Connection + Connection + Send + 'static>(
    url: &str,
    size: u32,
    prepare: fn(&mut C) -> Result<(), diesel::result::Error>,
) -> Pool<C> {
    let refusal = Refusal::default();
    let connections = r2d2::Pool::builder()
        .max_size(size)
        .min_idle(Some(0))
        .test_on_check_out(false)
        .connection_timeout(TRIED_AGAIN)
        .error_handler(Box::new(NopErrorHandler))
        .build_unchecked(Manager { url: url.to_owned(), prepare, refusal: Arc::clone(&refusal) });
    Pool { connections, refusal }
}

impl<C: R2D2Connection + Connection + Send + 'static> Pool<C> {
    /// A connection, once one is free; none at once when there is none and the database refuses new ones.
    fn get(&self) -> Result<r2d2::PooledConnection<Manager<C>>, StoreError> {
        let began = Instant::now();
        loop {
            let timeout = match self.connections.get_timeout(LOOKED_EVERY) {
                Ok(connection) => return Ok(connection),
                Err(timeout) => timeout,
            };
            // Connections that others work on come back.
            let has_none = self.connections.state().connections == 0;
            let refusal = self.refusal.lock().unwrap_or_else(PoisonError::into_inner).clone().filter(|_| has_none);
            if refusal.is_some() || began.elapsed() > LONGEST_WAIT {
                let said = refusal.unwrap_or_else(|| timeout.to_string());
                return Err(StoreError::Unavailable(Context { during: "waiting for a connection", said }));
            }
        }
    }
}

/// Runs `work` on a connection of the pool, which is thrown away when the database is lost under it.
pub(crate) fn with<C, T, E>(pool: &Pool<C>, work: impl FnOnce(&mut C) -> (Result<T, E>, bool)) -> Result<T, E>
where
    C: R2D2Connection + Connection + Send + 'static,
    E: From<StoreError>,
{
    let mut watched = pool.get()?;
    let (result, lost) = work(&mut watched.connection);
    watched.lost = lost | take_failure();
    result
}
