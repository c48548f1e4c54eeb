//! How are the rights in a parcel written?

use jiku_registry::{ParcelRights, Party, RightView};
use serde::Serialize;
use utoipa::ToSchema;
use uuid::Uuid;

/// The rights, restrictions and responsibilities in a parcel (ISO 19152).
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct RightsBody {
    /// The parcel; the survivor when the one asked for was merged.
    parcel: Uuid,
    version: i64,
    rights: Vec<RightBody>,
    /// Whether names and numbers of people are masked.
    masked: bool,
}

/// A right. Its members bear the names of a parcel's columns.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct RightBody {
    /// `right`, `restriction` or `responsibility`.
    category: &'static str,
    /// In words, such as 国有建设用地使用权.
    #[serde(skip_serializing_if = "Option::is_none")]
    right_type: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    right_holder: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    right_holder_id: Option<String>,
    /// In lowest terms, such as `1/2`.
    #[serde(skip_serializing_if = "Option::is_none")]
    right_share: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    valid_from: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    valid_to: Option<String>,
    /// The number of the certificate.
    #[serde(skip_serializing_if = "Option::is_none")]
    certificate: Option<String>,
    /// Who holds it; null for a name that is not resolved yet.
    party: Option<PartyBody>,
}

/// The golden record of a party.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct PartyBody {
    /// `person` or `legal-person`.
    kind: &'static str,
    id: Uuid,
    /// `number`, or `name` for a legal person that alone bears it.
    found_by: &'static str,
}

impl From<ParcelRights> for RightsBody {
    fn from(rights: ParcelRights) -> Self {
        Self {
            parcel: rights.parcel.0,
            version: rights.version,
            rights: rights.rights.into_iter().map(Into::into).collect(),
            masked: rights.masked,
        }
    }
}

impl From<RightView> for RightBody {
    fn from(RightView { right, party }: RightView) -> Self {
        Self {
            category: right.category.as_str(),
            right_type: right.right_type,
            right_holder: right.right_holder,
            right_holder_id: right.right_holder_id,
            right_share: right.right_share,
            valid_from: right.valid_from,
            valid_to: right.valid_to,
            certificate: right.certificate,
            party: party.map(|Party { kind, id, by }| PartyBody { kind: kind.as_str(), id: id.0, found_by: by.as_str() }),
        }
    }
}
