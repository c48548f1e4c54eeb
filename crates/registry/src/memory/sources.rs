//! Which source systems are there, by number and by code?

use std::collections::BTreeMap;

use jiku_model::{RecordKey, SourceCode, SourceSystem};
use jiku_store::SourceRow;

use crate::RegistryError;

/// The source systems.
#[derive(Clone, Debug, Default)]
pub(crate) struct Sources {
    by_number: BTreeMap<i16, SourceSystem>,
    numbers: BTreeMap<SourceCode, i16>,
}

impl Sources {
    pub(crate) fn new(rows: Vec<SourceRow>) -> Result<Self, RegistryError> {
        let mut sources = Self::default();
        for row in rows {
            let code =
                SourceCode::try_from(row.code).map_err(|error| RegistryError::internal(format!("source {}: {error}", row.number)))?;
            let trust = u8::try_from(row.trust).unwrap_or_default();
            sources.put(row.number, SourceSystem { code, name: row.name, department: row.department, trust });
        }
        Ok(sources)
    }

    pub(crate) fn put(&mut self, number: i16, source: SourceSystem) {
        self.numbers.insert(source.code.clone(), number);
        self.by_number.insert(number, source);
    }

    pub(crate) fn number(&self, code: &SourceCode) -> Option<i16> {
        self.numbers.get(code).copied()
    }

    /// Whether a source system is of this department.
    pub(crate) fn is_of(&self, code: &SourceCode, department: &str) -> bool {
        self.number(code).and_then(|number| self.get(number)).is_some_and(|source| source.department == department)
    }

    pub(crate) fn next_number(&self) -> Option<i16> {
        self.by_number.keys().next_back().map_or(Some(1), |last| last.checked_add(1))
    }

    pub(crate) fn get(&self, number: i16) -> Option<&SourceSystem> {
        self.by_number.get(&number)
    }

    pub(crate) fn trust(&self, number: i16) -> u8 {
        self.get(number).map_or(0, |source| source.trust)
    }

    /// The code of a source and how far it is trusted, as survivorship asks for it.
    pub(crate) fn standing(&self, number: i16) -> (&str, u8) {
        self.get(number).map_or(("", 0), |source| (source.code.as_str(), source.trust))
    }

    /// Whether it is the service's own source of parcel edits.
    pub(crate) fn is_of_edits(&self, number: i16) -> bool {
        self.get(number).is_some_and(|source| source.code.as_str() == jiku_parcel::edit::SOURCE)
    }

    /// The outside name of a record.
    pub(crate) fn key(&self, record: &jiku_store::RecordRow) -> Result<RecordKey, RegistryError> {
        let source = self
            .get(record.source)
            .ok_or_else(|| RegistryError::internal(format!("record {} has the unknown source {}", record.id.0, record.source)))?;
        Ok(RecordKey { kind: record.kind, source: source.code.clone(), key: record.source_key.clone() })
    }

    pub(crate) fn all(&self) -> impl Iterator<Item = &SourceSystem> {
        self.numbers.values().filter_map(|number| self.by_number.get(number))
    }
}

/// The row of a source system.
pub(crate) fn source_row(number: i16, source: &SourceSystem) -> SourceRow {
    SourceRow {
        number,
        code: source.code.as_str().to_owned(),
        name: source.name.clone(),
        department: source.department.clone(),
        trust: i16::from(source.trust),
    }
}
