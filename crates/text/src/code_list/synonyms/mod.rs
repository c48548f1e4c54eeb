//! Which words besides the standard's own name an entry of a code list?

mod organisations;
mod people;

pub(super) use organisations::{INDUSTRY, LEGAL_FORM, ORGANISATION_STATUS, ORGANISATION_STATUS_DRESS, ORGANISATION_STATUS_WORDS};
pub(super) use people::{COUNTRY_DRESS, DOCUMENT_TYPE, MARITAL_STATUS, PERSON_STATUS, PERSON_STATUS_WORDS, SEX, countries, ethnic_groups};

use super::Code;

const fn code(code: &'static str, name_zh: &'static str, name_en: &'static str) -> Code {
    Code { code, name_zh, name_en }
}
