//! Which land-use class does a text name, and of which edition of the standard?

use jiku_text::characters::compact_number;
use jiku_text::code_list::land_uses;

/// The scheme of canonical codes.
pub const SCHEME: &str = "GB/T 21010-2017";

/// A land-use class as read.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct LandUse {
    /// Two digits (first level) or four (second level) of GB/T 21010-2017.
    pub code: &'static str,
    /// The Chinese name of the class.
    pub name_zh: &'static str,
    /// The letter a survey put behind the code: `K` (adjustable), `A` (square, fish pond, main canal).
    pub suffix: Option<char>,
    /// Whether the text was the canonical code.
    pub canonical: bool,
}

/// Why a text is no land-use class of the edition in force.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum LandUseFault {
    /// No such class.
    Unknown,
    /// Three digits: a code of the 2007 edition, or one whose leading zero a spreadsheet took. Not guessed.
    ThreeDigits,
}

/// Reads a code, with or without a survey suffix, or a class name.
///
/// # Errors
/// When no class is named, or the code has three digits.
pub fn read(text: &str) -> Result<LandUse, LandUseFault> {
    let compact = compact_number(text);
    let (stem, suffix) = match compact.strip_suffix(['K', 'A']) {
        Some(stem) if stem.len() == 4 => (stem, compact.chars().last()),
        _ => (compact.as_str(), None),
    };
    if stem.len() == 3 && stem.bytes().all(|byte| byte.is_ascii_digit()) {
        return Err(LandUseFault::ThreeDigits);
    }
    let found = land_uses().find(stem).or_else(|| land_uses().read(text)).ok_or(LandUseFault::Unknown)?;
    Ok(LandUse { code: found.code, name_zh: found.name_zh, suffix, canonical: found.code == text })
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::Value;

    #[test]
    fn every_vector_is_in_or_out() {
        let vectors: Value = serde_json::from_str(include_str!("../../../fixtures/reference/vectors/code_lists.json")).unwrap();
        for vector in vectors["land_use"].as_array().unwrap() {
            let reading = read(vector["input"].as_str().unwrap());
            // A survey suffix is stripped and kept: the class below it is good.
            let good = vector["valid"] == true || vector["input"] == "0201K";
            assert_eq!(reading.is_ok(), good, "{vector}");
            if let (Ok(reading), Some(name)) = (reading, vector["name"].as_str()) {
                assert_eq!(reading.name_zh, name);
            }
        }
        assert_eq!(read("0201K").map(|read| (read.code, read.suffix)), Ok(("0201", Some('K'))));
        assert_eq!(read("水田").map(|read| read.code), Ok("0101"));
        assert_eq!(read("０７０１").map(|read| (read.code, read.canonical)), Ok(("0701", false)));
        assert_eq!(read("101"), Err(LandUseFault::ThreeDigits));
    }
}
