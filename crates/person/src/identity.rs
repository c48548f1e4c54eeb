//! Which document does an identity number belong to, and can it be trusted?

use chrono::NaiveDate;
use jiku_model::Attributes;
use jiku_text::characters::{compact_number, is_placeholder};
use jiku_text::dates::PartialDate;
use jiku_text::identifier::{CitizenNumber, Fault, LegacyNumber, OldForeignerCard, Phone, PhoneKind, Repair, TravelDocument, TravelKind};

/// A number that names a person.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum IdentityNumber {
    /// 18 characters with a right check character.
    Citizen(CitizenNumber),
    /// 15 digits of the first generation: no check character.
    Legacy(LegacyNumber),
    /// A foreign permanent resident card from before December 2023.
    OldForeigner(OldForeignerCard),
    /// Another document.
    Document(TravelDocument),
    /// A number with a fault that still has the shape of one: evidence, but never a key.
    Unverified(String),
}

/// What a number field says.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct IdentityReading {
    /// The number, when there is one to keep.
    pub value: Option<IdentityNumber>,
    /// What is wrong with it.
    pub fault: Option<Fault>,
    /// What had to be done to the text.
    pub repair: Repair,
}

impl IdentityNumber {
    /// The canonical text.
    #[must_use]
    pub fn as_str(&self) -> &str {
        match self {
            Self::Citizen(number) => number.as_str(),
            Self::Legacy(number) => number.as_str(),
            Self::OldForeigner(card) => card.as_str(),
            Self::Document(document) => document.number(),
            Self::Unverified(text) => text,
        }
    }

    /// The citizen number, also of a number of 15 digits.
    #[must_use]
    pub fn citizen_number(&self) -> Option<CitizenNumber> {
        match self {
            Self::Citizen(number) => Some(*number),
            Self::Legacy(number) => Some(number.upgrade()),
            _ => None,
        }
    }

    /// The number as the birth date told beside it explains it: the date decides the century where 15 digits leave it open.
    #[must_use]
    pub(crate) fn beside(self, birth_date: Option<PartialDate>) -> Self {
        match (self, birth_date) {
            (Self::Legacy(number), Some(told)) => Self::Legacy(number.born_about(told.year())),
            (number, _) => number,
        }
    }

    /// The citizen number that a number of 15 digits may be as well, where neither it nor a birth date beside it tells the century.
    #[must_use]
    pub(crate) fn other_century(&self, birth_date: Option<PartialDate>) -> Option<CitizenNumber> {
        match self {
            Self::Legacy(number) if birth_date.is_none() => number.other_century().map(|other| other.upgrade()),
            _ => None,
        }
    }

    /// Whether the birth date told beside the number is the number's own, or a slip away from it.
    #[must_use]
    pub(crate) fn fits(&self, birth_date: PartialDate) -> bool {
        self.birth_date().map(PartialDate::from).is_none_or(|born| birth_date.agrees_with(born) || is_slip(birth_date, born))
    }

    /// Whether the number is another person's than the one whom the record tells of: a parent's entered for a child. The birth date told
    /// beside it differs altogether, and the sex is the other one or more than ten years lie between. A slip of one digit, two that changed
    /// places, day and month swapped, and a birthday of a wrong year or century are slips.
    #[must_use]
    pub(crate) fn is_anothers(&self, birth_date: Option<PartialDate>, sex: Option<&str>) -> bool {
        let (Some(told), Some(born), Some(its_sex)) = (birth_date, self.birth_date().map(PartialDate::from), self.sex()) else {
            return false;
        };
        let other_sex = sex.is_some_and(|sex| matches!(sex, "1" | "2") && sex != its_sex);
        let generation = told.year().abs_diff(born.year()) > 10;
        !self.fits(told) && (other_sex || generation)
    }

    /// Whether this number, told where the other one was, puts it right: both whole, of one kind of document, and not one number in its old
    /// and its new form.
    pub(crate) fn replaces(&self, other: &Self) -> bool {
        match (self, other) {
            (Self::Citizen(_) | Self::Legacy(_), Self::Citizen(_) | Self::Legacy(_)) => self.citizen_number() != other.citizen_number(),
            (Self::OldForeigner(own), Self::OldForeigner(other)) => own != other,
            (Self::Document(own), Self::Document(other)) => own.type_code() == other.type_code() && own.number() != other.number(),
            _ => false,
        }
    }

    /// The birth date that the number tells.
    #[must_use]
    pub fn birth_date(&self) -> Option<NaiveDate> {
        match self {
            Self::Citizen(number) => Some(number.birth_date()),
            Self::Legacy(number) => Some(number.birth_date()),
            _ => None,
        }
    }

    /// The sex that the number tells.
    #[must_use]
    pub fn sex(&self) -> Option<&'static str> {
        match self {
            Self::Citizen(number) => Some(number.sex()),
            Self::Legacy(number) => Some(number.sex()),
            _ => None,
        }
    }
}

/// Reads a number field with the document type that the record tells (a code, canonical).
#[must_use]
pub(crate) fn read(document_type: Option<&str>, text: &str) -> IdentityReading {
    if let Ok(number) = text.parse::<CitizenNumber>() {
        return found(IdentityNumber::Citizen(number), Repair::None);
    }
    if let Some(number) = CitizenNumber::among_words(text) {
        return found(IdentityNumber::Citizen(number), Repair::Form);
    }
    let compact = compact_number(text);
    let repair = if compact == text { Repair::None } else { Repair::Form };
    if compact.is_empty() {
        return lost(Fault::Empty);
    }
    // 440100000000000000, E00000000: somebody filled the places.
    let is_stub = compact.contains("00000000") || compact.len() > 7 && compact.get(1..).is_some_and(is_one_digit);
    if is_placeholder(&compact) || is_stub || compact.len() == 18 && is_filler_birth(&compact) {
        return lost(Fault::Placeholder);
    }
    let faulty = match compact.len() {
        _ if text.contains("**") || text.contains("---") => return lost(Fault::Masked),
        18 => match CitizenNumber::read(text) {
            Ok(reading) => return found(IdentityNumber::Citizen(reading.value), reading.repair),
            Err(fault) => Some(fault),
        },
        15 if compact.as_bytes()[..3].iter().all(u8::is_ascii_alphabetic) => match compact.parse() {
            Ok(card) => return found(IdentityNumber::OldForeigner(card), repair),
            Err(fault) => Some(fault),
        },
        15 if has_citizen_number(document_type) => match compact.parse() {
            Ok(number) => return found(IdentityNumber::Legacy(number), repair),
            Err(fault) => Some(fault),
        },
        _ => None,
    };
    match faulty {
        // What a spreadsheet leaves of a number, it leaves of all numbers of one place and day.
        Some(fault @ (Fault::Placeholder | Fault::SpreadsheetLoss)) => return lost(fault),
        Some(fault) if is_resident_document(document_type) => return doubtful(fault, compact, repair),
        _ => {}
    }
    // Digits alone have the form of no document but the identity card: a birth date, a counter, a telephone, a division and either end of a number
    // are such digits too, and many have them in common. Who names the document says what they are.
    let is_digits = compact.bytes().all(|byte| byte.is_ascii_digit());
    if is_digits && is_untold(document_type) {
        return doubtful(faulty.unwrap_or(Fault::Length), compact, repair);
    }
    // A driving licence has its holder's number.
    if has_citizen_number(document_type) && (CitizenNumber::is_cut_off(&compact) || is_mobile(&compact)) {
        return lost(Fault::Length);
    }
    if compact.contains("E+") {
        return lost(Fault::SpreadsheetLoss);
    }
    let long_run_of_digits = compact.len() >= 13 && compact.bytes().filter(u8::is_ascii_digit).count() >= 13;
    // A passport or a permit with the type of the resident identity card.
    if is_resident_document(document_type)
        && let Ok(reading) = TravelDocument::read(None, text)
        && matches!(reading.value.kind(), TravelKind::ChinesePassport | TravelKind::HongKongMacaoPermit)
    {
        return found(IdentityNumber::Document(reading.value), repair);
    }
    let is_parted = compact.contains(['(', '/']);
    let document = TravelDocument::read(document_type, text).map(|reading| reading.value);
    let is_other = !document.as_ref().is_ok_and(|document| document.kind() != TravelKind::Other);
    if is_other && is_resident_document(document_type) && (document_type.is_some() || long_run_of_digits) {
        return doubtful(Fault::Length, compact, repair);
    }
    match document {
        Ok(document) if is_other && !is_parted && !has_form(document_type, document.number()) => lost(Fault::Length),
        // The number stays what both departments copied, whatever its check character says.
        Ok(document) if TravelDocument::hong_kong_check(text) == Some(false) => {
            IdentityReading { value: Some(IdentityNumber::Document(document)), fault: Some(Fault::Checksum), repair }
        }
        Ok(document) => found(IdentityNumber::Document(document), repair),
        Err(_) if compact.bytes().all(|byte| byte.is_ascii_digit()) => lost(Fault::Placeholder),
        Err(_) => lost(Fault::Charset),
    }
}

/// Whether a number tells the birth date that systems put in for "unknown"; one whose check character fits was issued.
fn is_filler_birth(number: &str) -> bool {
    number.get(6..14) == Some("19000101")
}

fn is_one_digit(text: &str) -> bool {
    let mut bytes = text.bytes();
    bytes.next().is_some_and(|first| first.is_ascii_digit() && bytes.all(|byte| byte == first))
}

/// The number among canonical values.
pub(crate) fn of(attributes: &Attributes) -> Option<IdentityReading> {
    let reading = attributes.get("id_number").map(|number| read(attributes.get("id_type"), number))?;
    let value = reading.value.map(|number| number.beside(told_birth_date(attributes)));
    Some(IdentityReading { value, ..reading })
}

/// The birth date among canonical values.
pub(crate) fn told_birth_date(attributes: &Attributes) -> Option<PartialDate> {
    attributes.get("birth_date").and_then(|date| date.parse().ok())
}

/// Whether one of two dates was written for the other.
fn is_slip(told: PartialDate, born: PartialDate) -> bool {
    let (written, meant) = (told.to_string(), born.to_string());
    let differing: Vec<(u8, u8)> = written.bytes().zip(meant.bytes()).filter(|(written, meant)| written != meant).collect();
    let is_swap = matches!(differing[..], [(a, b), (c, d)] if a == d && b == c)
        || told.year() == born.year() && (told.month(), told.day()) == (born.day(), born.month());
    // The first of January stands for a day that nobody knew.
    let is_birthday =
        told.day().is_some() && (told.month(), told.day()) == (born.month(), born.day()) && told.month().zip(told.day()) != Some((1, 1));
    differing.len() <= 1 || is_swap || is_birthday
}

/// The citizen number in a canonical text, of 18 characters also where it has 15.
pub(crate) fn citizen(number: &str) -> Option<String> {
    Some(read(None, number).value?.citizen_number()?.as_str().to_owned())
}

/// Whether the type, if told, is one whose number is a citizen number.
fn is_resident_document(document_type: Option<&str>) -> bool {
    matches!(document_type, None | Some("111" | "112" | "113" | "551" | "552" | "553"))
}

/// Whether the type, if told, leaves it open that the number is a citizen number: also a driving licence has its holder's.
fn has_citizen_number(document_type: Option<&str>) -> bool {
    is_resident_document(document_type) || matches!(document_type, Some("335" | "990"))
}

/// Whether the record leaves it open of which document the number is, or says that it is an identity card's.
fn is_untold(document_type: Option<&str>) -> bool {
    is_resident_document(document_type) || document_type == Some("990")
}

/// Whether a number has the form of the document that the record tells, or of some document where it tells none.
fn has_form(document_type: Option<&str>, number: &str) -> bool {
    match document_type.filter(|told| !is_untold(Some(told))) {
        Some(told) => TravelDocument::is_shaped_as(told, number),
        None => TravelDocument::is_shaped(number),
    }
}

/// Whether digits are the number of a mobile telephone.
fn is_mobile(compact: &str) -> bool {
    compact.len() == 11 && Phone::read(compact).is_ok_and(|phone| phone.kind() == PhoneKind::Mobile)
}

const fn found(value: IdentityNumber, repair: Repair) -> IdentityReading {
    IdentityReading { value: Some(value), fault: None, repair }
}

const fn lost(fault: Fault) -> IdentityReading {
    IdentityReading { value: None, fault: Some(fault), repair: Repair::None }
}

/// Keeps a faulty number as evidence when it still looks like one: about as long, nearly all digits.
fn doubtful(fault: Fault, compact: String, repair: Repair) -> IdentityReading {
    let digits = compact.bytes().filter(u8::is_ascii_digit).count();
    let foreigner = compact.len() == 15 && compact.as_bytes()[..3].iter().all(u8::is_ascii_uppercase) && digits == 12;
    let usable = foreigner || (15..=20).contains(&compact.len()) && compact.is_ascii() && digits + 2 >= compact.len();
    IdentityReading { value: usable.then_some(IdentityNumber::Unverified(compact)), fault: Some(fault), repair }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(document_type: Option<&str>, text: &str, value: Option<&str>, fault: Option<Fault>) {
        let reading = read(document_type, text);
        assert_eq!((reading.value.as_ref().map(IdentityNumber::as_str), reading.fault), (value, fault), "{text}");
    }

    #[test]
    fn every_kind_of_number_is_known() {
        check(None, "11010519491231002x", Some("11010519491231002X"), None);
        check(Some("111"), "110105491231002", Some("110105491231002"), None);
        check(None, "can110081080310", Some("CAN110081080310"), None);
        check(Some("414"), "E12345678", Some("E12345678"), None);
        check(None, "44010519000101018X", Some("44010519000101018X"), None);
        check(None, "1392671(8)", Some("1392671(8)"), None);
        check(None, "1/392671/8", Some("1392671(8)"), None);
        check(None, "H12345678", Some("H12345678"), None);
        check(Some("990"), "AB-654821", Some("AB654821"), None);
        check(Some("114"), "军字第1234567号", Some("军字第1234567号"), None);
    }

    #[test]
    fn words_around_a_number_and_letters_for_digits_do_not_hide_it() {
        for text in ["身份证号：11010519491231002X", "11010519491231002x（身份证）", "11O1O519491231002X", "身份证 1101 0519 4912 3100 2X"]
        {
            check(Some("111"), text, Some("11010519491231002X"), None);
        }
    }

    #[test]
    fn a_passport_under_the_type_of_the_identity_card_is_a_passport() {
        check(Some("111"), "E12345678", Some("E12345678"), None);
        check(Some("111"), "H12345678", Some("H12345678"), None);
        check(Some("111"), "AB123", None, Some(Fault::Length));
    }

    #[test]
    fn a_faulty_number_is_evidence_but_no_key() {
        check(None, "CAN110081080311", Some("CAN110081080311"), Some(Fault::Checksum));
        check(None, "110105194912310021", Some("110105194912310021"), Some(Fault::Checksum));
        check(None, "440106190002290001", Some("440106190002290001"), Some(Fault::BirthDate));
        check(Some("111"), "11010519491231002", Some("11010519491231002"), Some(Fault::Length));
    }

    #[test]
    fn a_number_that_was_cut_off_is_nobodys() {
        for length in 6..=14 {
            let cut = &"440106198004060011"[..length];
            for document_type in [None, Some("111"), Some("335"), Some("990")] {
                check(document_type, cut, None, Some(Fault::Length));
            }
            check(None, &"440106800406001"[..length], None, Some(Fault::Length));
        }
        check(None, "13533001122", None, Some(Fault::Length));
        check(None, "4401061980040600", Some("4401061980040600"), Some(Fault::Length));
    }

    #[test]
    fn digits_that_are_no_documents_are_nobodys() {
        let digits = [
            "19800406",
            "1980-04-06",
            "800406",
            "060011",
            "04060011",
            "10001",
            "000123456",
            "03125467",
            "561234567",
            "02038881122",
            "8613622557788",
            "91440106",
            "510000",
            "20240001",
        ];
        for text in digits {
            for document_type in [None, Some("111"), Some("113"), Some("990")] {
                check(document_type, text, None, Some(Fault::Length));
            }
        }
        check(None, "1980/04/06", None, Some(Fault::Charset));
        check(Some("990"), "91440106MA5CABCD12", None, Some(Fault::Length));
        check(None, "91440106MA5CABCD12", None, Some(Fault::Charset));
        for text in ["MA5CABCD", "A0001", "GD2024", "A19800406", "GZ2024001", "ID4401061980", "GD440106"] {
            check(Some("990"), text, None, Some(Fault::Length));
            check(None, text, None, Some(Fault::Length));
        }
        for (document_type, text) in [("414", "440106"), ("114", "0012345"), ("335", "440106955"), ("516", "X0123456701")] {
            check(Some(document_type), text, None, Some(Fault::Length));
        }
        check(Some("990"), "440106198004060012", Some("440106198004060012"), Some(Fault::Checksum));
        check(Some("990"), "440106800406001", Some("440106800406001"), None);
    }

    #[test]
    fn documents_of_digits_alone_are_no_cut_numbers() {
        check(Some("511"), "44010619", Some("44010619"), None);
        check(Some("414"), "440106198", Some("440106198"), None);
        check(Some("414"), "561234567", Some("561234567"), None);
        check(Some("511"), "03125467", Some("03125467"), None);
    }

    #[test]
    fn what_is_no_number_is_not_kept() {
        check(None, "无", None, Some(Fault::Placeholder));
        check(None, "000000000000000000", None, Some(Fault::Placeholder));
        check(None, "111111111111111111", None, Some(Fault::Placeholder));
        check(None, "440100000000000000", None, Some(Fault::Placeholder));
        check(None, "440106190001010011", None, Some(Fault::Placeholder));
        check(Some("414"), "E00000000", None, Some(Fault::Placeholder));
        check(Some("414"), "P0000000", None, Some(Fault::Placeholder));
        check(None, "440106--------0033", None, Some(Fault::Masked));
        check(None, "110***********002X", None, Some(Fault::Masked));
        check(None, "4.40307196508E+17", None, Some(Fault::SpreadsheetLoss));
        check(Some("111"), "440106199005200000", None, Some(Fault::SpreadsheetLoss));
        check(None, "公安局", None, Some(Fault::Charset));
    }
}
