//! How are alarms told about?

use jiku_model::Timestamp;

/// What somebody must be told of at once.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Alarm {
    /// Somebody reaches beyond their rights in an emergency.
    EmergencyBegun,
    /// Nobody has looked at an emergency in the time there is for it.
    EmergencyUnreviewed,
    /// The change log does not continue as it stood, or a sealed reading is not as it was: they were changed from outside.
    TracesBroken,
    /// Ids are guessed.
    IdsGuessed,
    /// A sign-in failed so often that it is refused for a while.
    SignInLocked,
    /// Everything of a kind was taken along as a file.
    Exported,
    /// A principal reads far more people than it usually does.
    ReadingUnusual,
    /// A quota of the day is used up.
    QuotaReached,
}

impl Alarm {
    /// Every sort.
    pub const ALL: [Self; 8] = [
        Self::EmergencyBegun,
        Self::EmergencyUnreviewed,
        Self::TracesBroken,
        Self::IdsGuessed,
        Self::SignInLocked,
        Self::Exported,
        Self::ReadingUnusual,
        Self::QuotaReached,
    ];

    /// The code in logs, metrics and JSON.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::EmergencyBegun => "emergency-begun",
            Self::EmergencyUnreviewed => "emergency-unreviewed",
            Self::TracesBroken => "traces-broken",
            Self::IdsGuessed => "ids-guessed",
            Self::SignInLocked => "sign-in-locked",
            Self::Exported => "exported",
            Self::ReadingUnusual => "reading-unusual",
            Self::QuotaReached => "quota-reached",
        }
    }

    /// The sentence for a log.
    #[must_use]
    pub const fn words(self) -> &'static str {
        match self {
            Self::EmergencyBegun => "somebody reaches beyond their rights in an emergency",
            Self::EmergencyUnreviewed => "nobody has looked at an emergency within three working days",
            Self::TracesBroken => "the change log or the access log is not as it stood",
            Self::IdsGuessed => "ids are guessed; the principal is kept out for 15 minutes",
            Self::SignInLocked => "a sign-in failed five times and is refused for 15 minutes",
            Self::Exported => "everything of a kind was taken along as a file",
            Self::ReadingUnusual => "more than three times as many people were read as on a usual day",
            Self::QuotaReached => "a quota of the day is used up",
        }
    }
}

/// An alarm that was raised.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct AlarmView {
    /// Its position in the change log.
    pub position: i64,
    /// When.
    pub at: Timestamp,
    /// Its code: one of [`Alarm::ALL`], or one of a later version.
    pub alarm: String,
    /// Who did it, or who noticed.
    pub principal: String,
    /// For which department.
    pub department: String,
    /// What it is about, by ids and numbers.
    pub about: String,
}
