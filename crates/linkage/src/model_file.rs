//! What does a model look like as a TOML file?

use std::collections::{BTreeMap, BTreeSet};

use serde::{Deserialize, Serialize};

use crate::frequency::FrequencyFile;
use crate::profile::{ColumnKind, Role};

/// A match model as it is written down.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub struct ModelFile {
    /// The model's name.
    pub name: String,
    /// Its version, counted up with every change.
    pub version: u32,
    /// What it is for.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub about: String,
    /// The same in Chinese.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub about_zh: String,
    /// The share of random pairs of records that match.
    pub prior: f64,
    /// Pairs of at least this weight (log2 odds) are linked.
    pub link: f32,
    /// The threshold that becomes `link` when the model is fitted to a table: its probabilities are the table's own then.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub link_fitted: Option<f32>,
    /// Pairs of at least this weight, and below `link`, are reviewed.
    pub review: f32,
    /// How weights become probabilities; without it, a weight is taken as log2 of the odds.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub calibration: Option<CalibrationFile>,
    /// What becomes `calibration` when the model is fitted to a table.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub calibration_fitted: Option<CalibrationFile>,
    /// A block of more records than this is hot: it is split by its rule's `refine`, or left out.
    #[serde(default = "default_max_block")]
    pub max_block: usize,
    /// The columns of a table that are compared, and as what: then a pair weighs the same whatever other rows its table has. Without them
    /// the kinds are told from the values once more. The columns of a kind of entity are known.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub column: Vec<ColumnFile>,
    /// Groups of characters that look alike, such as `己已巳`.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub lookalikes: Vec<String>,
    /// Groups of names that stand for each other, such as bob and robert.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub aliases: Vec<Vec<String>>,
    /// Pairs that look alike without being the same: family members, branches of one company.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub relation: Vec<RelationFile>,
    /// Which pairs are compared at all.
    #[serde(default)]
    pub blocking: Vec<BlockingFile>,
    /// What is compared, and what each outcome says.
    #[serde(default)]
    pub comparison: Vec<ComparisonFile>,
    /// What no weight may overrule.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub conflict: Vec<ConflictFile>,
    /// A value that is a blocking key by itself, such as a telephone, and that more records than this share turns out to be generic.
    #[serde(default = "default_generic_above")]
    pub generic_above: usize,
    /// Identifiers that turn out to be generic sooner, by how many different values of another field they come with.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub shared: Vec<SharedFile>,
    /// Values that stand for nobody in particular, by field: the telephone of a service desk, the number a form gives as its
    /// example. They count as missing.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub generic: BTreeMap<String, BTreeSet<String>>,
    /// How common values are, by field.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub term_frequency: BTreeMap<String, FrequencyFile>,
}

fn is_nothing(bits: &f32) -> bool {
    *bits == 0.0
}

const fn default_max_block() -> usize {
    500
}

const fn default_generic_above() -> usize {
    100
}

/// How weights become probabilities: log2 of the odds is `offset + slope * weight`. The evidence of a pair is never quite independent and the
/// doubtful pairs are those where it matters, so what is near the thresholds is seldom as sure as the sum of the weights says (J. Platt,
/// Probabilistic Outputs for Support Vector Machines, 1999).
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub struct CalibrationFile {
    /// Bits of odds for a weight of nothing.
    pub offset: f32,
    /// Bits of odds for each bit of weight.
    pub slope: f32,
}

/// A column of a table, and how its values are understood.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub struct ColumnFile {
    /// Its header, in any case.
    pub header: String,
    /// The field that conditions speak of. Of a Chinese name there is also `FIELD_sound`, of an e-mail address `FIELD_user`; of latitude and longitude
    /// `point` and `point_cell`.
    pub field: String,
    /// What it holds.
    pub kind: ColumnKind,
    /// The part it plays, for names.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub role: Option<Role>,
    /// Whether its values are Chinese.
    #[serde(default, skip_serializing_if = "is_false")]
    pub chinese: bool,
    /// Whether its dates name the month before the day when the year comes last.
    #[serde(default, skip_serializing_if = "is_false")]
    pub month_first: bool,
    /// The last year that two digits mean in its dates; 2030 unless told.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub latest_year: Option<u16>,
    /// Whether its numbers have a comma before the decimals: 1,234 is then little more than one.
    #[serde(default, skip_serializing_if = "is_false")]
    pub decimal_comma: bool,
    /// Whether a cell may hold several values: a list, or values with `;`, `|` or `、` between them.
    #[serde(default, skip_serializing_if = "is_false")]
    pub several: bool,
}

fn is_false(answer: &bool) -> bool {
    !*answer
}

/// When an identifier is shared by too many to be anybody's.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub struct SharedFile {
    /// The field of the identifier.
    pub field: String,
    /// Other fields in which records tell such identifiers, as one that contradicts its record: they are counted together, and what is
    /// generic in one of them is generic in all.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub also: Vec<String>,
    /// The field whose different values are counted.
    pub by: String,
    /// A value that comes with more of them than this is generic.
    pub above: usize,
    /// Those that differ by so many characters at most, or of which one holds the other, count as one: a name and its slips. All count unless told.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub alike: Option<usize>,
    /// Fields that are read from the identifier where the record does not tell them, each with a field that is there when it does: of a generic
    /// identifier what was read from it counts as missing too.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub tells: BTreeMap<String, String>,
}

/// A relation: pairs of this kind are not matches, but agree more often than strangers.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub struct RelationFile {
    /// Its name.
    pub name: String,
    /// Its name in Chinese.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub zh: String,
    /// How many pairs of this kind there are for each pair that matches.
    pub per_match: f64,
}

/// A blocking rule: pairs with an equal key are compared.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub struct BlockingFile {
    /// Its name.
    pub name: String,
    /// Its name in Chinese.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub zh: String,
    /// The key: parts joined by `+`.
    pub key: String,
    /// What a hot block is split by.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub refine: Option<String>,
    /// From how many records on a block of a table is split already, for a rule whose blocks grow with the table and hold hardly a match in large
    /// ones. A question to the index looks at one block, and at all of it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub split_above: Option<usize>,
}

/// A comparison: ordered levels, the first that holds counts.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub struct ComparisonFile {
    /// Its name.
    pub name: String,
    /// Its name in Chinese.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub zh: String,
    /// The fields whose values an explanation shows.
    pub fields: Vec<String>,
    /// When the comparison can be made; without it, when both records have a value of the first field.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub applies: Option<String>,
    /// When the comparison would only repeat what another has said.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub unless: Option<String>,
    /// The field whose frequency table sharpens the levels that ask for it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub term_frequency: Option<String>,
    /// From the closest to the farthest.
    #[serde(default)]
    pub level: Vec<LevelFile>,
}

impl ComparisonFile {
    /// How large a share of strangers agrees in a value whose frequency counts, as it is written: what a table that is too small to tell
    /// goes by. At least one in a thousand: a level may ask for more than the one value (a street and its town), and then says little of how common that is.
    pub(crate) fn usual_share(&self) -> Option<f64> {
        let heeding = self.level.iter().find(|level| level.term_frequency.is_some())?;
        Some(heeding.u.clamp(1e-3, 1.0))
    }
}

/// A level of a comparison.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub struct LevelFile {
    /// Its name.
    pub name: String,
    /// Its name in Chinese.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub zh: String,
    /// The condition; the last level has none.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub when: Option<String>,
    /// The share of matching pairs on this level.
    pub m: f64,
    /// The share of pairs of strangers on this level.
    pub u: f64,
    /// The share of pairs of a relation on this level; where none is given, that of strangers.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub relations: BTreeMap<String, f64>,
    /// How much the value's frequency counts: 1 for equal values, less for similar ones.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub term_frequency: Option<f32>,
}

/// What a conflict does to the weight.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Effect {
    /// The pair is kept apart.
    #[default]
    Apart,
    /// The pair goes to review, whatever its weight.
    Review,
    /// The pair is not linked without review.
    NotLinked,
    /// The weight stays; where it is against the pair, no third record joins the two that knows no better what they disagree in.
    Unbridged,
}

/// A conflict rule.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub struct ConflictFile {
    /// Its name.
    pub name: String,
    /// Its name in Chinese.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub zh: String,
    /// When it holds.
    pub when: String,
    /// What it does.
    pub effect: Effect,
    /// So many bits of the odds it takes away when a pair's probability is told: what the contradiction says, beside all else, in
    /// populations whose truth is known. What becomes of the pair is the effect's alone.
    #[serde(default, skip_serializing_if = "is_nothing")]
    pub doubt: f32,
}
