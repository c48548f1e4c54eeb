//! What are the rows of the typed golden tables?

use diesel::prelude::*;
use jiku_model::{Attributes, DecisionId, EntityId, Kind, Timestamp};

row! {
    /// Golden records of people, for SQL tools.
    pub struct PersonRow in person {
        /// The canonical id.
        pub entity: EntityId,
        /// Name.
        pub name: Option<String>,
        /// Type of identity document.
        pub id_type: Option<String>,
        /// Identity number.
        pub id_number: Option<String>,
        /// Sex, GB/T 2261.1.
        pub sex: Option<String>,
        /// Date of birth, to the day, month or year.
        pub birth_date: Option<String>,
        /// Phone.
        pub phone: Option<String>,
        /// Address.
        pub address: Option<String>,
        /// Administrative division, GB/T 2260.
        pub division: Option<String>,
        /// Ethnic group, GB/T 3304.
        pub ethnic_group: Option<String>,
        /// Nationality.
        pub nationality: Option<String>,
        /// Former name.
        pub former_name: Option<String>,
        /// Status.
        pub status: Option<String>,
        /// From when this holds.
        pub valid_from: Option<String>,
        /// Marital status, GB/T 2261.2.
        pub marital_status: Option<String>,
    }
}

impl PersonRow {
    /// The values that are encrypted, in the order of columns.
    pub(crate) fn sealed_texts(&self) -> [Option<&str>; 3] {
        [self.id_number.as_deref(), self.phone.as_deref(), self.address.as_deref()]
    }
}

row! {
    /// Golden records of legal persons, for SQL tools.
    pub struct LegalPersonRow in legal_person {
        /// The canonical id.
        pub entity: EntityId,
        /// Registered name.
        pub name: Option<String>,
        /// Unified social credit code, GB 32100.
        pub uscc: Option<String>,
        /// Registration number.
        pub registration_number: Option<String>,
        /// Legal form.
        pub legal_form: Option<String>,
        /// Name of the legal representative.
        pub legal_representative: Option<String>,
        /// Identity number of the legal representative.
        pub legal_representative_id: Option<String>,
        /// Registered capital.
        pub registered_capital: Option<String>,
        /// Date of establishment.
        pub established_on: Option<String>,
        /// Industry, GB/T 4754.
        pub industry: Option<String>,
        /// Address.
        pub address: Option<String>,
        /// Administrative division, GB/T 2260.
        pub division: Option<String>,
        /// Phone.
        pub phone: Option<String>,
        /// Status.
        pub status: Option<String>,
    }
}

impl LegalPersonRow {
    /// The values that are encrypted, in the order of columns.
    pub(crate) fn sealed_texts(&self) -> [Option<&str>; 3] {
        [self.legal_representative_id.as_deref(), self.address.as_deref(), self.phone.as_deref()]
    }
}

row! {
    /// Golden records of land parcels, for SQL and GIS tools.
    pub struct ParcelRow in parcel {
        /// The canonical id.
        pub entity: EntityId,
        /// Parcel code, TD/T 1001.
        pub parcel_code: Option<String>,
        /// Real-estate unit code, GB/T 37346.
        pub unit_code: Option<String>,
        /// Land use, GB/T 21010.
        pub land_use: Option<String>,
        /// Registered area in square metres.
        pub registered_area_m2: Option<f64>,
        /// Location in words.
        pub location: Option<String>,
        /// Name of the right holder.
        pub right_holder: Option<String>,
        /// Number of the right holder.
        pub right_holder_id: Option<String>,
        /// Type of right.
        pub right_type: Option<String>,
        /// From when this holds.
        pub valid_from: Option<String>,
        /// WKB in CGCS2000 longitude and latitude, EPSG:4490.
        pub geometry: Option<Vec<u8>>,
        /// Western bound.
        pub min_lon: Option<f64>,
        /// Southern bound.
        pub min_lat: Option<f64>,
        /// Eastern bound.
        pub max_lon: Option<f64>,
        /// Northern bound.
        pub max_lat: Option<f64>,
        /// Area in the 3-degree zone in square metres.
        pub planar_area_m2: Option<f64>,
    }
}

impl ParcelRow {
    /// The values that are encrypted, in the order of columns.
    pub(crate) fn sealed_texts(&self) -> [Option<&str>; 1] {
        [self.right_holder_id.as_deref()]
    }
}

row! {
    /// Parties that a golden record names: legal representative, right holder, guardian, ….
    pub struct RelationshipRow in relationship {
        /// The entity whose golden record names the party.
        pub from_entity: EntityId,
        /// Counted from 0 within the entity.
        pub ordinal: i16,
        /// Its kind.
        pub from_kind: Kind,
        /// The party's role, a code.
        pub role: String,
        /// The party's canonical number, when known.
        pub to_number: Option<String>,
        /// The party's name as told.
        pub to_name: Option<String>,
    }
}

row! {
    /// Rights in parcels.
    pub struct RightRow in parcel_right {
        /// The parcel.
        pub parcel: EntityId,
        /// Counted from 0 within the parcel.
        pub ordinal: i16,
        /// The party's canonical number, when known.
        pub party_number: Option<String>,
        /// The party's name as told.
        pub party_name: Option<String>,
        /// Type of right.
        pub right_type: Option<String>,
        /// The share, such as 1/2.
        pub share: Option<String>,
        /// From when.
        pub valid_from: Option<String>,
        /// Until when.
        pub valid_to: Option<String>,
        /// Right, restriction or responsibility.
        pub category: String,
        /// The number of the certificate.
        pub certificate: Option<String>,
    }
}

row! {
    /// Which parcel has its land from which, by a split, a union or an adjustment.
    pub struct LineageRow in parcel_lineage {
        /// The later parcel.
        pub child: EntityId,
        /// The earlier parcel.
        pub parent: EntityId,
        /// Split, unite or adjust.
        pub operation: String,
        /// The decision that did it.
        pub decision: DecisionId,
        /// When.
        pub at: Timestamp,
        /// The part of the earlier parcel's area that went over, 0 to 1.
        pub share: f64,
    }
}

row! {
    /// Parcels that are retired and codes that parcels do not carry any more.
    pub struct FormerParcelRow in parcel_former {
        /// The parcel.
        pub entity: EntityId,
        /// Its last version under this code.
        pub version: i32,
        /// The code, never given out again.
        pub parcel_code: Option<String>,
        /// What ended it: split, unite, retire, recode, undo or withdrawn.
        pub operation: String,
        /// The decision that did it, none when its source withdrew it.
        pub decision: Option<DecisionId>,
        /// Since when it stood in the world.
        pub valid_from: Option<String>,
        /// Until when it stood in the world.
        pub valid_to: Option<String>,
        /// Western bound.
        pub min_lon: Option<f64>,
        /// Southern bound.
        pub min_lat: Option<f64>,
        /// Eastern bound.
        pub max_lon: Option<f64>,
        /// Northern bound.
        pub max_lat: Option<f64>,
        /// When it was recorded.
        pub at: Timestamp,
    }
}

fn text(attributes: &Attributes, column: &str) -> Option<String> {
    attributes.get(column).map(str::to_owned)
}

impl PersonRow {
    /// The row of a golden record.
    #[must_use]
    pub fn new(entity: EntityId, golden: &Attributes) -> Self {
        Self {
            entity,
            name: text(golden, "name"),
            id_type: text(golden, "id_type"),
            id_number: text(golden, "id_number"),
            sex: text(golden, "sex"),
            birth_date: text(golden, "birth_date"),
            phone: text(golden, "phone"),
            address: text(golden, "address"),
            division: text(golden, "division"),
            ethnic_group: text(golden, "ethnic_group"),
            nationality: text(golden, "nationality"),
            former_name: text(golden, "former_name"),
            status: text(golden, "status"),
            valid_from: text(golden, "valid_from"),
            marital_status: text(golden, "marital_status"),
        }
    }
}

impl LegalPersonRow {
    /// The row of a golden record.
    #[must_use]
    pub fn new(entity: EntityId, golden: &Attributes) -> Self {
        Self {
            entity,
            name: text(golden, "name"),
            uscc: text(golden, "uscc"),
            registration_number: text(golden, "registration_number"),
            legal_form: text(golden, "legal_form"),
            legal_representative: text(golden, "legal_representative"),
            legal_representative_id: text(golden, "legal_representative_id"),
            registered_capital: text(golden, "registered_capital"),
            established_on: text(golden, "established_on"),
            industry: text(golden, "industry"),
            address: text(golden, "address"),
            division: text(golden, "division"),
            phone: text(golden, "phone"),
            status: text(golden, "status"),
        }
    }
}

/// What a parcel's row says of its geometry.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct ParcelGeometry {
    /// WKB in CGCS2000 longitude and latitude.
    pub wkb: Vec<u8>,
    /// Western, southern, eastern and northern bound.
    pub bounds: [f64; 4],
    /// Area in the 3-degree zone in square metres.
    pub planar_area_m2: f64,
}

impl ParcelRow {
    /// The row of a golden record; the geometry comes as its engine understood it.
    #[must_use]
    pub fn new(entity: EntityId, golden: &Attributes, geometry: Option<ParcelGeometry>) -> Self {
        let bound = |side: usize| geometry.as_ref().map(|geometry| geometry.bounds[side]);
        Self {
            entity,
            parcel_code: text(golden, "parcel_code"),
            unit_code: text(golden, "unit_code"),
            land_use: text(golden, "land_use"),
            registered_area_m2: golden.get("registered_area_m2").and_then(|area| area.parse().ok()),
            location: text(golden, "location"),
            right_holder: text(golden, "right_holder"),
            right_holder_id: text(golden, "right_holder_id"),
            right_type: text(golden, "right_type"),
            valid_from: text(golden, "valid_from"),
            min_lon: bound(0),
            min_lat: bound(1),
            max_lon: bound(2),
            max_lat: bound(3),
            planar_area_m2: geometry.as_ref().map(|geometry| geometry.planar_area_m2),
            geometry: geometry.map(|geometry| geometry.wkb),
        }
    }
}
