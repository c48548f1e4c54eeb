//! Which columns describe a person?

use jiku_model::{Column, Sensitivity};

const fn column(
    name: &'static str,
    title_zh: &'static str,
    title_en: &'static str,
    sensitivity: Sensitivity,
    about: &'static str,
) -> Column {
    Column { name, title_zh, title_en, about, sensitivity }
}

/// The standard columns in the order of files.
pub(crate) const COLUMNS: [Column; 20] = [
    column("name", "姓名", "name", Sensitivity::Personal, "The legal name as written, separator of minority names U+00B7."),
    column(
        "id_type",
        "证件类型",
        "document type",
        Sensitivity::Internal,
        "The type of the identity document, a code of the GA/T 517 family; 111 is the resident identity card.",
    ),
    column(
        "id_number",
        "证件号码",
        "document number",
        Sensitivity::Sensitive,
        "The number of the identity document: citizen number (GB 11643), permit, card or passport.",
    ),
    column("sex", "性别", "sex", Sensitivity::Personal, "GB/T 2261.1: 0 unknown, 1 male, 2 female, 9 not specified."),
    column(
        "birth_date",
        "出生日期",
        "date of birth",
        Sensitivity::Sensitive,
        "The Gregorian date of birth, as far as known: YYYY, YYYY-MM or YYYY-MM-DD.",
    ),
    column("phone", "联系电话", "telephone", Sensitivity::Sensitive, "Telephone numbers, separated by semicolons."),
    column("address", "住址", "address", Sensitivity::Sensitive, "The address from the province to the room."),
    column(
        "division",
        "行政区划",
        "division",
        Sensitivity::Internal,
        "The administrative division, GB/T 2260, six digits; nine for a township.",
    ),
    column("ethnic_group", "民族", "ethnic group", Sensitivity::Sensitive, "GB/T 3304, two digits."),
    column("nationality", "国籍", "nationality", Sensitivity::Personal, "ISO 3166-1 alpha-3."),
    column("former_name", "曾用名", "former name", Sensitivity::Personal, "An earlier legal name."),
    column("status", "人员状态", "status", Sensitivity::Personal, "active, deceased, moved-away, emigrated, missing or cancelled."),
    column("valid_from", "生效日期", "valid from", Sensitivity::Internal, "The day from which the record holds in the world."),
    column("marital_status", "婚姻状况", "marital status", Sensitivity::Sensitive, "GB/T 2261.2, two digits: 10 unmarried, 20 married …"),
    column("spouse", "配偶", "spouse", Sensitivity::Personal, "The name of the spouse."),
    column("spouse_id", "配偶证件号码", "spouse's number", Sensitivity::Sensitive, "The identity number of the spouse."),
    column("guardian", "监护人", "guardian", Sensitivity::Personal, "The name of a minor's guardian."),
    column("guardian_id", "监护人证件号码", "guardian's number", Sensitivity::Sensitive, "The identity number of the guardian."),
    column(
        "former_number",
        "曾用证件号码",
        "former document number",
        Sensitivity::Sensitive,
        "Document numbers that were corrected or replaced, separated by semicolons.",
    ),
    column(
        "former_spelling",
        "曾误写姓名",
        "former spelling",
        Sensitivity::Personal,
        "Spellings of the name that were put right, separated by semicolons: slips, no former names.",
    ),
];
