//! Which connections are kept open, and when is one thrown away?

use std::time::Duration;

use diesel::Connection;
use diesel::r2d2::{ManageConnection, NopErrorHandler, Pool, R2D2Connection};
use diesel::result::ConnectionError;

use crate::error::{Context, StoreError, take_failure};

/// Opens connections and prepares them.
pub(crate) struct Manager<C> {
    url: String,
    prepare: fn(&mut C) -> Result<(), diesel::result::Error>,
}

/// A connection that remembers whether the database went away under it.
pub(crate) struct Watched<C> {
    pub(crate) connection: C,
    pub(crate) lost: bool,
}

impl<C: R2D2Connection + Connection + Send + 'static> ManageConnection for Manager<C> {
    type Connection = Watched<C>;
    type Error = diesel::r2d2::Error;

    fn connect(&self) -> Result<Self::Connection, Self::Error> {
        let mut connection = C::establish(&self.url).map_err(Self::Error::ConnectionError)?;
        (self.prepare)(&mut connection).map_err(|error| Self::Error::ConnectionError(ConnectionError::CouldntSetupConfiguration(error)))?;
        Ok(Watched { connection, lost: false })
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
) -> Pool<Manager<C>> {
    Pool::builder()
        .max_size(size)
        .min_idle(Some(0))
        .test_on_check_out(false)
        .connection_timeout(Duration::from_secs(10))
        .error_handler(Box::new(NopErrorHandler))
        .build_unchecked(Manager { url: url.to_owned(), prepare })
}

/// Runs `work` on a connection of the pool, which is thrown away when the database is lost under it.
pub(crate) fn with<C, T, E>(pool: &Pool<Manager<C>>, work: impl FnOnce(&mut C) -> (Result<T, E>, bool)) -> Result<T, E>
where
    C: R2D2Connection + Connection + Send + 'static,
    E: From<StoreError>,
{
    let mut watched =
        pool.get().map_err(|error| StoreError::Unavailable(Context { during: "waiting for a connection", said: error.to_string() }))?;
    let (result, lost) = work(&mut watched.connection);
    watched.lost = lost | take_failure();
    result
}
