//! What does a reader hand over?

use jiku_model::{Kind, Problem, RawRecord, RecordKey, SourceCode};
use serde_json::Value;

use crate::fault::reject;

/// A row that could be read.
#[derive(Clone, Debug, PartialEq)]
pub struct Row {
    /// Its number among all rows of the file, from 1: where an interrupted import goes on.
    pub number: u64,
    /// The line on which it begins, from 1; in a table file the row of the sheet.
    pub line: u64,
    /// Its values under standard column names; empty cells of tables are absent.
    pub raw: RawRecord,
    /// The row as received: the text of the JSON object, or a JSON object of header and cell.
    pub payload: String,
    /// What was noticed while reading; never a rejection.
    pub problems: Vec<Problem>,
}

impl Row {
    /// Takes `source` and `source_key` out of the record: what its source calls it. Rows without a source are of
    /// `source`, if one is given.
    ///
    /// # Errors
    /// A rejecting problem when one of the two is missing or cannot be used.
    pub fn take_key(&mut self, kind: Kind, source: Option<&SourceCode>) -> Result<RecordKey, Problem> {
        take_key(&mut self.raw, kind, source)
    }
}

/// Takes `source` and `source_key` out of a record, as [`Row::take_key`].
///
/// # Errors
/// A rejecting problem when one of the two is missing or cannot be used.
pub fn take_key(raw: &mut RawRecord, kind: Kind, source: Option<&SourceCode>) -> Result<RecordKey, Problem> {
    let code = match text(raw.shift_remove("source"), "source")? {
        Some(code) => code.parse::<SourceCode>().map_err(|error| reject("source-code", Some("source"), error.to_string()))?,
        None => source.cloned().ok_or_else(|| reject("required", Some("source"), "name the source system"))?,
    };
    let key = text(raw.shift_remove("source_key"), "source_key")?
        .ok_or_else(|| reject("required", Some("source_key"), "give the key under which the source keeps the record"))?;
    if key.len() > RecordKey::MAX_KEY_BYTES {
        return Err(reject("too-long", Some("source_key"), "keep source_key within 256 bytes"));
    }
    if key.chars().any(char::is_control) {
        return Err(reject("control-character", Some("source_key"), "remove control characters from source_key"));
    }
    if is_rounded(&key) {
        let advice =
            "format the column source_key as text: a spreadsheet rounded the last digits away, and other records have the same rest";
        return Err(reject("id-spreadsheet-loss", Some("source_key"), advice));
    }
    Ok(RecordKey { kind, source: code, key })
}

/// Whether a spreadsheet left `9.14E+17` of a number.
fn is_rounded(key: &str) -> bool {
    let Some((digits, exponent)) = key.split_once("E+") else { return false };
    let (whole, decimals) = digits.split_once('.').unwrap_or((digits, ""));
    let is_digits = |text: &str| text.bytes().all(|byte| byte.is_ascii_digit());
    whole.len() == 1 && is_digits(whole) && is_digits(decimals) && exponent.parse::<usize>().is_ok_and(|places| places > decimals.len())
}

/// The text of a key: trimmed, none when empty. Keys may be whole numbers in JSON.
fn text(value: Option<Value>, field: &'static str) -> Result<Option<String>, Problem> {
    match value {
        None | Some(Value::Null) => Ok(None),
        Some(Value::String(text)) => Ok(Some(text.trim()).filter(|text| !text.is_empty()).map(str::to_owned)),
        Some(Value::Number(number)) if number.is_i64() || number.is_u64() => Ok(Some(number.to_string())),
        Some(_) => Err(reject("type-mismatch", Some(field), "send text")),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(json: &str, expected: Result<&str, (&str, &str)>) {
        let mut raw = crate::parse_object(json.as_bytes()).expect("JSON");
        let default: SourceCode = "gongan".parse().expect("a code");
        let found = take_key(&mut raw, Kind::Person, Some(&default));
        let found = found.map(|key| format!("{}:{}", key.source, key.key)).map_err(|problem| (problem.code, problem.field));
        let expected = expected.map(str::to_owned).map_err(|(code, field)| (code.into(), Some(field.into())));
        assert_eq!(found, expected);
    }

    #[test]
    fn a_record_is_named_by_source_and_key() {
        check(r#"{"source":"weijian","source_key":" W1 "}"#, Ok("weijian:W1"));
        check(r#"{"source_key":17}"#, Ok("gongan:17"));
        check(r#"{"source":"weijian"}"#, Err(("required", "source_key")));
        check(r#"{"source":"卫健","source_key":"1"}"#, Err(("source-code", "source")));
        check(r#"{"source_key":[1]}"#, Err(("type-mismatch", "source_key")));
        check(r#"{"source_key":"a\nb"}"#, Err(("control-character", "source_key")));
        check(r#"{"source_key":"4.41702199206293E+17"}"#, Err(("id-spreadsheet-loss", "source_key")));
        check(r#"{"source_key":"1E+17"}"#, Err(("id-spreadsheet-loss", "source_key")));
        check(r#"{"source_key":"AE+17"}"#, Ok("gongan:AE+17"));
    }
}
