//! What can go wrong with a file?

/// Why a file cannot be read or written.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum GeoFileError {
    /// The file is not what it says, or broken.
    #[error("the file is damaged: {0}")]
    Damaged(String),
    /// The file holds something that is not taken.
    #[error("{0}")]
    Unsupported(String),
    /// The place cannot be read or written.
    #[error("the file cannot be read or written: {0}")]
    Io(#[from] std::io::Error),
}

impl GeoFileError {
    /// What a library says of a damaged file.
    pub(crate) fn damaged(error: impl std::fmt::Display) -> Self {
        Self::Damaged(error.to_string())
    }
}
