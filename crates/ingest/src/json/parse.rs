//! Which value do these bytes of JSON spell, and where do they stop being JSON?

use jiku_model::RawRecord;
use serde_json::{Map, Number, Value};

use crate::limits::Limits;

/// What to do about JSON that is nested too deep.
pub(super) const TOO_DEEP: &str = "nest JSON at most 64 deep";

/// Why bytes were refused as JSON; the offending text itself is never part of it.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{advice} (byte {offset})")]
pub struct JsonError {
    /// A reason code such as `json-syntax`.
    pub code: &'static str,
    /// The offset of the byte at which reading stopped, from 0.
    pub offset: usize,
    /// What to do, in one sentence.
    pub advice: &'static str,
}

/// Reads one JSON object within the standard limits.
///
/// ```
/// let record = jiku_ingest::parse_object(r#"{"name":"李雷"}"#.as_bytes()).unwrap();
/// assert_eq!(record["name"], "李雷");
/// assert_eq!(jiku_ingest::parse_object(br#"{"a":1,"a":2}"#).unwrap_err().code, "json-duplicate-key");
/// ```
///
/// # Errors
/// `body-missing`, `json-syntax`, `json-too-deep`, `json-duplicate-key`, `json-number`, `json-too-large`, `type-mismatch`
/// (valid JSON, but no object), `encoding`, `invalid-unicode`.
pub fn parse_object(bytes: &[u8]) -> Result<RawRecord, JsonError> {
    parse_object_within(bytes, &Limits::STANDARD)
}

/// Reads one JSON object that may hold a geometry, as [`parse_object`]: there is room for the coordinates of 100,000 vertices.
///
/// # Errors
/// As [`parse_object`].
pub fn parse_feature(bytes: &[u8]) -> Result<RawRecord, JsonError> {
    parse_object_within(bytes, &Limits::STANDARD.for_features())
}

pub(crate) fn parse_object_within(bytes: &[u8], limits: &Limits) -> Result<RawRecord, JsonError> {
    match parse(bytes, limits)? {
        Value::Object(object) => Ok(object),
        _ => Err(JsonError { code: "type-mismatch", offset: 0, advice: "send a JSON object: { … }" }),
    }
}

/// Reads one JSON value within these limits.
///
/// # Errors
/// As [`parse_object`], without `type-mismatch`.
pub fn parse(bytes: &[u8], limits: &Limits) -> Result<Value, JsonError> {
    let start = if bytes.starts_with(b"\xef\xbb\xbf") { 3 } else { 0 };
    if bytes.starts_with(b"\xff\xfe") || bytes.starts_with(b"\xfe\xff") || bytes.iter().take(4).filter(|&&byte| byte == 0).count() > 1 {
        return Err(JsonError { code: "encoding", offset: 0, advice: "send JSON as UTF-8" });
    }
    let text = std::str::from_utf8(&bytes[start..]).map_err(|error| JsonError {
        code: "encoding",
        offset: start + error.valid_up_to(),
        advice: "send JSON as UTF-8",
    })?;
    let mut parser = Parser { bytes: text.as_bytes(), text, at: 0, start, members: 0, limits };
    parser.whitespace();
    if parser.at == parser.bytes.len() {
        return Err(parser.error("body-missing", "send a JSON object: the body is empty"));
    }
    let value = parser.value(0)?;
    parser.whitespace();
    if parser.at < parser.bytes.len() {
        return Err(parser.error("json-syntax", "remove what follows the JSON value"));
    }
    Ok(value)
}

struct Parser<'a> {
    bytes: &'a [u8],
    text: &'a str,
    at: usize,
    start: usize,
    members: usize,
    limits: &'a Limits,
}

impl Parser<'_> {
    fn error(&self, code: &'static str, advice: &'static str) -> JsonError {
        JsonError { code, offset: self.start + self.at, advice }
    }

    fn syntax(&self) -> JsonError {
        let advice = if self.at >= self.bytes.len() { "complete the JSON: it is cut off" } else { "correct the JSON at this byte" };
        self.error("json-syntax", advice)
    }

    fn whitespace(&mut self) {
        while matches!(self.bytes.get(self.at), Some(b' ' | b'\n' | b'\r' | b'\t')) {
            self.at += 1;
        }
    }

    fn value(&mut self, depth: usize) -> Result<Value, JsonError> {
        match self.bytes.get(self.at) {
            Some(b'{' | b'[') if depth >= self.limits.json_depth => Err(self.error("json-too-deep", TOO_DEEP)),
            Some(b'{') => self.object(depth),
            Some(b'[') => self.array(depth),
            Some(b'"') => Ok(Value::String(self.string()?)),
            Some(b't') => self.word("true", Value::Bool(true)),
            Some(b'f') => self.word("false", Value::Bool(false)),
            Some(b'n') => self.word("null", Value::Null),
            Some(b'-' | b'0'..=b'9') => self.number(),
            Some(b'N' | b'I') => Err(self.error("json-number", "send a number: NaN and Infinity are none in JSON")),
            _ => Err(self.syntax()),
        }
    }

    fn word(&mut self, word: &str, value: Value) -> Result<Value, JsonError> {
        if self.bytes[self.at..].starts_with(word.as_bytes()) {
            self.at += word.len();
            Ok(value)
        } else {
            Err(self.syntax())
        }
    }

    fn count(&mut self) -> Result<(), JsonError> {
        self.members += 1;
        if self.members > self.limits.json_members { Err(self.error("json-too-large", self.limits.fewer_members())) } else { Ok(()) }
    }

    fn object(&mut self, depth: usize) -> Result<Value, JsonError> {
        let mut object = Map::new();
        self.at += 1;
        self.whitespace();
        if self.bytes.get(self.at) == Some(&b'}') {
            self.at += 1;
            return Ok(Value::Object(object));
        }
        loop {
            if self.bytes.get(self.at) != Some(&b'"') {
                return Err(self.syntax());
            }
            let name_at = self.at;
            let name = self.string()?;
            self.count()?;
            self.whitespace();
            if self.bytes.get(self.at) != Some(&b':') {
                return Err(self.syntax());
            }
            self.at += 1;
            self.whitespace();
            let value = self.value(depth + 1)?;
            if object.insert(name, value).is_some() {
                self.at = name_at;
                return Err(self.error("json-duplicate-key", "name each member once"));
            }
            self.whitespace();
            match self.bytes.get(self.at) {
                Some(b',') => self.at += 1,
                Some(b'}') => {
                    self.at += 1;
                    return Ok(Value::Object(object));
                }
                _ => return Err(self.syntax()),
            }
            self.whitespace();
        }
    }

    fn array(&mut self, depth: usize) -> Result<Value, JsonError> {
        let mut array = Vec::new();
        self.at += 1;
        self.whitespace();
        if self.bytes.get(self.at) == Some(&b']') {
            self.at += 1;
            return Ok(Value::Array(array));
        }
        loop {
            self.count()?;
            array.push(self.value(depth + 1)?);
            self.whitespace();
            match self.bytes.get(self.at) {
                Some(b',') => self.at += 1,
                Some(b']') => {
                    self.at += 1;
                    return Ok(Value::Array(array));
                }
                _ => return Err(self.syntax()),
            }
            self.whitespace();
        }
    }

    fn number(&mut self) -> Result<Value, JsonError> {
        let from = self.at;
        if self.bytes[self.at] == b'-' {
            self.at += 1;
        }
        match self.bytes.get(self.at) {
            Some(b'0') => self.at += 1,
            Some(b'1'..=b'9') => self.digits(),
            Some(b'I') => return Err(self.error("json-number", "send a number: NaN and Infinity are none in JSON")),
            _ => return Err(self.syntax()),
        }
        let mut whole = true;
        if self.bytes.get(self.at) == Some(&b'.') {
            (whole, self.at) = (false, self.at + 1);
            self.some_digits()?;
        }
        if matches!(self.bytes.get(self.at), Some(b'e' | b'E')) {
            (whole, self.at) = (false, self.at + 1);
            if matches!(self.bytes.get(self.at), Some(b'+' | b'-')) {
                self.at += 1;
            }
            self.some_digits()?;
        }
        let text = &self.text[from..self.at];
        let number = if whole {
            text.parse::<i64>().map(Number::from).or_else(|_| text.parse::<u64>().map(Number::from)).ok()
        } else {
            text.parse::<f64>().ok().and_then(Number::from_f64)
        };
        number.map(Value::Number).ok_or_else(|| {
            self.at = from;
            self.error("json-number", "send a number that fits, or its digits as text")
        })
    }

    fn digits(&mut self) {
        while matches!(self.bytes.get(self.at), Some(b'0'..=b'9')) {
            self.at += 1;
        }
    }

    fn some_digits(&mut self) -> Result<(), JsonError> {
        let from = self.at;
        self.digits();
        if self.at == from { Err(self.syntax()) } else { Ok(()) }
    }

    fn string(&mut self) -> Result<String, JsonError> {
        self.at += 1;
        let mut from = self.at;
        let mut text = String::new();
        loop {
            match self.bytes[self.at..].iter().position(|&byte| byte == b'"' || byte == b'\\' || byte < 0x20) {
                None => {
                    self.at = self.bytes.len();
                    return Err(self.syntax());
                }
                Some(length) => self.at += length,
            }
            match self.bytes[self.at] {
                b'"' => {
                    let rest = &self.text[from..self.at];
                    self.at += 1;
                    if text.is_empty() {
                        return Ok(rest.to_owned());
                    }
                    text.push_str(rest);
                    return Ok(text);
                }
                b'\\' => {
                    text.push_str(&self.text[from..self.at]);
                    text.push(self.escape()?);
                    from = self.at;
                }
                0 => return Err(self.error("invalid-unicode", "remove the character NUL")),
                _ => return Err(self.error("json-syntax", "escape the control character")),
            }
        }
    }

    fn escape(&mut self) -> Result<char, JsonError> {
        let from = self.at;
        self.at += 2;
        Ok(match self.bytes.get(from + 1) {
            Some(b'"') => '"',
            Some(b'\\') => '\\',
            Some(b'/') => '/',
            Some(b'b') => '\u{8}',
            Some(b'f') => '\u{c}',
            Some(b'n') => '\n',
            Some(b'r') => '\r',
            Some(b't') => '\t',
            Some(b'u') => return self.escaped_unit(from),
            _ => {
                self.at = (from + 1).min(self.bytes.len());
                return Err(self.syntax());
            }
        })
    }

    fn escaped_unit(&mut self, from: usize) -> Result<char, JsonError> {
        let first = self.hexadecimal()?;
        let mut code = first;
        if (0xd800..0xdc00).contains(&first) && self.bytes[self.at..].starts_with(b"\\u") {
            self.at += 2;
            let second = self.hexadecimal()?;
            if (0xdc00..0xe000).contains(&second) {
                code = 0x1_0000 + ((first - 0xd800) << 10) + (second - 0xdc00);
            }
        }
        match char::from_u32(code) {
            Some(char) if char != '\0' => Ok(char),
            _ => {
                self.at = from;
                Err(self.error("invalid-unicode", "remove the lone surrogate or the character NUL"))
            }
        }
    }

    fn hexadecimal(&mut self) -> Result<u32, JsonError> {
        let digits = self.text.get(self.at..self.at + 4).filter(|digits| digits.bytes().all(|byte| byte.is_ascii_hexdigit()));
        let code = digits.and_then(|digits| u32::from_str_radix(digits, 16).ok()).ok_or_else(|| self.syntax())?;
        self.at += 4;
        Ok(code)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[track_caller]
    fn check(bytes: impl AsRef<[u8]>, code: &str, offset: usize) {
        let error = parse_object(bytes.as_ref()).expect_err("refused");
        assert_eq!((error.code, error.offset), (code, offset), "{error}");
    }

    #[test]
    fn an_empty_body_is_missing() {
        check("", "body-missing", 0);
        check(" \n", "body-missing", 2);
    }

    #[test]
    fn cut_off_and_trailing_data_are_named_by_byte() {
        check(r#"{"a":"#, "json-syntax", 5);
        check(r#"{"a":1"#, "json-syntax", 6);
        check(r#"{"a":"b"#, "json-syntax", 7);
        check(r#"{"a":1} x"#, "json-syntax", 8);
        check(r#"{"a":01}"#, "json-syntax", 6);
        check(r#"{"a":1,}"#, "json-syntax", 7);
        check("{\"a\":\"b\nc\"}", "json-syntax", 7);
        check(r#"{"a":"\x"}"#, "json-syntax", 7);
    }

    #[test]
    fn nesting_ends_at_64_without_using_the_stack_up() {
        let nested = |depth: usize| format!("{{\"a\":{}{}}}", "[".repeat(depth - 1), "]".repeat(depth - 1));
        assert!(parse_object(nested(64).as_bytes()).is_ok());
        check(nested(65), "json-too-deep", 68);
        check("[".repeat(100_000), "json-too-deep", 64);
    }

    #[test]
    fn a_member_is_named_once() {
        check(r#"{"a":1,"a":2}"#, "json-duplicate-key", 7);
        check(r#"{"a":1,"\u0061":2}"#, "json-duplicate-key", 7);
    }

    #[test]
    fn numbers_keep_their_digits_or_are_refused() {
        check(r#"{"a":1e400}"#, "json-number", 5);
        check(r#"{"a":NaN}"#, "json-number", 5);
        check(r#"{"a":-Infinity}"#, "json-number", 6);
        check(r#"{"a":123456789012345678901}"#, "json-number", 5);
        assert_eq!(parse_object(br#"{"a":18446744073709551615}"#).expect("fits")["a"], u64::MAX);
        assert_eq!(parse_object(br#"{"a":-1.5e-3}"#).expect("fits")["a"], -1.5e-3);
    }

    #[test]
    fn only_an_object_is_a_record() {
        check("[1]", "type-mismatch", 0);
        let many: Vec<String> = (0..10_001).map(|i| format!("\"k{i}\":1")).collect();
        assert_eq!(parse_object(format!("{{{}}}", many.join(",")).as_bytes()).expect_err("refused").code, "json-too-large");
        let positions: Vec<String> = (0..100_000).map(|i| format!("[113.{i:06},23]")).collect();
        let feature = format!("{{\"geometry\":[{}]}}", positions.join(","));
        assert!(parse_feature(feature.as_bytes()).is_ok() && parse_object(feature.as_bytes()).is_err());
        let twice = format!("{{\"geometry\":[[{0}],[{0}]]}}", positions.join(","));
        assert!(parse_feature(twice.as_bytes()).expect_err("refused").advice.contains("fewer vertices"));
    }

    #[test]
    fn json_is_utf_8() {
        check(b"\xff\xfe{\0}\0", "encoding", 0);
        check(b"{\0\"\0a\0", "encoding", 0);
        check(b"{\"a\":\"\xed\xa0\x80\"}", "encoding", 6);
        check(b"{\"a\":\"\xc0\xaf\"}", "encoding", 6);
        assert_eq!(parse_object("\u{feff}{\"a\":1}".as_bytes()).expect("the mark is dropped")["a"], 1);
    }

    #[test]
    fn text_is_unicode_without_nul() {
        check(r#"{"a":"x\ud800"}"#, "invalid-unicode", 7);
        check(r#"{"a":"\udc00"}"#, "invalid-unicode", 6);
        check(r#"{"a":"\ud800\u0041"}"#, "invalid-unicode", 6);
        check(r#"{"a":"\u0000"}"#, "invalid-unicode", 6);
        check("{\"a\":\"\0\"}", "invalid-unicode", 6);
        assert_eq!(parse_object(br#"{"a":"\ud842\udfb7\u5409"}"#).expect("a pair")["a"], "𠮷吉");
    }

    proptest! {
        #[test]
        fn any_bytes_are_read_or_refused(bytes in proptest::collection::vec(any::<u8>(), 0..200)) {
            let _ = parse(&bytes, &Limits::STANDARD);
        }

        #[test]
        fn what_another_implementation_reads_is_read_alike(text in "[\\[\\]{}\":,0-9a-c.eE\\\\u\\- tnrf]{0,40}") {
            let theirs = serde_json::from_str::<Value>(&text).ok();
            match parse(text.as_bytes(), &Limits::STANDARD) {
                Ok(ours) => prop_assert_eq!(Some(ours), theirs),
                Err(error) => prop_assert!(theirs.is_none() || matches!(error.code, "json-duplicate-key" | "json-number" | "invalid-unicode"), "{}", error),
            }
        }
    }
}
