//! What does a record of a person say, and what is wrong with it?

use chrono::Datelike;
use jiku_model::{Attributes, Dimension, ParseContext, ParsedRecord, Problem, RawRecord, Severity};
use jiku_text::characters::compact_number;
use jiku_text::code_list;
use jiku_text::dates::PartialDate;
use jiku_text::field::{Fields, Limit, Numbers};
use jiku_text::identifier::{CitizenKind, CitizenNumber, Fault, PartyNumber, Phone, Repair};
use jiku_text::person_name::{self, NameIssue};

use crate::identity::{self, IdentityNumber};

/// People older than this are rare enough to be looked at.
const OLDEST_YEARS: i32 = 130;

pub(crate) fn parse(raw: &RawRecord, context: &ParseContext) -> ParsedRecord {
    let mut fields = Fields::of(raw);
    let (named, somebodys) = read_name(&mut fields, "name");
    read_former_names(&mut fields);
    read_former_spellings(&mut fields);
    fields.code("id_type", code_list::document_types());
    let number = read_number(&mut fields, context).filter(|number| !somebodys || is_own(&mut fields, number, context));
    read_former_numbers(&mut fields, number.as_ref());
    let told_by_name = fields.attributes.get("sex").map(str::to_owned);
    fields.code("sex", code_list::sexes());
    if let (Some(by_name), Some(told @ ("1" | "2"))) = (told_by_name, fields.attributes.get("sex"))
        && by_name != told
    {
        fields.flag("sex", "sex-conflict", Dimension::Consistency, "check the sex: the remark or the title beside the name tells another");
    }
    let birth_date = fields.date("birth_date", context.today).or_else(|| birth_date_of_rounded(&mut fields));
    for (name, number) in [("spouse", "spouse_id"), ("guardian", "guardian_id")] {
        fields.party_name(name);
        fields.party_number(number);
    }
    let told = birth_date.filter(|date| !is_filler_date(*date));
    let number = number.map(|number| number.beside(told)).filter(|number| !is_relatives(&mut fields, number, told, context));
    check_birth_date(&mut fields, birth_date, number.as_ref(), context);
    check_sex(&mut fields, number.as_ref());
    fields.phones("phone");
    fields.division("division");
    fields.address("address", "division");
    fields.code("ethnic_group", code_list::ethnic_groups());
    fields.code("nationality", code_list::countries());
    check_nationality(&mut fields, number.as_ref());
    fields.code("status", code_list::person_statuses());
    fields.date("valid_from", context.today);
    fields.code("marital_status", code_list::marital_statuses());
    // 张丽之子 with the number of his mother: the number tells whose child it is.
    let by_parent = somebodys && fields.raw_text("id_number").is_some() && fields.attributes.get("birth_date").is_some();
    if !named && number.is_none() && !by_parent && !is_told_otherwise(&fields.attributes) {
        let required = Problem::new(
            Severity::Reject,
            Dimension::Completeness,
            "name",
            "required",
            "send a name or an identity number that can be used, or for a person without one the birth date and a guardian, an address or \
             a telephone",
        );
        fields.problems.push(required);
    }
    fields.finish()
}

/// Whether a record without name and number still tells whom it is of: a newborn of its guardian, somebody whose name was masked
/// on the way and whose birth date and home were not.
fn is_told_otherwise(attributes: &Attributes) -> bool {
    let has = |column| attributes.get(column).is_some();
    has("birth_date") && ["guardian", "guardian_id", "address", "phone"].into_iter().any(has)
}

/// Whether a number is a child's of whom the record tells no name but whose child it is, and not its parent's: left out if not.
fn is_own(fields: &mut Fields<'_>, number: &IdentityNumber, context: &ParseContext) -> bool {
    const OF_AGE: i32 = 18;
    let is_grown = number.birth_date().is_some_and(|born| context.today.year() - born.year() > OF_AGE);
    if is_grown {
        let advice =
            "send the number of the child: the name says whose child it is, and the number is that of somebody grown up, so it is not used";
        fields.flag("id_number", "id-conflict", Dimension::Consistency, advice);
        fields.attributes.remove("id_number");
    }
    !is_grown
}

/// Whether the number is the guardian's or the spouse's, whom the record names with the same one: then it is left out. Where birth date and sex
/// speak for the person of the record, theirs is.
fn is_relatives(fields: &mut Fields<'_>, number: &IdentityNumber, told: Option<PartialDate>, context: &ParseContext) -> bool {
    const OF_AGE: i32 = 18;
    let own = number.citizen_number().map_or_else(|| number.as_str().to_owned(), |number| number.as_str().to_owned());
    for (name, column) in [("guardian", "guardian_id"), ("spouse", "spouse_id")] {
        let is_same =
            |theirs: &str| PartyNumber::read(theirs).map_or(theirs == own, |party| party.number() == own) || theirs == number.as_str();
        if !fields.attributes.get(column).is_some_and(is_same) {
            continue;
        }
        // Who is of age may be told to be his own guardian.
        let is_oneself = fields.raw_text(name).is_some_and(|name| matches!(name.trim(), "本人" | "自己"));
        if is_oneself || fields.attributes.get(name).is_some() && fields.attributes.get(name) == fields.attributes.get("name") {
            continue;
        }
        let other_sex = fields.attributes.get("sex").zip(number.sex()).is_some_and(|(told, its)| matches!(told, "1" | "2") && told != its);
        let is_own = match (told, number.birth_date()) {
            (Some(told), Some(born)) => number.fits(told) && (told.agrees_with(PartialDate::from(born)) || !other_sex),
            (None, Some(born)) if name == "guardian" => context.today.year() - born.year() < OF_AGE,
            _ => name == "spouse" && !other_sex,
        };
        if is_own {
            let advice = "send the number of the guardian or the spouse: it is that of the person of the record, so it is not used";
            fields.flag(column, "id-conflict", Dimension::Consistency, advice);
            fields.attributes.remove(column);
        } else {
            let advice = "send the number of the person of the record: it is that of the guardian or the spouse, so it is not used";
            fields.flag("id_number", "id-conflict", Dimension::Consistency, advice);
            fields.attributes.remove("id_number");
            return true;
        }
    }
    false
}

/// Reads a name; gives back whether there is one, and whether it says whose child or spouse somebody is instead.
fn read_name(fields: &mut Fields<'_>, column: &'static str) -> (bool, bool) {
    let Some(text) = fields.text(column, Limit::NAME, Numbers::Refused) else { return (false, false) };
    let reading = person_name::read(&text);
    for issue in &reading.issues {
        let (code, dimension, advice) = match issue {
            NameIssue::Placeholder | NameIssue::Somebodys => {
                ("name-placeholder", Dimension::Completeness, "leave the field empty when there is no name")
            }
            NameIssue::Masked => {
                ("masked-value", Dimension::Completeness, "send the whole name: of a masked one nothing but the surname is used")
            }
            NameIssue::TooShort => ("name-too-short", Dimension::Completeness, "check whether characters were lost"),
            NameIssue::Digit => ("name-digit", Dimension::Validity, "take digits out of the name"),
            NameIssue::Honorific => ("name-honorific", Dimension::Validity, "send the name without a title; it was cut off"),
            NameIssue::Remark => ("name-remark", Dimension::Validity, "send remarks in a field of their own; it was cut off"),
            NameIssue::WhichOne => (
                "name-which-one",
                Dimension::Validity,
                "send what tells two people of one name apart in a field of its own: it stays with the name",
            ),
            NameIssue::Romanised => {
                ("name-romanised", Dimension::Validity, "send the name in letters in a field of its own; it was cut off")
            }
            NameIssue::NumberGlued => ("name-code-glued", Dimension::Validity, "send the number in its own field; it was cut off"),
            NameIssue::Several => ("name-several", Dimension::Validity, "send one record for each person: the field names several"),
            NameIssue::LostCharacter => {
                ("replacement-character", Dimension::Validity, "send the name again in its own character set: a character was lost")
            }
            NameIssue::Mojibake => {
                ("mojibake", Dimension::Validity, "declare the character set of the file: the name was decoded with another")
            }
            // Noted with the characters of the field.
            NameIssue::PrivateUse | NameIssue::Traditional => continue,
            _ => continue,
        };
        if !fields.problems.iter().any(|problem| problem.code == code && problem.field.as_deref() == Some(column)) {
            fields.flag(column, code, dimension, advice);
        }
    }
    let usable = !reading.name.is_empty();
    if column == "name" {
        if let Some(former) = reading.former {
            fields.attributes.set("former_name", former);
        }
        for (column, told) in [("status", reading.status), ("sex", reading.sex)] {
            if let Some(told) = told {
                fields.attributes.set(column, told);
            }
        }
        // The columns of their own, where they are filled, are read later and stand.
        if let Some(number) = reading.number {
            if let Ok(phone) = Phone::read(&number) {
                fields.attributes.set("phone", phone.as_str());
            } else if number.parse::<CitizenNumber>().is_ok() {
                fields.attributes.set("id_number", number);
            }
        }
    }
    // Of a hidden name the surname is left, which contradicts another one.
    fields.attributes.set(column, if usable { reading.name } else { reading.masked.unwrap_or_default() });
    (usable, reading.issues.contains(&NameIssue::Somebodys))
}

/// The names of before, beside the one that a remark on the name told.
fn read_former_names(fields: &mut Fields<'_>) {
    let told = fields.attributes.get("former_name").map(str::to_owned).unwrap_or_default();
    let listed = fields.text("former_name", Limit::NAME, Numbers::Refused);
    let parts = person_name::former_names(listed.as_deref().unwrap_or_default());
    let is_list = parts.len() != 1;
    if !is_list {
        read_name(fields, "former_name");
    }
    let own = fields.attributes.get("former_name").map(str::to_owned).filter(|_| !is_list);
    let more = parts.iter().filter(|_| is_list).map(|part| person_name::read(part).name);
    let mut names: Vec<String> = Vec::new();
    for name in told.split(';').map(str::to_owned).chain(own).chain(more) {
        // Who lists the present name among the former ones tells nothing by it.
        if !name.is_empty() && !names.contains(&name) && fields.attributes.get("name") != Some(name.as_str()) {
            names.push(name);
        }
    }
    if names.is_empty() {
        fields.attributes.remove("former_name");
    } else {
        fields.attributes.set("former_name", names.join(";"));
    }
}

/// The spellings that were put right, without the names of today and of before.
fn read_former_spellings(fields: &mut Fields<'_>) {
    let Some(text) = fields.text("former_spelling", Limit::TEXT, Numbers::Refused) else { return };
    let mut spellings: Vec<String> = Vec::new();
    for spelling in person_name::former_names(&text).iter().map(|part| person_name::read(part).name) {
        let is_name = |column| fields.attributes.get(column).is_some_and(|names| names.split(';').any(|name| name == spelling));
        if !spelling.is_empty() && !spellings.contains(&spelling) && !["name", "former_name"].into_iter().any(is_name) {
            spellings.push(spelling);
        }
    }
    fields.attributes.set("former_spelling", spellings.join(";"));
}

fn read_number(fields: &mut Fields<'_>, context: &ParseContext) -> Option<IdentityNumber> {
    let Some(text) = fields.text("id_number", Limit::CODE, Numbers::Refused) else {
        return identity::of(&fields.attributes).and_then(|glued| glued.value);
    };
    let glued = fields.attributes.remove("id_number");
    // The code list has no Macao identity card: what says that the eight digits are one is written as on the card.
    let is_macao_card = fields.raw_text("id_type").is_some_and(|told| told.contains("澳门") && told.contains("身份证"));
    let compact = compact_number(&text);
    let text = match compact.split_at_checked(7) {
        Some((main, check)) if is_macao_card && compact.len() == 8 && compact.bytes().all(|byte| byte.is_ascii_digit()) => {
            format!("{main}({check})")
        }
        _ => text.into_owned(),
    };
    let reading = identity::read(fields.attributes.get("id_type"), &text);
    let mut fault = reading.fault;
    let mut value = reading.value;
    if let Some(IdentityNumber::Citizen(number)) = &value {
        if number.born_by(context.today).is_err() {
            // Nothing but the day it is read on tells this fault, so the number is not kept: later readers would trust it.
            fault = Some(Fault::BirthFuture);
            value = None;
        } else {
            check_region(fields, number);
        }
    }
    if let Some(fault) = fault {
        let (code, dimension, advice) = match fault {
            Fault::Checksum if matches!(value, Some(IdentityNumber::Document(_))) => {
                ("id-checksum", Dimension::Validity, "check the number: the check character in brackets does not fit")
            }
            Fault::Checksum => {
                ("id-checksum", Dimension::Validity, "check the number: its check character does not fit, so it is not used as a key")
            }
            Fault::Placeholder => {
                ("id-placeholder", Dimension::Uniqueness, "leave the field empty when there is no number; filler is never used")
            }
            Fault::Masked => ("masked-value", Dimension::Completeness, "send the whole number: a masked one is not used"),
            Fault::SpreadsheetLoss => {
                ("id-spreadsheet-loss", Dimension::Validity, "format the column as text: a spreadsheet rounded the last digits away")
            }
            Fault::Region | Fault::BirthDate | Fault::BirthFuture | Fault::Nationality => {
                ("id-invalid", Dimension::Validity, "check the number: its region or its birth date does not exist")
            }
            _ => ("id-format", Dimension::Validity, "check the number: it has not the form of its document"),
        };
        fields.flag("id_number", code, dimension, advice);
    } else if reading.repair != Repair::None {
        fields.note("id_number", "id-normalised", Dimension::Validity, "write the number with 18 plain characters");
    }
    if let Some(IdentityNumber::Legacy(_)) = value {
        fields.note(
            "id_number",
            "id-legacy",
            Dimension::Timeliness,
            "send the number of 18 characters: the one of 15 digits has been replaced",
        );
    }
    let number = value?;
    if glued.is_some_and(|glued| number.citizen_number().is_none_or(|number| number.as_str() != glued)) {
        fields.flag(
            "name",
            "id-conflict",
            Dimension::Consistency,
            "check the numbers: the one behind the name is not the one in its own field",
        );
    }
    if let IdentityNumber::Document(document) = &number
        && matches!(fields.attributes.get("id_type"), Some("111" | "112" | "113" | "551" | "552" | "553"))
        && document.type_code().is_some()
    {
        fields.flag("id_type", "id-type-conflict", Dimension::Consistency, "check the document type: the number is of another document");
    }
    fields.attributes.set("id_number", number.as_str());
    Some(number)
}

/// The numbers of before, without the one of today; what is no number is left out.
fn read_former_numbers(fields: &mut Fields<'_>, number: Option<&IdentityNumber>) {
    let Some(text) = fields.text("former_number", Limit::TEXT, Numbers::Refused) else { return };
    let mut numbers: Vec<String> = Vec::new();
    let listed = text.split([';', '；', '、', ',', '，', '/']).map(str::trim).filter(|part| !part.is_empty());
    for former in listed.map(|part| identity::read(None, part)) {
        match former.value.filter(|former| !matches!(former, IdentityNumber::Unverified(_))) {
            Some(former) if number != Some(&former) && !numbers.iter().any(|known| known == former.as_str()) => {
                numbers.push(former.as_str().to_owned());
            }
            Some(_) => {}
            None => fields.flag(
                "former_number",
                "id-format",
                Dimension::Validity,
                "check the former number: it has not the form of its document, so it is not used",
            ),
        }
    }
    fields.attributes.set("former_number", numbers.join(";"));
}

fn check_region(fields: &mut Fields<'_>, number: &CitizenNumber) {
    if !number.is_region_known() {
        fields.flag("id_number", "id-region-unknown", Dimension::Validity, "check the first six digits: no division ever had this code");
    }
    let told = fields.attributes.get("id_type");
    let fits = match number.kind() {
        // A driving licence and a social security card have their holder's number.
        CitizenKind::Resident => matches!(told, None | Some("111" | "112" | "113" | "335" | "990")),
        CitizenKind::ResidencePermit => !matches!(told, Some("111" | "112" | "113" | "414")),
        CitizenKind::ForeignPermanentResident => !matches!(told, Some("111" | "112" | "113")),
    };
    if !fits {
        fields.flag("id_type", "id-type-conflict", Dimension::Consistency, "check the document type: the number is of another document");
    }
}

fn check_birth_date(fields: &mut Fields<'_>, told: Option<PartialDate>, number: Option<&IdentityNumber>, context: &ParseContext) {
    let from_number = number.and_then(IdentityNumber::birth_date).map(PartialDate::from);
    // To the day, and where the day is not told to the last that it may be.
    let is_too_old = |date: PartialDate| {
        let last = (i32::from(date.year()) + OLDEST_YEARS, u32::from(date.month().unwrap_or(12)), u32::from(date.day().unwrap_or(31)));
        last < (context.today.year(), context.today.month(), context.today.day())
    };
    if from_number.is_some_and(is_too_old) {
        fields.flag("id_number", "date-range", Dimension::Timeliness, "check the number: it tells a birth more than 130 years ago");
    }
    let Some(told) = told else { return };
    if is_too_old(told) {
        fields.flag("birth_date", "date-range", Dimension::Timeliness, "check the date: more than 130 years ago");
    }
    match from_number {
        Some(from_number) if !told.agrees_with(from_number) && !is_filler_date(told) => {
            fields.flag("birth_date", "id-conflict", Dimension::Consistency, "check the birth date: the identity number tells another");
        }
        Some(from_number) if told.agrees_with(from_number) => {}
        _ if is_filler_date(told) => {
            fields.attributes.remove("birth_date");
            fields.flag(
                "birth_date",
                "date-placeholder",
                Dimension::Completeness,
                "leave the field empty when the birth date is not known",
            );
        }
        _ => {}
    }
}

/// The birth date that a spreadsheet left whole when it rounded the number; of a record that tells none. Of a number with an exponent
/// the fifteen digits that spreadsheets keep must be there: where fewer are shown, the last of them was rounded.
fn birth_date_of_rounded(fields: &mut Fields<'_>) -> Option<PartialDate> {
    fields.problems.iter().find(|problem| problem.code == "id-spreadsheet-loss")?;
    let number = compact_number(&fields.text("id_number", Limit::CODE, Numbers::Refused)?);
    let digits = match number.split_once("E+") {
        Some((digits, exponent)) if exponent.trim_start_matches('0') == "17" => digits.replacen('.', "", 1),
        Some(_) => return None,
        None => number,
    };
    let date = PartialDate::read(digits.get(6..14).filter(|_| (15..=18).contains(&digits.len()))?).ok()?.date;
    fields.attributes.set("birth_date", date.to_string());
    Some(date)
}

/// Dates that systems put in for "unknown".
fn is_filler_date(date: PartialDate) -> bool {
    matches!(
        (date.year(), date.month(), date.day()),
        (1900, Some(1), Some(1))
            | (1900, None, None)
            | (1899, Some(12), Some(30 | 31))
            | (1111, _, _)
            | (1, _, _)
            | (1970, Some(1), Some(0))
    )
}

/// The nationality of a number that no foreigner has: Chinese, or as some write it of residence permits the name of the place they are for.
fn compatriot(number: &CitizenNumber, told: Option<&str>) -> Option<&'static str> {
    let place = match &number.as_str()[..2] {
        "81" => "HKG",
        "82" => "MAC",
        "83" => "TWN",
        _ => "CHN",
    };
    Some(if number.kind() == CitizenKind::ResidencePermit && told == Some(place) { place } else { "CHN" })
}

fn check_nationality(fields: &mut Fields<'_>, number: Option<&IdentityNumber>) {
    let from_number = match number {
        Some(IdentityNumber::Citizen(number)) => number.nationality().or_else(|| compatriot(number, fields.attributes.get("nationality"))),
        Some(IdentityNumber::Legacy(_)) => Some("CHN"),
        Some(IdentityNumber::OldForeigner(card)) => Some(card.nationality()),
        _ => None,
    };
    if let (Some(told), Some(from_number)) = (fields.attributes.get("nationality"), from_number)
        && told != from_number
    {
        fields.flag("nationality", "id-conflict", Dimension::Consistency, "check the nationality: the card's number tells another");
    }
}

fn check_sex(fields: &mut Fields<'_>, number: Option<&IdentityNumber>) {
    let told = fields.attributes.get("sex");
    if let (Some(told @ ("1" | "2")), Some(from_number)) = (told, number.and_then(IdentityNumber::sex))
        && told != from_number
    {
        fields.flag("sex", "id-conflict", Dimension::Consistency, "check the sex: the identity number tells another");
    }
}
