//! What does a field of a raw record say, and what is wrong with its characters?

use std::borrow::Cow;

use jiku_model::{Attributes, Dimension, ParsedRecord, Problem, RawRecord, Severity};
use serde_json::Value;

use crate::address::{Address, Remark};
use crate::characters::{Oddities, compact_number, is_han, is_masked, is_placeholder, tidy, undressed};
use crate::code_list::CodeList;
use crate::dates::{DateError, PartialDate};
use crate::divisions::{self, TownshipFault};
use crate::identifier::{CitizenNumber, Fault, LegacyNumber, PartyNumber, Phone, TravelDocument};
use crate::person_name;

/// How long a value may be.
#[derive(Clone, Copy, Debug)]
pub struct Limit {
    /// In code points.
    pub code_points: usize,
    /// In bytes of UTF-8.
    pub bytes: usize,
}

impl Limit {
    /// A name: 128 code points and 512 bytes.
    pub const NAME: Self = Self { code_points: 128, bytes: 512 };
    /// A number or code.
    pub const CODE: Self = Self { code_points: 128, bytes: 512 };
    /// An address or a description.
    pub const TEXT: Self = Self { code_points: 1_000, bytes: 4_000 };
}

/// Whether a column may be sent as a JSON number. Identity numbers may not: a number of 18 digits loses the last ones.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Numbers {
    /// A number is as good as its text.
    Accepted,
    /// Only text.
    Refused,
}

/// So many columns are looked through one by one.
const FEW: usize = 16;

/// Reads the fields of one record and gathers what was understood and what was wrong.
#[derive(Debug)]
pub struct Fields<'r> {
    raw: &'r RawRecord,
    /// The canonical values so far.
    pub attributes: Attributes,
    /// The problems so far.
    pub problems: Vec<Problem>,
}

impl<'r> Fields<'r> {
    /// Begins with a record.
    #[must_use]
    pub const fn of(raw: &'r RawRecord) -> Self {
        Self { raw, attributes: Attributes::new(), problems: Vec::new() }
    }

    /// The text of a column; none when it is missing, null, empty, or refused. Problems of its characters are noted.
    pub fn text(&mut self, column: &'static str, limit: Limit, numbers: Numbers) -> Option<Cow<'r, str>> {
        let text = match self.told(column)? {
            Value::Null => return None,
            Value::String(text) => Cow::Borrowed(text.as_str()),
            Value::Number(number) if numbers == Numbers::Accepted => Cow::Owned(number.to_string()),
            Value::Bool(_) | Value::Number(_) | Value::Array(_) | Value::Object(_) => {
                self.reject(column, "type-mismatch", "send the value as text in quotation marks");
                return None;
            }
        };
        if text.len() > limit.bytes || (text.len() > limit.code_points && text.chars().count() > limit.code_points) {
            self.reject(column, "too-long", "shorten the value");
            return None;
        }
        let oddities = Oddities::of(&text);
        if !oddities.is_empty() {
            self.note_oddities(column, oddities);
            if oddities.nul {
                return None;
            }
        }
        // The mark with which a spreadsheet's user says that a cell is text, or the guard before what would be a formula.
        let is_marked = text.strip_prefix('\'').is_some_and(|rest| rest.starts_with(|c: char| is_han(c) || "=+-@".contains(c)));
        let text = if is_marked { Cow::Owned(text[1..].to_owned()) } else { text };
        (!text.trim().is_empty()).then_some(text)
    }

    /// The text of a column as it was sent.
    #[must_use]
    pub fn raw_text(&self, column: &str) -> Option<&'r str> {
        self.told(column).and_then(Value::as_str)
    }

    fn told(&self, column: &str) -> Option<&'r Value> {
        // The lengths of a few names tell them apart sooner than a hash is made.
        if self.raw.len() <= FEW {
            return self.raw.iter().find(|(name, _)| *name == column).map(|(_, value)| value);
        }
        self.raw.get(column)
    }

    fn note_oddities(&mut self, column: &'static str, found: Oddities) {
        let validity = Dimension::Validity;
        if found.nul {
            self.reject(column, "invalid-unicode", "take the character U+0000 out");
        }
        if found.control {
            self.flag(column, "control-character", validity, "take line breaks and control characters out; they were read as spaces");
        }
        if found.bidi {
            self.flag(column, "bidi-removed", validity, "take direction controls out; they are not used");
        }
        if found.zero_width {
            self.note(column, "zero-width-removed", validity, "take zero-width characters out; they are ignored in comparisons");
        }
        if found.private_use {
            self.flag(
                column,
                "pua-character",
                validity,
                "send the character's Unicode code point; private-use characters are kept but compare with none of another system",
            );
        }
        if found.replacement {
            self.flag(column, "replacement-character", validity, "send the value again in its own character set: a character was lost");
        }
    }

    /// Reads a date column and puts it into the attributes. Days that do not exist refuse the record; dates in the
    /// future and unclear forms are flagged and left out.
    pub fn date(&mut self, column: &'static str, today: chrono::NaiveDate) -> Option<PartialDate> {
        let text = self.text(column, Limit::CODE, Numbers::Accepted)?;
        if is_placeholder(tidy(&text).as_ref()) {
            return None;
        }
        match PartialDate::read(&undressed(&text)) {
            Ok(reading) => {
                if reading.zeros {
                    self.flag(
                        column,
                        "date-partial",
                        Dimension::Completeness,
                        "write a date of which the day, or month and day, is not known as YYYY-MM or YYYY: zeros were left out",
                    );
                } else if !reading.canonical {
                    self.note(column, "date-format", Dimension::Validity, "write dates as YYYY-MM-DD");
                }
                if reading.zone_missing {
                    let advice = "write the date alone, or the time with its offset from UTC: without one it was taken as the day in China";
                    self.note(column, "date-zone-missing", Dimension::Validity, advice);
                }
                if reading.date.is_after(today) {
                    self.flag(column, "date-range", Dimension::Timeliness, "check the date: it lies in the future");
                    return None;
                }
                self.attributes.set(column, reading.date.to_string());
                Some(reading.date)
            }
            Err(DateError::Impossible) => {
                self.reject(column, "date-invalid", "send a day that the calendar has");
                None
            }
            Err(DateError::Unclear) => {
                self.flag(
                    column,
                    "date-format",
                    Dimension::Validity,
                    "write dates as YYYY-MM-DD, or name the form in the mapping of the source",
                );
                None
            }
        }
    }

    /// Puts the canonical code of a code list column; what the list does not know is flagged and left out.
    pub fn code(&mut self, column: &'static str, list: &CodeList) {
        let Some(text) = self.text(column, Limit::CODE, Numbers::Accepted) else { return };
        match list.read(&undressed(&text)) {
            Some(code) => self.attributes.set(column, code.code),
            None if is_placeholder(tidy(&text).as_ref()) => {}
            None => self.code_unknown(column),
        }
    }

    /// Flags a value that the column's code list does not know.
    pub fn code_unknown(&mut self, column: &'static str) {
        self.flag(column, "code-unknown", Dimension::Validity, "send a code, name or common synonym of the column's code list");
    }

    /// Puts all telephone numbers of a column, canonical and separated by semicolons.
    pub fn phones(&mut self, column: &'static str) {
        let Some(text) = self.text(column, Limit::TEXT, Numbers::Accepted) else { return };
        if is_placeholder(tidy(&text).as_ref()) {
            return;
        }
        let mut phones = String::new();
        for reading in Phone::read_all(&undressed(&text)) {
            match reading {
                Ok(phone) => {
                    if !phones.is_empty() {
                        phones.push(';');
                    }
                    phones.push_str(phone.as_str());
                }
                Err(Fault::Masked) => {
                    self.flag(column, "masked-value", Dimension::Completeness, "send the whole number: a masked one is not used")
                }
                Err(Fault::Placeholder) => {
                    self.flag(column, "phone-placeholder", Dimension::Completeness, "leave the field empty when there is no number")
                }
                Err(_) => self.flag(column, "phone-format", Dimension::Validity, "send a mobile number, or a fixed one with its area code"),
            }
        }
        self.attributes.set(column, phones);
    }

    /// Puts the canonical code of an administrative division.
    pub fn division(&mut self, column: &'static str) {
        let Some(text) = self.text(column, Limit::CODE, Numbers::Accepted) else { return };
        match divisions::read(&undressed(&text)) {
            Some(reading) => {
                if reading.historical {
                    self.note(column, "division-historical", Dimension::Timeliness, "send the code of the division in force");
                }
                match reading.township {
                    Some(TownshipFault::Unknown) => self.flag(
                        column,
                        "township-unknown",
                        Dimension::Validity,
                        "check the last three digits: the county has no such township",
                    ),
                    Some(TownshipFault::Ambiguous) => {
                        let advice = "name the township in the address: the lists of civil affairs and of statistics give the code to two";
                        self.flag(column, "township-ambiguous", Dimension::Consistency, advice);
                    }
                    None => {}
                }
                self.attributes.set(column, reading.code);
            }
            None if is_placeholder(tidy(&text).as_ref()) => {}
            None => self.flag(column, "code-unknown", Dimension::Validity, "send a code of GB/T 2260"),
        }
    }

    /// Puts an address in canonical form; a division that another column tells completes it, and is brought up to date by it where the county has given
    /// the township to another since.
    pub fn address(&mut self, column: &'static str, division: &'static str) {
        let Some(text) = self.text(column, Limit::TEXT, Numbers::Refused) else { return };
        let address = Address::parse_in(&text, self.attributes.get(division));
        for remark in address.remarks() {
            let (severity, code, dimension, advice) = match remark {
                Remark::Placeholder => {
                    (Severity::Flag, "address-placeholder", Dimension::Completeness, "leave the field empty when there is no address")
                }
                Remark::AmbiguousDivision => {
                    (Severity::Flag, "address-ambiguous", Dimension::Completeness, "name the city too: several divisions have this name")
                }
                Remark::CountyParentConflict => {
                    (Severity::Flag, "address-conflict", Dimension::Consistency, "check the address: the county does not lie in the city")
                }
                Remark::PhoneGlued => {
                    (Severity::Flag, "address-phone", Dimension::Validity, "send the telephone in its own field; it was cut off")
                }
                Remark::TooShort => (Severity::Note, "address-too-short", Dimension::Completeness, "send the address down to the room"),
                Remark::DuplicateDivision => {
                    (Severity::Note, "address-duplicate", Dimension::Validity, "name each division once; the repetition was left out")
                }
                Remark::HistoricalDivision => (Severity::Note, "division-historical", Dimension::Timeliness, "name the division in force"),
                Remark::NoDivision => (Severity::Note, "address-no-division", Dimension::Completeness, "name the city and the county"),
            };
            self.problems.push(Problem::new(severity, dimension, column, code, advice));
        }
        if !address.has(Remark::Placeholder) {
            self.attributes.set(column, address.to_string());
        }
        if let Some(today) = self.attributes.get(division).and_then(|told| address.instead_of(told)) {
            self.note(division, "division-historical", Dimension::Timeliness, "send the code of the division in force");
            self.attributes.set(division, today);
        }
    }

    /// Puts the name of a person whom the record names beside its subject.
    pub fn party_name(&mut self, column: &'static str) {
        let Some(text) = self.text(column, Limit::NAME, Numbers::Refused) else { return };
        let reading = person_name::read(&text);
        if reading.issues.contains(&person_name::NameIssue::Masked) {
            self.flag(column, "masked-value", Dimension::Completeness, "send the whole name: a masked one is not used");
        }
        if reading.name.is_empty() && text.bytes().filter(u8::is_ascii_digit).count() >= 7 {
            self.flag(column, "name-digit", Dimension::Validity, "send a name: the field holds a number");
        }
        self.attributes.set(column, reading.name);
    }

    /// Puts the number of a party, a person or an organisation, whom the record names beside its subject.
    pub fn party_number(&mut self, column: &'static str) {
        let Some(text) = self.text(column, Limit::CODE, Numbers::Refused) else { return };
        if let Some(number) = self.read_party_number(column, &text) {
            self.attributes.set(column, number);
        }
    }

    /// Puts names of parties, separated by semicolons.
    pub fn party_names(&mut self, column: &'static str) {
        let Some(text) = self.text(column, Limit::TEXT, Numbers::Refused) else { return };
        let mut has_shares = false;
        let mut names = Vec::new();
        for entry in listed(&text) {
            if !entry.contains(['%', '％']) {
                names.push(tidy(entry).into_owned());
                continue;
            }
            // 张三60%，李四40%: a share ends an entry.
            for part in entry.split_inclusive(['%', '％']) {
                let part = part.trim_start_matches([')', '）', ',', '，', '/', ' ']).trim_end();
                let name = without_share(part);
                has_shares |= name.len() < part.len();
                if !name.is_empty() {
                    names.push(tidy(name).into_owned());
                }
            }
        }
        if has_shares {
            self.note(column, "name-remark", Dimension::Validity, "send names alone: the shares beside them were cut off");
        }
        self.attributes.set(column, joined(&names));
    }

    /// Puts numbers of parties, separated by semicolons: one for each name of the column `names`, in its order, empty where a
    /// number is not known. Numbers that cannot be told apart by name are left out.
    pub fn party_numbers(&mut self, column: &'static str, names: &str) {
        let Some(text) = self.text(column, Limit::TEXT, Numbers::Refused) else { return };
        let numbers: Vec<String> = listed(&text).map(|number| self.read_party_number(column, number).unwrap_or_default()).collect();
        let expected = self.attributes.get(names).map_or(0, |names| names.split(';').count());
        if expected != 0 && expected != numbers.len() {
            let advice = "send as many numbers as names, in the same order; leave a place empty where a number is not known";
            self.flag(column, "list-mismatch", Dimension::Consistency, advice);
            return;
        }
        self.attributes.set(column, joined(&numbers));
    }

    fn read_party_number(&mut self, column: &'static str, text: &str) -> Option<String> {
        let compact = compact_number(text);
        if compact.is_empty() || is_placeholder(&compact) {
            return None;
        }
        if is_masked(&compact) && compact.contains("**") {
            self.flag(column, "masked-value", Dimension::Completeness, "send the whole number: a masked one is not used");
            return None;
        }
        match PartyNumber::read(text) {
            // A number of 15 digits stays as it was told: its century is a guess.
            Some(PartyNumber::Citizen(number)) => {
                Some(compact.parse::<LegacyNumber>().map_or_else(|_| number.as_str().to_owned(), |legacy| legacy.as_str().to_owned()))
            }
            Some(party) => Some(party.number().to_owned()),
            None if matches!(CitizenNumber::read(text), Err(Fault::Placeholder)) => {
                let advice = "leave the field empty when there is no number; filler is never used";
                self.flag(column, "id-placeholder", Dimension::Uniqueness, advice);
                None
            }
            // What a spreadsheet leaves of a number, it leaves of all numbers of one place and day.
            None if compact.contains("E+") || matches!(CitizenNumber::read(text), Err(Fault::SpreadsheetLoss)) => {
                let advice = "format the column as text: a spreadsheet rounded the last digits away";
                self.flag(column, "id-spreadsheet-loss", Dimension::Validity, advice);
                None
            }
            None if matches!(compact.len(), 15 | 18) => {
                self.flag(column, "id-checksum", Dimension::Validity, "check the number: its check character does not fit");
                Some(compact)
            }
            // A birth date, a counter, a telephone, either end of an identity number: digits alone have the form of no other document.
            None if compact.len() < 17 && compact.bytes().all(|byte| byte.is_ascii_digit()) => {
                let advice = "send the whole number: digits that are no identity number are not used";
                self.flag(column, "id-format", Dimension::Validity, advice);
                None
            }
            // Documents of other kinds have the form of one, or words in them (军字第1234567号).
            None if !is_document(&compact) => {
                self.flag(
                    column,
                    "id-format",
                    Dimension::Validity,
                    "send the number of a document or a unified social credit code; this is neither and is not used",
                );
                None
            }
            None => {
                if TravelDocument::hong_kong_check(text) == Some(false) {
                    self.flag(column, "id-checksum", Dimension::Validity, "check the number: the check character in brackets does not fit");
                }
                // Passports of other states have any form, but letters, or fewer digits than the rest of an identity number.
                if compact.len() >= 10 && compact.bytes().all(|byte| byte.is_ascii_digit()) {
                    self.flag(column, "id-format", Dimension::Validity, "check the number: it has not the length of an identity number");
                }
                Some(compact)
            }
        }
    }

    /// Refuses the record because of a column.
    pub fn reject(&mut self, column: &'static str, code: &'static str, advice: &'static str) {
        self.problems.push(Problem::new(Severity::Reject, Dimension::Validity, column, code, advice));
    }

    /// Flags a column.
    pub fn flag(&mut self, column: &'static str, code: &'static str, dimension: Dimension, advice: &'static str) {
        self.problems.push(Problem::new(Severity::Flag, dimension, column, code, advice));
    }

    /// Notes a repair.
    pub fn note(&mut self, column: &'static str, code: &'static str, dimension: Dimension, advice: &'static str) {
        self.problems.push(Problem::new(Severity::Note, dimension, column, code, advice));
    }

    /// The record as understood.
    #[must_use]
    pub fn finish(self) -> ParsedRecord {
        ParsedRecord { attributes: self.attributes, problems: self.problems }
    }
}

/// Whether a number that is neither an identity number nor a credit code may be that of another document.
fn is_document(compact: &str) -> bool {
    if !compact.is_ascii() {
        return compact.bytes().filter(u8::is_ascii_digit).count() >= 3;
    }
    let plain: String = compact.chars().filter(char::is_ascii_alphanumeric).collect();
    TravelDocument::is_shaped(&plain) || plain.len() >= 13 && plain.bytes().any(|byte| byte.is_ascii_digit())
}

/// The name in front of a share: 张三60%, 张三（持股60%, 云山投资有限公司：33.4%.
fn without_share(entry: &str) -> &str {
    let entry = entry.trim();
    let Some(number) = entry.strip_suffix(['%', '％']) else { return entry };
    let name = number.trim_end().trim_end_matches(|c: char| crate::characters::narrow(c).is_ascii_digit() || matches!(c, '.' | '．'));
    if name.len() == number.trim_end().len() {
        return entry;
    }
    let is_sign = |c: char| matches!(c, '(' | '（' | ':' | '：' | '-' | '—' | '占' | '为' | ' ');
    let name = name.trim_end_matches(is_sign);
    let words = ["持股比例", "出资比例", "股权比例", "持股", "出资", "占股", "股份", "比例"];
    let name = words.iter().find_map(|word| name.strip_suffix(word)).unwrap_or(name).trim_end_matches(is_sign);
    if name.is_empty() { entry } else { name }
}

/// The entries of a list as people separate them.
fn listed(text: &str) -> impl Iterator<Item = &str> {
    text.split([';', '；', '、']).map(str::trim)
}

/// A list in canonical form; nothing when no entry says anything.
fn joined(entries: &[String]) -> String {
    if entries.iter().all(String::is_empty) { String::new() } else { entries.join(";") }
}
