//! How are the acts of administrators told about?

use jiku_model::Timestamp;

/// What an administrator did.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Act {
    /// Made a user, or gave one another password, department or roles.
    UserPut,
    /// Let a principal in again.
    PrincipalEnabled,
    /// Shut a principal out.
    PrincipalDisabled,
    /// Set what a principal may reach.
    LimitsSet,
    /// Gave the own account a second factor.
    SecondFactorSet,
    /// Took a second factor away.
    SecondFactorReset,
    /// Made an API key.
    KeyCreated,
    /// Ended an API key.
    KeyRevoked,
    /// Registered a purpose of use, or named it anew.
    PurposePut,
    /// Took a purpose of use away.
    PurposeDeleted,
    /// Made or changed a source system.
    SourcePut,
    /// Changed a key of the database.
    KeyringChanged,
    /// Asked for an export that needs a second person.
    ExportAsked,
    /// Approved such an export, rejected it, or took it back.
    ExportDecided,
    /// Wrote the file of an export.
    ExportWritten,
    /// Forgot what the rules of retention say.
    Forgotten,
    /// Copied the database.
    BackupMade,
    /// Made a database of a copy, to see whether one could.
    RestoreTried,
}

impl Act {
    /// Every act, for tables and tests.
    pub const ALL: [Self; 18] = [
        Self::UserPut,
        Self::PrincipalEnabled,
        Self::PrincipalDisabled,
        Self::LimitsSet,
        Self::SecondFactorSet,
        Self::SecondFactorReset,
        Self::KeyCreated,
        Self::KeyRevoked,
        Self::PurposePut,
        Self::PurposeDeleted,
        Self::SourcePut,
        Self::KeyringChanged,
        Self::ExportAsked,
        Self::ExportDecided,
        Self::ExportWritten,
        Self::Forgotten,
        Self::BackupMade,
        Self::RestoreTried,
    ];

    /// The code in the change log and in JSON.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::UserPut => "user-put",
            Self::PrincipalEnabled => "principal-enabled",
            Self::PrincipalDisabled => "principal-disabled",
            Self::LimitsSet => "limits-set",
            Self::SecondFactorSet => "second-factor-set",
            Self::SecondFactorReset => "second-factor-reset",
            Self::KeyCreated => "key-created",
            Self::KeyRevoked => "key-revoked",
            Self::PurposePut => "purpose-put",
            Self::PurposeDeleted => "purpose-deleted",
            Self::SourcePut => "source-put",
            Self::KeyringChanged => "keyring-changed",
            Self::ExportAsked => "export-asked",
            Self::ExportDecided => "export-decided",
            Self::ExportWritten => "export-written",
            Self::Forgotten => "forgotten",
            Self::BackupMade => "backup-made",
            Self::RestoreTried => "restore-tried",
        }
    }
}

/// An act of an administrator.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ActView {
    /// Its position in the change log.
    pub position: i64,
    /// When.
    pub at: Timestamp,
    /// Who.
    pub actor: String,
    /// Its code: that of an [`Act`], or of a later version's.
    pub act: String,
    /// Whom or what it changed.
    pub about: String,
    /// What that is now.
    pub detail: String,
}
