//! Which rights are there in a parcel, and whose are they?
//!
//! ISO 19152 (LADM) knows rights, restrictions and responsibilities, each with a party, a share and a time. The column
//! `rights` lists them; a parcel with one right says it in `right_holder` and the columns beside it instead. Either way
//! [`rights`] tells them all.

use std::borrow::Cow;
use std::collections::BTreeMap;

use jiku_model::{Attributes, Dimension, ParseContext, Problem, RawRecord, RelatedParty, Severity};
use jiku_text::field::{Fields, Limit, Numbers};
use jiku_text::identifier::PartyNumber;
use serde::{Deserialize, Serialize};
use serde_json::Value;

use crate::parse::{dates, right_holder, text};
use crate::share;

/// The columns of a parcel with one right; of several, those of the leading one.
pub const SHORT: [&str; 4] = ["right_holder", "right_holder_id", "right_type", "right_share"];

/// The most rights of one parcel that are read.
const MOST_RIGHTS: usize = 500;

/// What ISO 19152 calls the subclasses of a RRR.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum RightCategory {
    /// Ownership, a use right, a contract.
    #[default]
    Right,
    /// A mortgage, an easement, a seizure: what stands against the right.
    Restriction,
    /// What its holder must do.
    Responsibility,
}

impl RightCategory {
    /// The word in JSON and SQL.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Right => "right",
            Self::Restriction => "restriction",
            Self::Responsibility => "responsibility",
        }
    }

    /// The role of its party.
    const fn role(self) -> &'static str {
        match self {
            Self::Right => "right_holder",
            Self::Restriction => "restriction_holder",
            Self::Responsibility => "responsible_party",
        }
    }

    fn read(text: &str) -> Option<Self> {
        Some(match text.to_lowercase().as_str() {
            "right" | "权利" => Self::Right,
            "restriction" | "限制" => Self::Restriction,
            "responsibility" | "责任" => Self::Responsibility,
            _ => return None,
        })
    }

    /// What a right in words is, when its source does not say.
    fn of_words(words: &str) -> Self {
        let lower = words.to_lowercase();
        let names = |known: &[&str]| lower.char_indices().any(|(at, _)| known.iter().any(|word| lower[at..].starts_with(word)));
        if names(&["抵押", "地役", "查封", "异议", "预告", "限制", "mortgage", "easement", "servitude", "seizure", "lien", "caveat"])
        {
            Self::Restriction
        } else if names(&["义务", "责任", "responsibility", "duty"]) {
            Self::Responsibility
        } else {
            Self::Right
        }
    }
}

/// A right (权利), restriction or responsibility in a parcel. Its members bear the names of a parcel's columns.
#[derive(Clone, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub struct ParcelRight {
    /// Which of the three it is.
    pub category: RightCategory,
    /// In words, such as 国有建设用地使用权 or 抵押权.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub right_type: Option<String>,
    /// The party's name as told.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub right_holder: Option<String>,
    /// The party's number, canonical.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub right_holder_id: Option<String>,
    /// The share in lowest terms.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub right_share: Option<String>,
    /// From which day.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub valid_from: Option<String>,
    /// Until which day.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub valid_to: Option<String>,
    /// The number of the certificate (不动产权证书号).
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub certificate: Option<String>,
}

impl ParcelRight {
    fn of(attributes: &Attributes) -> Option<Self> {
        let text = |column: &str| attributes.get(column).map(str::to_owned);
        let right_type = text("right_type");
        let right = Self {
            category: right_type.as_deref().map(RightCategory::of_words).unwrap_or_default(),
            right_type,
            right_holder: text("right_holder"),
            right_holder_id: text("right_holder_id"),
            right_share: text("right_share"),
            valid_from: text("valid_from"),
            valid_to: text("valid_to"),
            certificate: text("certificate"),
        };
        (right.right_holder.is_some() || right.right_holder_id.is_some()).then_some(right)
    }

    /// Whether it stands on a day; one without dates always does.
    #[must_use]
    pub fn stands_on(&self, day: &str) -> bool {
        // Canonical dates may be a year or a month: compared as far as they go.
        let begun = |from: &String| day.get(..from.len()).unwrap_or(day) >= from.as_str();
        let ended = |to: &String| day.get(..to.len()).unwrap_or(day) > to.as_str();
        self.valid_from.as_ref().is_none_or(begun) && !self.valid_to.as_ref().is_some_and(ended)
    }
}

/// All rights in a parcel.
#[must_use]
pub fn rights(attributes: &Attributes) -> Vec<ParcelRight> {
    match attributes.get("rights").and_then(|list| serde_json::from_str(list).ok()) {
        Some(listed) => listed,
        None => ParcelRight::of(attributes).into_iter().collect(),
    }
}

/// The number and the name of a party.
type Holder<'a> = (Option<Cow<'a, str>>, Option<Cow<'a, str>>);

/// The party of each right.
pub(crate) fn holders(attributes: &Attributes) -> Vec<Holder<'_>> {
    if attributes.get("rights").is_some() {
        let owned = |right: ParcelRight| (right.right_holder_id.map(Cow::Owned), right.right_holder.map(Cow::Owned));
        return rights(attributes).into_iter().map(owned).collect();
    }
    let one = (attributes.get("right_holder_id").map(Cow::Borrowed), attributes.get("right_holder").map(Cow::Borrowed));
    if one == (None, None) { Vec::new() } else { vec![one] }
}

/// What the rows of one source say together of the rights in one parcel.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Gathered {
    /// The value of the column `rights`.
    pub list: String,
    /// Which of the rows tells the leading right: that of the short columns.
    pub leading: usize,
}

/// The rights that rows of one source say of one parcel, the one that is heard first: sources often send a row for each
/// holder. Rows about another type of right add theirs; rows about the same type only when all shares together are at most the
/// whole, since otherwise one may have taken the other's place. None when there is no more than the first row says.
#[must_use]
pub fn gathered(rows: &[&Attributes]) -> Option<Gathered> {
    let mut all: Vec<(usize, ParcelRight)> = rights(rows.first()?).into_iter().map(|right| (0, right)).collect();
    let first = all.len();
    let mut others: Vec<(ParcelRight, usize)> =
        rows.iter().enumerate().skip(1).flat_map(|(row, said)| rights(said).into_iter().map(move |right| (right, row))).collect();
    others.sort();
    for (right, row) in others.into_iter().filter(|(right, _)| right.right_type.is_some()) {
        let same: Vec<&ParcelRight> = all.iter().map(|(_, known)| known).filter(|known| known.right_type == right.right_type).collect();
        let known = same.iter().any(|known| known.right_holder == right.right_holder && known.right_holder_id == right.right_holder_id);
        let together = || {
            let shares = same.iter().copied().chain([&right]).map(|right| share::parts(right.right_share.as_deref()?));
            shares.collect::<Option<Vec<_>>>().is_some_and(|shares| share::sum(&shares).is_le())
        };
        if !known && (same.is_empty() || together()) && all.len() < MOST_RIGHTS {
            all.push((row, right));
        }
    }
    let (owners, all): (Vec<usize>, Vec<ParcelRight>) = all.into_iter().unzip();
    let leading = leading(&all)?;
    (all.len() > first).then(|| Gathered { list: written(&all), leading: owners[leading] })
}

/// The parties of rights, each once in each role.
#[must_use]
pub fn parties(rights: &[ParcelRight]) -> Vec<RelatedParty> {
    let mut parties: Vec<RelatedParty> = Vec::new();
    for right in rights {
        let party = RelatedParty { role: right.category.role(), number: right.right_holder_id.clone(), name: right.right_holder.clone() };
        if !parties.contains(&party) {
            parties.push(party);
        }
    }
    parties
}

/// Reads the rights of a record: the list, or the short columns, in which several holders may stand.
pub(crate) fn read(fields: &mut Fields<'_>, raw: &RawRecord, context: &ParseContext) {
    if let Some(listed) = list(fields, raw) {
        let rights = read_list(fields, &listed, context);
        if !rights.is_empty() {
            return keep(fields, raw, &rights);
        }
    }
    match several_holders(raw) {
        Some(rows) => {
            let rights: Vec<ParcelRight> = rows.iter().enumerate().filter_map(|(at, row)| read_one(fields, at, row, context)).collect();
            keep(fields, &RawRecord::new(), &rights);
        }
        None => {
            if let Some(words) = text(fields, "right_type", Limit::TEXT, Numbers::Refused) {
                fields.attributes.set("right_type", words);
            }
            right_holder(fields);
        }
    }
}

/// The list as sent: JSON, or a text that holds it.
fn list(fields: &mut Fields<'_>, raw: &RawRecord) -> Option<Vec<RawRecord>> {
    let unreadable = "write rights as a list of objects with right_type, right_holder, right_holder_id, right_share, valid_from, valid_to";
    let parsed: Value;
    let value = match raw.get("rights")? {
        Value::Null => return None,
        Value::String(text) if text.trim().is_empty() => return None,
        Value::String(text) => {
            parsed = serde_json::from_str(text).unwrap_or_default();
            &parsed
        }
        value => value,
    };
    let objects = value.as_array().filter(|list| list.len() <= MOST_RIGHTS);
    let objects: Option<Vec<RawRecord>> = objects.and_then(|list| list.iter().map(|right| right.as_object().cloned()).collect());
    if objects.is_none() {
        fields.flag("rights", "rights-form", Dimension::Validity, unreadable);
    }
    objects
}

fn read_list(fields: &mut Fields<'_>, list: &[RawRecord], context: &ParseContext) -> Vec<ParcelRight> {
    let mut rights = Vec::with_capacity(list.len());
    for (at, row) in list.iter().enumerate() {
        if let Some(right) = read_one(fields, at, row, context)
            && !rights.contains(&right)
        {
            rights.push(right);
        }
    }
    rights
}

/// Reads one right by the rules of the columns; what is wrong with it is told under its place in the list.
fn read_one(fields: &mut Fields<'_>, at: usize, row: &RawRecord, context: &ParseContext) -> Option<ParcelRight> {
    let mut own = Fields::of(row);
    right_holder(&mut own);
    dates(&mut own, context);
    for column in ["right_type", "certificate"] {
        if let Some(words) = text(&mut own, column, Limit::TEXT, Numbers::Refused) {
            own.attributes.set(column, words);
        }
    }
    let category = text(&mut own, "category", Limit::CODE, Numbers::Refused).map(|word| RightCategory::read(&word));
    if category == Some(None) {
        own.flag("category", "code-unknown", Dimension::Validity, "write right, restriction or responsibility");
    }
    let placed = |problem: Problem| Problem {
        field: Some(Cow::Owned(format!("rights/{at}/{}", problem.field.as_deref().unwrap_or_default()))),
        ..problem
    };
    let (attributes, problems) = (own.attributes, own.problems);
    fields.problems.extend(problems.into_iter().map(placed));
    let Some(mut right) = ParcelRight::of(&attributes) else {
        let advice = "a right needs its holder: a name or a number";
        let problem = Problem::new(Severity::Flag, Dimension::Completeness, "right_holder", "right-without-holder", advice);
        fields.problems.push(placed(problem));
        return None;
    };
    if let Some(category) = category.flatten() {
        right.category = category;
    }
    Some(right)
}

/// Keeps the list, and puts the leading right into the short columns, by which parcels are matched and shown.
fn keep(fields: &mut Fields<'_>, raw: &RawRecord, rights: &[ParcelRight]) {
    let Some(leading) = leading(rights).map(|at| &rights[at]) else { return };
    let short = [&leading.right_holder, &leading.right_holder_id, &leading.right_type, &leading.right_share];
    for (column, value) in SHORT.into_iter().zip(short) {
        let told = raw.get(column).and_then(Value::as_str).map(str::trim).filter(|told| !told.is_empty());
        let known = |told: &str| {
            rights.iter().any(|right| [&right.right_holder, &right.right_holder_id].map(Option::as_deref).contains(&Some(told)))
        };
        if column == "right_holder" && told.is_some_and(|told| !known(told)) {
            let advice = "the holder is none of those in rights: the list was kept";
            fields.flag("right_holder", "rights-differ", Dimension::Consistency, advice);
        }
        if let Some(value) = value {
            fields.attributes.set(column, value.as_str());
        }
    }
    shares(fields, rights);
    fields.attributes.set("rights", written(rights));
}

/// Which right a parcel is known by: the first that is a right and has no end, else the one that ended last.
fn leading(rights: &[ParcelRight]) -> Option<usize> {
    let rank = |right: &ParcelRight| (right.category == RightCategory::Right, right.valid_to.is_none(), right.valid_to.clone());
    (0..rights.len()).rev().max_by_key(|at| rank(&rights[*at]))
}

/// The shares of the holders of one right are the whole together (ISO 19152, shareCheck). Rights that ended do not count.
fn shares(fields: &mut Fields<'_>, rights: &[ParcelRight]) {
    let mut by_type: BTreeMap<Option<&str>, Vec<&ParcelRight>> = BTreeMap::new();
    for right in rights.iter().filter(|right| right.category == RightCategory::Right && right.valid_to.is_none()) {
        by_type.entry(right.right_type.as_deref()).or_default().push(right);
    }
    let wrong = |holders: &Vec<&ParcelRight>| {
        let stated: Vec<(u64, u64)> = holders.iter().filter_map(|right| share::parts(right.right_share.as_deref()?)).collect();
        let sum = share::sum(&stated);
        sum.is_gt() || (stated.len() == holders.len() && sum.is_lt())
    };
    if by_type.values().any(wrong) {
        fields.flag("rights", "right-shares", Dimension::Consistency, "the shares of a right's holders do not add up to the whole");
    }
}

/// The rows that short columns with several holders stand for: as many names as numbers, every number valid.
fn several_holders(raw: &RawRecord) -> Option<Vec<RawRecord>> {
    let cell = |column: &str| raw.get(column).and_then(Value::as_str);
    let pieces = |text: &str| -> Vec<String> {
        text.split(['、', '，', ',', ';', '；', '/', '\n']).map(|piece| piece.trim().to_owned()).filter(|piece| !piece.is_empty()).collect()
    };
    let (names, numbers) = (pieces(cell("right_holder")?), pieces(cell("right_holder_id")?));
    let several = numbers.len() > 1 && names.len() == numbers.len() && numbers.len() <= MOST_RIGHTS;
    if !several || !numbers.iter().all(|number| PartyNumber::read(number).is_some()) {
        return None;
    }
    let shares = cell("right_share").map(|text| text.split(['、', '，', ',', ';', '；', '\n']).map(str::trim).collect::<Vec<_>>());
    let row = |at: usize, name: String, number: String| {
        let mut row = RawRecord::new();
        row.insert("right_holder".to_owned(), name.into());
        row.insert("right_holder_id".to_owned(), number.into());
        if let Some(words) = raw.get("right_type") {
            row.insert("right_type".to_owned(), words.clone());
        }
        if let Some(share) = shares.as_ref().filter(|shares| shares.len() == numbers.len()).map(|shares| shares[at]) {
            row.insert("right_share".to_owned(), share.into());
        }
        row
    };
    Some(names.into_iter().zip(numbers.iter().cloned()).enumerate().map(|(at, (name, number))| row(at, name, number)).collect())
}

fn written(rights: &[ParcelRight]) -> String {
    serde_json::to_string(rights).expect("rights are plain values")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_right_stands_between_its_days() {
        let right = |from: &str, to: &str| ParcelRight {
            valid_from: Some(from.to_owned()).filter(|day| !day.is_empty()),
            valid_to: Some(to.to_owned()).filter(|day| !day.is_empty()),
            ..ParcelRight::default()
        };
        for (from, to, expected) in [
            ("", "", true),
            ("2020-01-01", "", true),
            ("2021-06-16", "", false),
            ("2020", "2021", true),
            ("2021-06", "2021-06", true),
            ("2020", "2021-06-14", false),
            ("2020", "2021-06-15", true),
        ] {
            assert_eq!(right(from, to).stands_on("2021-06-15"), expected, "{from}–{to}");
        }
    }

    #[test]
    fn the_words_of_a_right_tell_what_it_is() {
        for (words, expected) in [
            ("国有建设用地使用权", RightCategory::Right),
            ("土地承包经营权", RightCategory::Right),
            ("抵押权", RightCategory::Restriction),
            ("Mortgage", RightCategory::Restriction),
            ("地役权", RightCategory::Restriction),
            ("水利设施维护义务", RightCategory::Responsibility),
        ] {
            assert_eq!(RightCategory::of_words(words), expected, "{words}");
        }
    }

    #[test]
    fn rows_of_one_source_are_gathered_when_they_can_stand_together() {
        let row = |pairs: &[(&str, &str)]| pairs.iter().copied().collect::<Attributes>();
        let use_right =
            |holder: &str, share: &str| row(&[("right_type", "宅基地使用权"), ("right_holder", holder), ("right_share", share)]);
        let mortgage = row(&[("right_type", "抵押权"), ("right_holder", "某银行")]);
        let holders = |rows: &[&Attributes]| {
            let list = gathered(rows).map(|found| serde_json::from_str::<Vec<ParcelRight>>(&found.list).expect("a list"));
            list.unwrap_or_default().into_iter().filter_map(|right| right.right_holder).collect::<Vec<_>>()
        };
        let leads = |rows: &[&Attributes]| gathered(rows).map(|found| found.leading);
        assert_eq!(leads(&[&mortgage, &use_right("甲", "1/1")]), Some(1), "a mortgage is not what a parcel is known by");
        assert_eq!(leads(&[&use_right("乙", "1/2"), &use_right("甲", "1/2")]), Some(0));
        assert_eq!(holders(&[&use_right("甲", "1/2"), &use_right("乙", "1/2")]), ["甲", "乙"]);
        assert_eq!(holders(&[&use_right("甲", "1/1"), &mortgage]), ["甲", "某银行"]);
        assert!(holders(&[&use_right("乙", "1/1"), &use_right("甲", "1/1")]).is_empty(), "one took the other's place");
        assert!(holders(&[&use_right("甲", ""), &use_right("乙", "")]).is_empty(), "without shares nobody knows");
        assert!(holders(&[&use_right("甲", "1/2")]).is_empty());
    }
}
