//! What follows from golden records alone, for the database and for maps?

use jiku_golden::Golden;
use jiku_model::{Attributes, EntityId, Kind, Timestamp};
use jiku_parcel::rights::{ParcelRight, parties, rights};
use jiku_parcel::survey::Survey;
use jiku_spatial::ParcelGeometry;
use jiku_store::{LegalPersonRow, PersonRow, RelationshipRow, RightRow, Writer};

use super::draft::EntityDraft;
use super::parcels::parcel_row;
use crate::RegistryError;
use crate::facade::EntityState;
use crate::kinds::noun;
use crate::memory::ParcelFeature;

/// What follows from an entity's golden record alone.
pub(super) struct Form {
    /// The golden record as it is kept.
    pub(super) golden: String,
    pub(super) typed: Typed,
    /// What maps hold of an active parcel.
    pub(super) feature: Option<ParcelFeature>,
}

impl Form {
    pub(super) fn new(kind: Kind, at: Timestamp, id: EntityId, entity: &EntityDraft) -> Result<Self, RegistryError> {
        let golden = entity.golden.json();
        let mut form = Self { golden, typed: Typed::default(), feature: None };
        if entity.state == EntityState::Active {
            let attributes = entity.golden.attributes();
            form.typed.add(kind, id, &attributes, entity.survey.as_deref())?;
            form.feature = (kind == Kind::Parcel).then(|| ParcelFeature::new(id, entity.version, at, &attributes));
        }
        Ok(form)
    }
}

/// Rows of the typed golden tables.
#[derive(Default)]
pub(crate) struct Typed {
    pub(crate) persons: Vec<PersonRow>,
    pub(crate) legal_persons: Vec<LegalPersonRow>,
    pub(crate) parcels: Vec<jiku_store::ParcelRow>,
    pub(crate) relationships: Vec<RelationshipRow>,
    pub(crate) rights: Vec<RightRow>,
    /// The geometries of parcels, for the index.
    pub(crate) geometries: Vec<(EntityId, ParcelGeometry)>,
}

impl Typed {
    /// The rows of these golden records.
    pub(crate) fn new<'a>(kind: Kind, entities: impl Iterator<Item = (EntityId, &'a Golden)>) -> Result<Self, RegistryError> {
        let mut typed = Self::default();
        for (id, golden) in entities {
            typed.add(kind, id, &golden.attributes(), None)?;
        }
        Ok(typed)
    }

    /// Of a parcel the survey is that of its golden record, when it is at hand.
    fn add(&mut self, kind: Kind, id: EntityId, golden: &Attributes, survey: Option<&Survey>) -> Result<(), RegistryError> {
        let parties = match kind {
            Kind::Person => {
                self.persons.push(PersonRow::new(id, golden));
                noun(kind).related_parties(golden)
            }
            Kind::LegalPerson => {
                self.legal_persons.push(LegalPersonRow::new(id, golden));
                noun(kind).related_parties(golden)
            }
            Kind::Parcel => {
                let (row, geometry) = parcel_row(id, golden, survey)?;
                self.parcels.push(row);
                self.geometries.extend(geometry.map(|geometry| (id, geometry)));
                let rights = rights(golden);
                let parties = parties(&rights);
                self.rights.extend(right_rows(id, rights));
                parties
            }
        };
        self.relationships.extend((0..).zip(parties).map(|(ordinal, party)| RelationshipRow {
            from_entity: id,
            ordinal,
            from_kind: kind,
            role: party.role.to_owned(),
            to_number: party.number,
            to_name: party.name,
        }));
        Ok(())
    }

    /// Takes over other rows of the same kind.
    pub(super) fn extend(&mut self, other: Self) {
        let Self { persons, legal_persons, parcels, relationships, rights, geometries } = other;
        self.persons.extend(persons);
        self.legal_persons.extend(legal_persons);
        self.parcels.extend(parcels);
        self.relationships.extend(relationships);
        self.rights.extend(rights);
        self.geometries.extend(geometries);
    }

    /// Writes the rows, in place of all that entities had which are not new.
    pub(crate) fn write(&self, writer: &mut Writer<'_>, kind: Kind, known: &[EntityId]) -> Result<(), RegistryError> {
        if !known.is_empty() {
            writer.delete_golden(kind, known)?;
        }
        if !self.persons.is_empty() {
            writer.insert_persons(&self.persons)?;
        }
        if !self.legal_persons.is_empty() {
            writer.insert_legal_persons(&self.legal_persons)?;
        }
        if !self.parcels.is_empty() {
            writer.insert_parcels(&self.parcels)?;
        }
        if !self.relationships.is_empty() || !known.is_empty() {
            writer.put_relationships(known, &self.relationships)?;
        }
        if !self.rights.is_empty() || (kind == Kind::Parcel && !known.is_empty()) {
            writer.put_rights(known, &self.rights)?;
        }
        Ok(())
    }
}

/// The rights that a parcel's golden record speaks of, as rows.
fn right_rows(parcel: EntityId, rights: Vec<ParcelRight>) -> impl Iterator<Item = RightRow> {
    (0..).zip(rights).map(move |(ordinal, right)| RightRow {
        parcel,
        ordinal,
        party_number: right.right_holder_id,
        party_name: right.right_holder,
        right_type: right.right_type,
        share: right.right_share,
        valid_from: right.valid_from,
        valid_to: right.valid_to,
        category: right.category.as_str().to_owned(),
        certificate: right.certificate,
    })
}
