//! Does the ledger hold what the model in use says?

use jiku_linkage::MatchIndex;
use jiku_model::{JudgementOrigin, Kind};
use jiku_store::{LedgerEntry, Reader};
use rayon::prelude::*;

use super::Findings;
use crate::RegistryError;
use crate::rejudge::verdict;
use crate::write::reload::index;
use crate::write::state::Core;

/// Weighs every pair anew that a model has judged, and compares weight and verdict.
pub(super) fn of_models(core: &Core, reader: &mut Reader<'_>, findings: &mut Findings) -> Result<(), RegistryError> {
    let matching = Kind::ALL.map(|kind| core.shelf(kind).matching.read());
    reader.scan_ledger(&mut |rows| {
        let wrong: Vec<(LedgerEntry, String)> = rows
            .into_par_iter()
            .filter(|row| row.origin == JudgementOrigin::Model)
            .filter_map(|row| contradiction(&matching[index(row.left_record.kind())], &row).map(|detail| (row, detail)))
            .collect();
        for (row, detail) in wrong {
            findings.add("judgement", format!("{}-{}", row.left_record.0, row.right_record.0), detail);
        }
    })?;
    Ok(())
}

/// What the model in use says otherwise than a judgement of the ledger.
fn contradiction(matching: &MatchIndex, row: &LedgerEntry) -> Option<String> {
    let model = matching.model();
    let Some(weight) = matching.weigh(model, row.left_record.slot(), row.right_record.slot()) else {
        return Some("the ledger judges a record that is no more".to_owned());
    };
    if row.weight.map(f32::to_bits) != Some(weight.to_bits()) {
        let held = row.weight.map_or_else(|| "no weight".to_owned(), |held| format!("{held:.2}"));
        return Some(format!("the ledger says {held}, the model in use {weight:.2}"));
    }
    let said = (weight >= model.review_threshold()).then(|| verdict(model, weight));
    let told = said.map_or_else(|| "nothing".to_owned(), |said| format!("{said:?}"));
    (said != Some(row.verdict)).then(|| format!("the ledger says {:?}, at {weight:.2} the model in use says {told}", row.verdict))
}
