//! How much of a personal value does an answer show?
//!
//! Personal and sensitive columns are masked in everything that leaves the façade, unless the actor asked for full values
//! and may have them. Which column is personal stands in the entity crates' tables; how it is masked stands here.

use std::collections::BTreeMap;

use jiku_linkage::Explanation;
use jiku_model::{Kind, RecordKey, Sensitivity};
use jiku_parcel::rights::ParcelRight;
use jiku_text::identifier::CreditCode;
use jiku_text::masking;
use serde_json::Value;

use crate::Actor;
use crate::facade::{
    Candidate, Change, DecisionView, EditOutcome, EntityView, Found, MergeOutcome, OverrideView, Page, PairExplanation, ParcelHit,
    ParcelRights, RejectedRow, Relationship, Resolution, ReviewSide, ReviewView, RightView, RulesPreview, SourceRecordView, ValueView,
    VersionView,
};
use crate::kinds::columns;
use crate::memory::Sources;
use crate::rights::{Unmasking, unmasking};
use crate::sensitive::holds_personal_number;

/// What stands for a value that no rule can shorten: its length is not told either.
const HIDDEN: &str = "***";

/// What one actor gets to see in full.
pub(crate) struct Sight<'a> {
    unmasking: Unmasking,
    /// The highest class of field that is shown at all.
    read: Sensitivity,
    department: &'a str,
    sources: &'a Sources,
    /// By what name a text goes that is not shown.
    cover: &'a dyn Fn(&str) -> String,
}

impl<'a> Sight<'a> {
    pub(crate) fn new(actor: &'a Actor, sources: &'a Sources, cover: &'a dyn Fn(&str) -> String) -> Self {
        Self { unmasking: unmasking(actor), read: actor.limits.read, department: &actor.department, sources, cover }
    }

    /// Whether values are shown as they are.
    fn is_full(&self) -> bool {
        self.unmasking == Unmasking::Everything
    }

    /// Whether a column is shown at all. What has no label is read by those who read everything.
    fn reads(&self, kind: Kind, column: &str) -> bool {
        sensitivity(kind, column).unwrap_or(Sensitivity::Sensitive) <= self.read
    }

    /// Masks an answer as far as this sight does not reach.
    pub(crate) fn show(&self, answer: &mut impl Shown) {
        if self.unmasking != Unmasking::Everything || self.read != Sensitivity::Sensitive {
            answer.mask(self);
        }
    }

    /// Whether a source record was sent by the actor's own department, which sees it in full when it asks for that.
    fn is_own(&self, record: &SourceRecordView) -> bool {
        self.unmasking == Unmasking::OwnRecords && self.is_of_own_source(&record.key)
    }

    fn is_of_own_source(&self, key: &RecordKey) -> bool {
        self.sources.is_of(&key.source, self.department)
    }

    /// Some systems call a person by the identity number. Others than they, and who sees values in full, see such a key by another name.
    fn cover_key(&self, key: &mut RecordKey) {
        let is_shown = self.is_full() && self.read == Sensitivity::Sensitive;
        if !is_shown && holds_personal_number(&key.key) && !self.is_of_own_source(key) {
            key.key = (self.cover)(&format!("{}{}", place_of(key), key.key));
        }
    }
}

/// What is covered with a key: the same number is called otherwise in another source, so that nobody finds out whose it is by sending
/// records under numbers that they guess.
fn place_of(key: &RecordKey) -> String {
    format!("{}/{}/", key.source, key.kind)
}

/// The key that is meant where it is named as somebody sees it who may not see it; `uncover` tells what a name stands for.
pub(crate) fn uncovered(key: &RecordKey, uncover: impl Fn(&str) -> Option<String>) -> RecordKey {
    let meant = uncover(&key.key).and_then(|told| told.strip_prefix(&place_of(key)).map(str::to_owned));
    RecordKey { key: meant.unwrap_or_else(|| key.key.clone()), ..key.clone() }
}

/// An answer whose personal values can be masked.
pub(crate) trait Shown {
    /// Masks what this sight does not reach.
    fn mask(&mut self, sight: &Sight<'_>);
}

impl<T: Shown> Shown for Vec<T> {
    fn mask(&mut self, sight: &Sight<'_>) {
        self.iter_mut().for_each(|item| item.mask(sight));
    }
}

impl<T: Shown> Shown for Option<T> {
    fn mask(&mut self, sight: &Sight<'_>) {
        self.iter_mut().for_each(|item| item.mask(sight));
    }
}

impl<T: Shown> Shown for Page<T> {
    fn mask(&mut self, sight: &Sight<'_>) {
        self.items.mask(sight);
    }
}

impl Shown for Found {
    fn mask(&mut self, sight: &Sight<'_>) {
        if let Self::Record(entity) = self {
            entity.mask(sight);
        }
    }
}

impl Shown for EntityView {
    fn mask(&mut self, sight: &Sight<'_>) {
        self.masked = !sight.is_full();
        mask_values(sight, self.kind, &mut self.values);
        self.sources.mask(sight);
        self.relationships.mask(sight);
        self.parcels.mask(sight);
        for version in self.history.iter_mut().flatten() {
            mask_version(sight, self.kind, version);
        }
    }
}

/// The versions of an entity with its kind, which a version does not know.
impl Shown for (Kind, Vec<VersionView>) {
    fn mask(&mut self, sight: &Sight<'_>) {
        self.1.iter_mut().for_each(|version| mask_version(sight, self.0, version));
    }
}

fn mask_version(sight: &Sight<'_>, kind: Kind, version: &mut VersionView) {
    mask_values(sight, kind, &mut version.values);
    version.members.iter_mut().for_each(|(key, _)| sight.cover_key(key));
}

impl Shown for Change {
    fn mask(&mut self, sight: &Sight<'_>) {
        self.records.iter_mut().for_each(|key| sight.cover_key(key));
    }
}

impl Shown for DecisionView {
    fn mask(&mut self, sight: &Sight<'_>) {
        self.records.iter_mut().for_each(|key| sight.cover_key(key));
    }
}

impl Shown for SourceRecordView {
    fn mask(&mut self, sight: &Sight<'_>) {
        let kind = self.key.kind;
        sight.cover_key(&mut self.key);
        if sight.read != Sensitivity::Sensitive {
            // The row as received holds what may not be read.
            self.payload = "{}".to_owned();
            self.attributes = self.attributes.iter().filter(|(column, _)| sight.reads(kind, column)).collect();
        }
        if sight.is_full() || sight.is_own(self) {
            return;
        }
        self.masked = true;
        self.payload = mask_payload(kind, &self.payload);
        let spared = spared(self.key.kind, self.attributes.get("right_holder_id"));
        let shown = |(column, value): (&'_ str, &'_ str)| {
            let masked = masked(self.key.kind, column, value).filter(|_| !spared.contains(&column));
            (column.to_owned(), masked.unwrap_or_else(|| value.to_owned()))
        };
        self.attributes = self.attributes.iter().map(shown).collect();
    }
}

/// A suggestion carries no explanation.
impl Shown for Candidate {
    fn mask(&mut self, sight: &Sight<'_>) {
        if let Some(golden) = &mut self.golden {
            golden.mask(sight);
        }
    }
}

impl Shown for Relationship {
    fn mask(&mut self, sight: &Sight<'_>) {
        // A party of whom nothing is known may be a person.
        if sight.read < Sensitivity::Sensitive {
            self.number = None;
        }
        if sight.read < Sensitivity::Personal {
            self.name = None;
        }
        if sight.is_full() || self.to.is_some_and(|(kind, _)| kind == Kind::LegalPerson) {
            return;
        }
        self.number = self.number.as_deref().map(|number| masking::id_number(number, masking::IdMask::Strict));
        self.name = self.name.as_deref().map(masking::name);
    }
}

impl Shown for (Kind, Resolution) {
    fn mask(&mut self, sight: &Sight<'_>) {
        for candidate in &mut self.1.candidates {
            if let Some(golden) = &mut candidate.golden {
                golden.mask(sight);
            }
            if let Some(explanation) = &mut candidate.explanation {
                mask_explanation(sight, self.0, explanation);
            }
        }
    }
}

impl Shown for (Kind, Vec<PairExplanation>) {
    fn mask(&mut self, sight: &Sight<'_>) {
        for pair in &mut self.1 {
            sight.cover_key(&mut pair.left);
            sight.cover_key(&mut pair.right);
            mask_explanation(sight, self.0, &mut pair.explanation);
        }
    }
}

impl Shown for ParcelRights {
    fn mask(&mut self, sight: &Sight<'_>) {
        self.masked = !sight.is_full();
        for RightView { right, party } in &mut self.rights {
            if !sight.reads(Kind::Parcel, "right_holder_id") {
                right.right_holder_id = None;
            }
            if !sight.reads(Kind::Parcel, "right_holder") {
                right.right_holder = None;
            }
            if !sight.is_full() && party.is_none_or(|party| party.kind != Kind::LegalPerson) {
                mask_right(right);
            }
            // Whoever is not told the holder's name is not told who that is either.
            if !sight.reads(Kind::Parcel, "right_holder") {
                *party = None;
            }
        }
    }
}

impl Shown for ParcelHit {
    fn mask(&mut self, sight: &Sight<'_>) {
        self.parcel.mask(sight);
    }
}

impl Shown for EditOutcome {
    fn mask(&mut self, sight: &Sight<'_>) {
        self.parcels.iter_mut().for_each(|parcel| mask_values(sight, Kind::Parcel, &mut parcel.values));
    }
}

impl Shown for RulesPreview {
    fn mask(&mut self, sight: &Sight<'_>) {
        let kind = self.kind;
        self.examples.retain(|example| sight.reads(kind, &example.column));
        for example in &mut self.examples {
            for shown in [&mut example.now, &mut example.then] {
                let mut values: BTreeMap<String, ValueView> = shown.take().map(|view| (example.column.clone(), view)).into_iter().collect();
                mask_values(sight, kind, &mut values);
                *shown = values.remove(&example.column);
            }
        }
    }
}

impl Shown for ReviewView {
    fn mask(&mut self, sight: &Sight<'_>) {
        let kind = self.kind;
        self.left.mask(sight);
        self.right.mask(sight);
        if let Some(explanation) = &mut self.explanation {
            mask_explanation(sight, kind, explanation);
        }
    }
}

impl Shown for ReviewSide {
    fn mask(&mut self, sight: &Sight<'_>) {
        mask_values(sight, self.record.key.kind, &mut self.values);
        self.record.mask(sight);
        self.earlier.mask(sight);
    }
}

impl Shown for (Kind, MergeOutcome) {
    fn mask(&mut self, sight: &Sight<'_>) {
        for image in self.1.before.iter_mut().chain(&mut self.1.after) {
            mask_values(sight, self.0, &mut image.values);
            image.records.iter_mut().for_each(|key| sight.cover_key(key));
        }
    }
}

impl Shown for (Kind, Vec<OverrideView>) {
    fn mask(&mut self, sight: &Sight<'_>) {
        self.1.retain(|view| sight.reads(self.0, &view.column));
        for view in self.1.iter_mut().filter(|_| !sight.is_full()) {
            if let Some(masked) = masked(self.0, &view.column, &view.value) {
                view.value = masked;
            }
        }
    }
}

impl Shown for (Kind, Vec<RejectedRow>) {
    fn mask(&mut self, sight: &Sight<'_>) {
        for row in &mut self.1 {
            if sight.read != Sensitivity::Sensitive {
                // As of a record: the row as received holds what may not be read.
                row.raw = "{}".to_owned();
            } else if !sight.is_full() {
                row.raw = mask_payload(self.0, &row.raw);
            }
        }
    }
}

fn mask_values(sight: &Sight<'_>, kind: Kind, values: &mut BTreeMap<String, ValueView>) {
    values.retain(|column, _| sight.reads(kind, column));
    values.values_mut().filter_map(|view| view.source.as_mut()).for_each(|key| sight.cover_key(key));
    if sight.is_full() {
        return;
    }
    let spared = spared(kind, values.get("right_holder_id").map(|view| view.value.as_str()));
    for (column, view) in values {
        if let Some(masked) = masked(kind, column, &view.value).filter(|_| !spared.contains(&column.as_str())) {
            view.value = masked;
        }
    }
}

/// Hides who holds a right, unless it is an organisation.
fn mask_right(right: &mut ParcelRight) {
    if spared(Kind::Parcel, right.right_holder_id.as_deref()).is_empty() {
        right.right_holder = right.right_holder.as_deref().map(masking::name);
        right.right_holder_id = right.right_holder_id.as_deref().map(|number| masking::id_number(number, masking::IdMask::Strict));
    }
}

/// The columns of a parcel that name no person because its right holder is an organisation. A sole trader's name is personal.
fn spared(kind: Kind, right_holder_id: Option<&str>) -> &'static [&'static str] {
    let code = right_holder_id.filter(|_| kind == Kind::Parcel).and_then(|number| number.parse::<CreditCode>().ok());
    if code.is_some_and(|code| code.is_strong() && !code.is_sole_trader()) { &["right_holder", "right_holder_id"] } else { &[] }
}

/// A row as received: an object keeps its member names; a text of another form is hidden whole.
fn mask_payload(kind: Kind, payload: &str) -> String {
    let Ok(Value::Object(mut row)) = serde_json::from_str(payload) else { return format!("\"{HIDDEN}\"") };
    for (name, value) in &mut row {
        let hidden = match sensitivity(kind, name) {
            _ if matches!(name.as_str(), "source" | "source_key") || value.is_null() => {
                value.as_str().filter(|text| holds_personal_number(text)).map(|_| HIDDEN.to_owned())
            }
            Some(Sensitivity::Public | Sensitivity::Internal) => None,
            Some(_) => value.as_str().and_then(|text| masked(kind, name, text)).or_else(|| Some(HIDDEN.to_owned())),
            // What no standard knows may be anything.
            None => Some(HIDDEN.to_owned()),
        };
        if let Some(hidden) = hidden {
            *value = Value::String(hidden);
        }
    }
    Value::Object(row).to_string()
}

fn mask_explanation(sight: &Sight<'_>, kind: Kind, explanation: &mut Explanation) {
    for line in &mut explanation.lines {
        let column = compared_column(&line.comparison);
        if !sight.reads(kind, &column) {
            (line.left, line.right) = (None, None);
        }
        if sight.is_full() {
            continue;
        }
        for shown in [&mut line.left, &mut line.right].into_iter().flatten() {
            match sensitivity(kind, &column) {
                Some(_) => *shown = masked(kind, &column, shown).unwrap_or_else(|| std::mem::take(shown)),
                None => *shown = HIDDEN.to_owned(),
            }
        }
    }
}

/// The column whose values a line of an explanation shows. A model may name its comparisons freely; what is not known here
/// is no column, and is hidden.
fn compared_column(comparison: &str) -> String {
    match comparison {
        "identity number" | "other document" => "id_number".to_owned(),
        "representative" => "legal_representative".to_owned(),
        "code" => "uscc".to_owned(),
        "founding day" => "established_on".to_owned(),
        "area" | "place and size" => "registered_area_m2".to_owned(),
        other => other.replace(' ', "_"),
    }
}

fn sensitivity(kind: Kind, column: &str) -> Option<Sensitivity> {
    columns(kind).iter().find(|known| known.name == column).map(|known| known.sensitivity)
}

/// The masked form of a value of this column; none when the column may be shown.
fn masked(kind: Kind, column: &str, value: &str) -> Option<String> {
    match sensitivity(kind, column) {
        Some(Sensitivity::Public | Sensitivity::Internal) => None,
        Some(Sensitivity::Personal | Sensitivity::Sensitive) => Some(mask(column, value)),
        // A golden record has no other columns; should it get one without a label, nothing of it is shown.
        None => Some(HIDDEN.to_owned()),
    }
}

/// The rules of masking.json; what has no rule there is hidden.
fn mask(column: &str, value: &str) -> String {
    match column {
        "former_name" | "former_spelling" => value.split(';').map(masking::name).collect::<Vec<_>>().join(";"),
        "name" | "legal_representative" | "right_holder" => masking::name(value),
        "former_number" => value.split(';').map(|number| masking::id_number(number, masking::IdMask::Strict)).collect::<Vec<_>>().join(";"),
        "id_number" | "legal_representative_id" | "right_holder_id" => masking::id_number(value, masking::IdMask::Strict),
        "rights" => match serde_json::from_str::<Vec<ParcelRight>>(value) {
            Ok(mut rights) => {
                rights.iter_mut().for_each(mask_right);
                serde_json::to_string(&rights).unwrap_or_else(|_| HIDDEN.to_owned())
            }
            Err(_) => HIDDEN.to_owned(),
        },
        "phone" => value.split(';').map(masking::phone).collect::<Vec<_>>().join(";"),
        "address" => masking::address(value),
        "birth_date" => masking::birth_date(value),
        _ if value.is_empty() => String::new(),
        _ => HIDDEN.to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(kind: Kind, column: &str, value: &str, expected: Option<&str>) {
        assert_eq!(masked(kind, column, value).as_deref(), expected, "{kind} {column}");
    }

    #[test]
    fn a_personal_column_is_masked_by_its_rule_and_hidden_without_one() {
        check(Kind::Person, "name", "欧阳娜娜", Some("欧阳**"));
        check(Kind::Person, "id_number", "11010519491231002X", Some("1****************X"));
        check(Kind::Person, "phone", "13800138000;020-83134762", Some("138****8000;020-****4762"));
        check(Kind::Person, "address", "广东省广州市天河区天河路385号3201室", Some("广东省广州市天河区******"));
        check(Kind::Person, "birth_date", "1988-03-15", Some("1988-**-**"));
        check(Kind::Person, "ethnic_group", "01", Some("***"));
        check(Kind::Person, "division", "440106", None);
        check(Kind::LegalPerson, "name", "广州某某有限公司", None);
        check(Kind::LegalPerson, "legal_representative", "张伟", Some("张*"));
        check(Kind::Parcel, "right_holder_id", "11010519491231002X", Some("1****************X"));
        check(
            Kind::Parcel,
            "rights",
            r#"[{"category":"right","right_holder":"张伟"},{"category":"restriction","right_holder":"某某银行","right_holder_id":"91440101MA5000030P"}]"#,
            Some(
                r#"[{"category":"right","right_holder":"张*"},{"category":"restriction","right_holder":"某某银行","right_holder_id":"91440101MA5000030P"}]"#,
            ),
        );
        check(Kind::Parcel, "a column of tomorrow", "x", Some("***"));
    }

    #[test]
    fn an_organisation_that_holds_a_parcel_is_named_and_a_person_is_not() {
        for (number, expected) in [("91440101MA5000030P", "某某有限公司"), ("11010519491231002X", "某*****")] {
            let view = |value: &str| ValueView { value: value.to_owned(), source: None, rule: "only".into(), agreeing: 1, differing: 0 };
            let mut values: BTreeMap<String, ValueView> = [("right_holder", "某某有限公司"), ("right_holder_id", number)]
                .map(|(column, value)| (column.to_owned(), view(value)))
                .into();
            let sources = Sources::default();
            let actor = Actor { unmask: false, ..Actor::operator("someone") };
            mask_values(&Sight::new(&actor, &sources, &str::to_owned), Kind::Parcel, &mut values);
            assert_eq!(values["right_holder"].value, expected, "{number}");
        }
    }

    #[test]
    fn a_covered_key_is_good_in_its_own_source_alone() {
        let key = |source: &str, key: &str| RecordKey { kind: Kind::Person, source: source.parse().expect("a code"), key: key.to_owned() };
        let number = "440106197707071052";
        let told = place_of(&key("shebao", "")) + number;
        let uncover = |name: &str| (name == "~C.x").then(|| told.clone());
        for (asked, meant) in [(key("shebao", "~C.x"), number), (key("gongan", "~C.x"), "~C.x"), (key("shebao", "7"), "7")] {
            assert_eq!(uncovered(&asked, uncover), key(asked.source.as_str(), meant));
        }
    }

    #[test]
    fn a_row_as_received_keeps_its_shape_and_loses_its_person() {
        let row = r#"{"source":"gongan","source_key":"1","name":"张伟","division":"440106","note":"call Mr Zhang","id_number":7}"#;
        let expected = r#"{"division":"440106","id_number":"***","name":"张*","note":"***","source":"gongan","source_key":"1"}"#;
        assert_eq!(serde_json::from_str::<Value>(&mask_payload(Kind::Person, row)).ok(), serde_json::from_str(expected).ok());
        assert_eq!(mask_payload(Kind::Person, "张伟,440106"), "\"***\"");
    }
}
