//! What does a record of a legal person say, and what is wrong with it?

use chrono::Datelike;
use jiku_model::{Dimension, ParseContext, ParsedRecord, Problem, RawRecord, Severity};
use jiku_text::characters::{compact_number, is_masked, is_placeholder, tidy};
use jiku_text::code_list;
use jiku_text::field::{Fields, Limit, Numbers};
use jiku_text::identifier::{CitizenNumber, CreditCode, Fault, Lei, OrganisationCode, RegistrationNumber, Repair};
use jiku_text::organisation_name::{self, NameIssue};

use crate::Capital;

pub(crate) fn parse(raw: &RawRecord, context: &ParseContext) -> ParsedRecord {
    let mut fields = Fields::of(raw);
    let named = read_name(&mut fields);
    read_former_names(&mut fields);
    read_organisation_code(&mut fields);
    let coded = read_credit_code(&mut fields);
    let registered = read_registration_number(&mut fields);
    let identified = read_lei(&mut fields);
    let coded = coded || identified || fields.attributes.get("organisation_code").is_some();
    if !named && !coded && !registered {
        let required =
            Problem::new(Severity::Reject, Dimension::Completeness, "name", "required", "send a name or a number that can be used");
        fields.problems.push(required);
    }
    read_legal_form(&mut fields);
    fields.party_name("legal_representative");
    fields.party_number("legal_representative_id");
    fields.party_names("shareholders");
    fields.party_numbers("shareholder_ids", "shareholders");
    read_parent(&mut fields);
    read_capital(&mut fields);
    if let Some(date) = fields.date("established_on", context.today)
        && i32::from(date.year()) < 1800.min(context.today.year())
    {
        fields.flag("established_on", "date-range", Dimension::Timeliness, "check the date: it lies before any register");
    }
    read_industry(&mut fields);
    fields.division("division");
    fields.address("address", "division");
    fields.phones("phone");
    fields.code("status", code_list::organisation_statuses());
    fields.finish()
}

fn read_name(fields: &mut Fields<'_>) -> bool {
    let Some(text) = fields.text("name", Limit::NAME, Numbers::Refused) else { return false };
    // A star in front is a mark of the list, not a mask.
    let mut reading = organisation_name::read(text.trim_start().trim_start_matches('*'));
    if is_masked(&reading.name) {
        fields.flag("name", "masked-value", Dimension::Completeness, "send the whole name: a masked one is not used");
        reading.name.clear();
    }
    // 个人, 某某有限公司, XX贸易有限公司: whoever filled the form in had no name to give.
    let is_filler = |trade_name: &str| matches!(trade_name, "某某" | "某" | "XX" | "XXX" | "XXXX" | "测试");
    if matches!(
        reading.name.as_str(),
        "个人"
            | "自然人"
            | "个体"
            | "个体户"
            | "个体工商户"
            | "无字号"
            | "无字号名称"
            | "无字号个体工商户"
            | "名称待定"
            | "字号待定"
            | "0"
            | "1"
    ) || is_filler(organisation_name::parse(&reading.name).trade_name)
    {
        reading.issues.push(NameIssue::Placeholder);
        reading.name.clear();
    }
    for issue in &reading.issues {
        let (code, dimension, advice) = match issue {
            NameIssue::Placeholder => ("name-placeholder", Dimension::Completeness, "leave the field empty when there is no name"),
            NameIssue::Mojibake => {
                ("mojibake", Dimension::Validity, "declare the character set of the file: the name was decoded with another")
            }
            NameIssue::FormOnly => ("name-form-only", Dimension::Completeness, "send the whole name: only its form is there"),
            NameIssue::NoTradeName => ("name-no-trade-name", Dimension::Completeness, "check the name: it has no trade name"),
            NameIssue::Description => ("name-description", Dimension::Validity, "send the registered name instead of a description"),
            NameIssue::PersonName => ("name-of-person", Dimension::Validity, "send the organisation's name: this is a person's"),
            NameIssue::StatusRemark => ("name-remark", Dimension::Validity, "send the status in its own field; it was cut off"),
            NameIssue::FormRemark => {
                ("name-remark", Dimension::Validity, "send form, owners and seat in fields of their own; the remark was cut off the name")
            }
            NameIssue::PersonRemark => {
                ("name-remark", Dimension::Validity, "send the person in a field of its own; it was cut off the name")
            }
            NameIssue::Several => ("name-several", Dimension::Validity, "send one record for each organisation: the field names several"),
            NameIssue::FormerName => ("name-remark", Dimension::Validity, "send the former name in its own field; it was cut off the name"),
            NameIssue::Romanised => {
                ("name-romanised", Dimension::Validity, "send the name in letters in a field of its own; it was cut off")
            }
            NameIssue::CodeGlued => ("name-code-glued", Dimension::Validity, "send the code in its own field; it was cut off"),
            NameIssue::Truncated => ("name-truncated", Dimension::Completeness, "send the whole name: its end is missing"),
            _ => continue,
        };
        fields.flag("name", code, dimension, advice);
    }
    if let Some(status) = reading.status {
        fields.attributes.set("status", status);
    }
    if let Some(code) = reading.code {
        fields.attributes.set("uscc", code.as_str());
    }
    if let Some(former) = reading.former {
        fields.attributes.set("former_name", former);
    }
    // A form alone names nobody.
    if reading.issues.contains(&NameIssue::FormOnly) {
        reading.name.clear();
    }
    let usable = !reading.name.is_empty();
    fields.attributes.set("name", reading.name);
    usable
}

/// The names of before, beside the one that a remark on the name told.
fn read_former_names(fields: &mut Fields<'_>) {
    let Some(text) = fields.text("former_name", Limit::TEXT, Numbers::Refused) else { return };
    let mut names: Vec<String> = fields.attributes.get("former_name").map(str::to_owned).into_iter().collect();
    for part in text.split([';', '；', '、', '|']) {
        let name = organisation_name::read(part).name;
        if !name.is_empty() && !names.contains(&name) {
            names.push(name);
        }
    }
    if !names.is_empty() {
        fields.attributes.set("former_name", names.join(";"));
    }
}

fn read_organisation_code(fields: &mut Fields<'_>) {
    let Some(text) = fields.text("organisation_code", Limit::CODE, Numbers::Refused) else { return };
    let compact = compact_number(&text);
    match compact.parse::<OrganisationCode>() {
        Ok(code) => fields.attributes.set("organisation_code", code.as_str()),
        Err(_) if is_placeholder(text.trim()) => {}
        // Many registers kept the title of the column when the unified code came.
        Err(_) if compact.parse::<CreditCode>().is_ok() => {
            fields.note("organisation_code", "id-moved", Dimension::Validity, "send the unified social credit code in its own column");
            fields.attributes.set("uscc", compact);
        }
        Err(_) if is_masked(&compact) => {
            fields.flag("organisation_code", "masked-value", Dimension::Completeness, "send the whole code: a masked one is not used");
        }
        Err(fault) => {
            let (code, advice) = match fault {
                Fault::Checksum => ("id-checksum", "check the code: its check character does not fit, so it is not used"),
                Fault::Placeholder => ("id-placeholder", "leave the field empty when there is no code; filler is never used"),
                _ => ("id-format", "send the nine characters of the organisation code"),
            };
            fields.flag("organisation_code", code, Dimension::Validity, advice);
        }
    }
}

/// The organisation code inside a number of before 2015: the code itself, or a tax number (纳税人识别号), which has the six
/// digits of the division in front of it.
fn former_code(compact: &str) -> Option<OrganisationCode> {
    let inside = compact.get(6..).filter(|_| compact.len() == 15 && compact[..6].bytes().all(|byte| byte.is_ascii_digit()));
    compact.parse().ok().or_else(|| inside?.parse().ok().filter(|_| compact.parse::<RegistrationNumber>().is_err()))
}

fn read_credit_code(fields: &mut Fields<'_>) -> bool {
    let glued = fields.attributes.get("uscc").is_some();
    let Some(text) = fields.text("uscc", Limit::CODE, Numbers::Refused) else { return glued };
    let text = without_words(without_remark(&text));
    let was_dressed = fields.raw_text("uscc").is_some_and(|raw| raw.trim() != text.trim());
    match CreditCode::read_or_repair(text) {
        Ok(reading) => {
            match reading.repair {
                Repair::None if !was_dressed => {}
                Repair::None => fields.note("uscc", "id-normalised", Dimension::Validity, "write the code with 18 plain characters"),
                Repair::Form => fields.note("uscc", "id-normalised", Dimension::Validity, "write the code with 18 plain characters"),
                Repair::LookAlikes => {
                    fields.flag("uscc", "id-repaired", Dimension::Validity, "check the code: letters were taken for digits and put right")
                }
            }
            for doubt in reading.value.doubts() {
                let (code, advice) = match doubt {
                    Fault::OrgCodeChecksum => {
                        ("org-code-checksum", "check the code: the organisation code inside has a wrong check character")
                    }
                    Fault::Region => ("id-invalid", "check the code: its division does not exist"),
                    Fault::Department => ("id-department", "check the code: there is no such registration department"),
                    _ => ("id-category", "check the code: the department has no such category"),
                };
                fields.flag("uscc", code, Dimension::Validity, advice);
            }
            if fields.attributes.get("uscc").is_some_and(|glued| glued != reading.value.as_str()) {
                let advice = "check the codes: the one behind the name is not the one in its own field";
                fields.flag("name", "id-conflict", Dimension::Consistency, advice);
            }
            fields.attributes.set("uscc", reading.value.as_str());
            true
        }
        Err(fault) => {
            let compact = compact_number(text);
            // Records from before the reform of 2015 have the numbers of their time in this column.
            if let Some(code) = former_code(&compact) {
                let advice = "send the code of 18 characters: it has replaced the organisation code and the tax number";
                fields.note("uscc", "id-legacy", Dimension::Timeliness, advice);
                fields.attributes.set("organisation_code", code.as_str());
                return true;
            }
            if let Ok(number) = compact.parse::<RegistrationNumber>() {
                fields.note("uscc", "id-moved", Dimension::Validity, "send the registration number in its own column");
                fields.attributes.set("registration_number", number.as_str());
                return true;
            }
            // A sole trader's number is often its owner's.
            if let Ok(number) = compact.parse::<CitizenNumber>() {
                fields.note("uscc", "id-moved", Dimension::Validity, "send the representative's number in its own column");
                fields.attributes.set("legal_representative_id", number.as_str());
                return glued;
            }
            let (code, advice) = match fault {
                _ if compact.contains("E+") => {
                    ("id-spreadsheet-loss", "format the column as text: a spreadsheet rounded the last digits away")
                }
                Fault::Checksum | Fault::Charset => {
                    ("id-checksum", "check the code: its characters or its check character do not fit, so it is not used")
                }
                Fault::Placeholder => ("id-placeholder", "leave the field empty when there is no code; filler is never used"),
                Fault::Masked => ("masked-value", "send the whole code: a masked one is not used"),
                Fault::Empty => return glued,
                _ => ("id-format", "send the 18 characters of the code"),
            };
            if is_placeholder(text.trim()) {
                return glued;
            }
            fields.flag("uscc", code, Dimension::Validity, advice);
            glued
        }
    }
}

/// A code or number without the words that announce it: 统一社会信用代码：…, 注册号:…. 企合粤总字第000001号 is a number with its words.
fn without_words(text: &str) -> &str {
    const WORDS: [&str; 8] =
        ["统一社会信用代码", "社会信用代码", "信用代码", "纳税人识别号", "税号", "组织机构代码", "营业执照注册号", "注册号"];
    let start = text.trim().trim_start_matches(['(', '（', '[', '【']);
    let Some(rest) = WORDS.iter().find_map(|word| start.strip_prefix(word)) else { return text };
    let is_sign = |c: char| c.is_whitespace() || matches!(c, ':' | '：' | '为' | '是' | ')' | '）' | ']' | '】');
    let rest = rest.strip_prefix("号码").or_else(|| rest.strip_prefix('码')).unwrap_or(rest).trim_matches(is_sign);
    if rest.is_empty() { text } else { rest }
}

/// A code without the remark behind it: …（副本）, …(正本).
fn without_remark(text: &str) -> &str {
    let trimmed = text.trim_end();
    let remark = trimmed
        .rfind(['(', '（'])
        .filter(|&at| at > 0 && trimmed.ends_with([')', '）']) && !trimmed[at..].bytes().any(|byte| byte.is_ascii_digit()));
    remark.map_or(text, |at| trimmed[..at].trim_end())
}

/// The number before the mark that a licence's copies bear: 440106000012344(1-1).
fn without_copy_mark(text: &str) -> Option<&str> {
    let (number, mark) = text.trim_end().trim_end_matches([')', '）']).rsplit_once(['(', '（'])?;
    let is_mark = !mark.is_empty() && mark.chars().all(|c| c.is_ascii_digit() || matches!(c, '-' | '/' | '—' | '－'));
    (is_mark && text.trim_end().ends_with([')', '）'])).then_some(number)
}

/// The number of the business register; numbers from before 2007 have no check digit and stay as text.
fn read_registration_number(fields: &mut Fields<'_>) -> bool {
    let Some(text) = fields.text("registration_number", Limit::CODE, Numbers::Refused) else { return false };
    let compact = compact_number(without_words(without_copy_mark(&text).unwrap_or(&text)));
    if is_placeholder(&compact) {
        return false;
    }
    // 未办理, 待办, 0, 1: every register counts further than that.
    if compact.bytes().filter(u8::is_ascii_digit).count() < 4 {
        let advice = "leave the field empty when there is no number; filler is never used";
        fields.flag("registration_number", "id-placeholder", Dimension::Uniqueness, advice);
        return false;
    }
    match compact.parse::<RegistrationNumber>() {
        Ok(number) => fields.attributes.set("registration_number", number.as_str()),
        Err(Fault::Placeholder) => {
            fields.flag(
                "registration_number",
                "id-placeholder",
                Dimension::Uniqueness,
                "leave the field empty when there is no number; filler is never used",
            );
            return false;
        }
        Err(_) if is_masked(&compact) => {
            fields.flag("registration_number", "masked-value", Dimension::Completeness, "send the whole number: a masked one is not used");
            return false;
        }
        // Fifteen digits in the column of the number are the number: one in eleven with a slip would pass for a tax number with another's code inside.
        Err(Fault::Checksum) => {
            fields.flag(
                "registration_number",
                "id-checksum",
                Dimension::Validity,
                "check the number: its check digit does not fit, so it is not used as a key",
            );
            fields.attributes.set("registration_number", compact);
        }
        // A unified code in the old column is a unified code.
        Err(_) if compact.len() == 18 && fields.attributes.get("uscc").is_none() && compact.parse::<CreditCode>().is_ok() => {
            fields.note("registration_number", "id-moved", Dimension::Validity, "send the unified social credit code in its own column");
            fields.attributes.set("uscc", compact);
        }
        Err(_) if former_code(&compact).is_some() => {
            let advice = "check the number: it is no registration number, and was read as a tax number with the organisation code inside";
            fields.flag("registration_number", "id-moved", Dimension::Validity, advice);
            if let Some(code) = former_code(&compact).filter(|_| fields.attributes.get("organisation_code").is_none()) {
                fields.attributes.set("organisation_code", code.as_str());
            }
        }
        // 440106, 91440106MA, 10001: a part of a number, or a count of somebody's own.
        Err(_) if compact.is_ascii() && !RegistrationNumber::is_old_form(&compact) => {
            let advice = "send the number whole, with its words if it has any (企合粤总字第…号): what has the form of none is not used";
            fields.flag("registration_number", "id-format", Dimension::Validity, advice);
            return false;
        }
        Err(_) => {
            fields.note("registration_number", "id-legacy", Dimension::Timeliness, "send the number of 15 digits where there is one");
            fields.attributes.set("registration_number", compact);
        }
    }
    true
}

/// The legal entity identifier; one whose check digits do not fit names nobody.
fn read_lei(fields: &mut Fields<'_>) -> bool {
    let Some(text) = fields.text("lei", Limit::CODE, Numbers::Refused) else { return false };
    if is_placeholder(text.trim()) {
        return false;
    }
    let compact = compact_number(&text);
    let (code, dimension, advice) = match Lei::read(&text) {
        Ok(reading) => {
            if reading.value.as_str() != text {
                fields.note("lei", "id-normalised", Dimension::Validity, "write the identifier with 20 plain characters");
            }
            fields.attributes.set("lei", reading.value.as_str());
            return true;
        }
        Err(_) if is_masked(&compact) => ("masked-value", Dimension::Completeness, "send the whole identifier: a masked one is not used"),
        Err(Fault::Checksum) => {
            ("id-checksum", Dimension::Validity, "check the identifier: its check digits do not fit, so it is not used")
        }
        Err(Fault::Placeholder) => {
            ("id-placeholder", Dimension::Uniqueness, "leave the field empty when there is no identifier; filler is never used")
        }
        Err(_) => ("id-format", Dimension::Validity, "send the 20 letters and digits of the legal entity identifier (ISO 17442)"),
    };
    fields.flag("lei", code, dimension, advice);
    false
}

fn read_legal_form(fields: &mut Fields<'_>) {
    let Some(text) = fields.text("legal_form", Limit::TEXT, Numbers::Accepted) else { return };
    let words = organisation_name::normalise(&text);
    match code_list::legal_forms().read(&text) {
        Some(form) => fields.attributes.set("legal_form", form.code),
        None if is_placeholder(&words) => {}
        None => {
            // The published lists are not complete, so the words are kept.
            fields.note(
                "legal_form",
                "code-unknown",
                Dimension::Validity,
                "send an enterprise type code of the market regulation, or the first two characters of the unified code",
            );
            fields.attributes.set("legal_form", words);
        }
    }
}

/// The organisation that a branch belongs to.
fn read_parent(fields: &mut Fields<'_>) {
    if let Some(text) = fields.text("parent", Limit::NAME, Numbers::Refused) {
        let reading = organisation_name::read(&text);
        fields.attributes.set("parent", reading.name);
    }
    fields.party_number("parent_uscc");
}

fn read_capital(fields: &mut Fields<'_>) {
    let Some(text) = fields.text("registered_capital", Limit::CODE, Numbers::Accepted) else { return };
    match Capital::read(&text) {
        Some(capital) => fields.attributes.set("registered_capital", capital.to_string()),
        None if is_placeholder(text.trim()) => {}
        None => fields.flag("registered_capital", "amount-format", Dimension::Validity, "send an amount and its currency"),
    }
}

fn read_industry(fields: &mut Fields<'_>) {
    let Some(text) = fields.text("industry", Limit::TEXT, Numbers::Accepted) else { return };
    match code_list::industry(&text) {
        Some(code) => fields.attributes.set("industry", code),
        None if is_placeholder(text.trim()) => {}
        None => {
            fields.note("industry", "code-unknown", Dimension::Validity, "send a code of GB/T 4754");
            fields.attributes.set("industry", tidy(&text));
        }
    }
}
