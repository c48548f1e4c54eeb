//! Which blocking rules fit an unknown table?
//!
//! Every single key that gives a record few enough partners is taken; so is every pair of coarser keys that does
//! together. Fields repeat in many rules, so that a pair is met unless it errs nearly everywhere.

use std::collections::HashMap;

use super::columns::{Column, ColumnKind, Profile};
use crate::batch::Records;
use crate::blocking::KeyRule;
use crate::model::{Model, ModelError};
use crate::model_file::{BlockingFile, ModelFile};

/// Partners per record that one rule may give on average.
const PARTNERS: f64 = 24.0;
/// The most rules proposed.
const MOST_RULES: usize = 40;
/// Up to this many records all pairs are compared.
const ALL_PAIRS: u32 = 1_500;
/// Records that are looked at to foresee the size of blocks.
const LOOKED_AT: u32 = 50_000;

/// Adds blocking rules to a proposed model that has none.
///
/// # Errors
/// When the model is not well formed.
pub fn propose_blocking(profile: &Profile, file: &ModelFile, records: &Records) -> Result<ModelFile, ModelError> {
    let mut file = file.clone();
    if records.len() <= ALL_PAIRS {
        file.blocking = vec![BlockingFile { name: "all pairs".to_owned(), key: "all()".to_owned(), ..BlockingFile::default() }];
        file.max_block = file.max_block.max(records.len() as usize);
        return Ok(file);
    }
    let parts: Vec<(usize, String)> =
        profile.columns.iter().enumerate().flat_map(|(at, column)| parts(column).into_iter().map(move |part| (at, part))).collect();
    let mut coarse: Vec<(usize, &str)> = Vec::new();
    let mut rules: Vec<(f64, String)> = Vec::new();
    for (column, part) in &parts {
        let partners = partners(&file, records, part)?;
        if partners <= PARTNERS {
            rules.push((partners, part.clone()));
        } else {
            coarse.push((*column, part));
        }
    }
    for (at, (column, part)) in coarse.iter().enumerate() {
        for (other_column, other) in &coarse[at + 1..] {
            if column != other_column {
                let key = format!("{part} + {other}");
                let partners = partners(&file, records, &key)?;
                if partners <= PARTNERS {
                    rules.push((partners, key));
                }
            }
        }
    }
    rules.sort_by(|a, b| a.0.total_cmp(&b.0).then_with(|| a.1.cmp(&b.1)));
    rules.truncate(MOST_RULES);
    file.blocking = rules.into_iter().map(|(_, key)| BlockingFile { name: key.clone(), key, ..BlockingFile::default() }).collect();
    Ok(file)
}

/// The keys a column lends itself to, finest first.
fn parts(column: &Column) -> Vec<String> {
    let f = &column.field;
    match column.kind {
        ColumnKind::Name if column.chinese => vec![f.clone(), format!("{f}_sound")],
        ColumnKind::Name => vec![f.clone(), format!("first({f}, 4)"), format!("first({f}, 2)")],
        ColumnKind::Date => vec![f.clone(), format!("year({f})"), format!("month_day({f})")],
        ColumnKind::Identifier => vec![f.clone(), format!("first({f}, 4)"), format!("last({f}, 4)")],
        ColumnKind::Phone => vec![f.clone(), format!("last({f}, 5)")],
        ColumnKind::Email => vec![f.clone(), format!("{f}_user"), format!("first({f}_user, 4)")],
        ColumnKind::Address | ColumnKind::Text => vec![f.clone(), format!("first({f}, 6)"), format!("words({f})")],
        ColumnKind::Postcode | ColumnKind::Category | ColumnKind::Number => vec![f.clone()],
        ColumnKind::Latitude => vec!["point_cell".to_owned()],
        ColumnKind::Longitude | ColumnKind::Ignored => Vec::new(),
    }
}

/// How many records share the key with a record, on average over the table: foreseen from a part of it.
fn partners(file: &ModelFile, records: &Records, key: &str) -> Result<f64, ModelError> {
    let with_rule =
        ModelFile { blocking: vec![BlockingFile { name: key.to_owned(), key: key.to_owned(), ..BlockingFile::default() }], ..file.clone() };
    let model = Model::new(with_rule)?;
    let step = (records.len() / LOOKED_AT).max(1);
    let mut sizes: HashMap<u64, u64> = HashMap::new();
    let mut seen = 0_u64;
    for record in (0..records.len()).step_by(step as usize) {
        seen += 1;
        let row = records.row(record);
        for hash in KeyRule::keys(&model.rules[0], records.lexicon(), &model.dictionary_of, row) {
            *sizes.entry(hash).or_default() += 1;
        }
    }
    let together: u64 = sizes.values().map(|size| size * (size - 1)).sum();
    Ok(together as f64 / seen.max(1) as f64 * f64::from(step))
}
