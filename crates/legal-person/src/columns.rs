//! Which columns describe a legal person?

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
    column("name", "名称", "name", Sensitivity::Public, "The registered name, brackets full-width as registers print them."),
    column(
        "former_name",
        "曾用名",
        "former name",
        Sensitivity::Public,
        "The names it was registered under before, separated by semicolons.",
    ),
    column("uscc", "统一社会信用代码", "unified social credit code", Sensitivity::Public, "GB 32100-2015, 18 characters."),
    column(
        "registration_number",
        "注册号",
        "registration number",
        Sensitivity::Public,
        "The number of the business register, 15 digits; older numbers as text.",
    ),
    column(
        "organisation_code",
        "组织机构代码",
        "organisation code",
        Sensitivity::Public,
        "GB 11714-1997, nine characters: the code of before 2015, now inside the unified one.",
    ),
    column(
        "lei",
        "法人机构识别编码",
        "legal entity identifier",
        Sensitivity::Public,
        "ISO 17442, 20 characters: of those who trade on financial markets.",
    ),
    column(
        "legal_form",
        "企业类型",
        "legal form",
        Sensitivity::Public,
        "The enterprise type code of the market regulation, or the form in words where it has none.",
    ),
    column("legal_representative", "法定代表人", "legal representative", Sensitivity::Personal, "The name of the legal representative."),
    column(
        "legal_representative_id",
        "法定代表人证件号码",
        "legal representative's number",
        Sensitivity::Sensitive,
        "The identity number of the legal representative.",
    ),
    column("registered_capital", "注册资本", "registered capital", Sensitivity::Public, "Amount and currency, such as 1000000 CNY."),
    column("established_on", "成立日期", "established on", Sensitivity::Public, "The day it was established."),
    column("industry", "行业", "industry", Sensitivity::Public, "GB/T 4754: section letter and up to four digits."),
    column("address", "住所", "address", Sensitivity::Public, "The registered address from the province to the room."),
    column(
        "division",
        "行政区划",
        "division",
        Sensitivity::Public,
        "The administrative division, GB/T 2260, six digits; nine for a township.",
    ),
    column("phone", "联系电话", "telephone", Sensitivity::Internal, "Telephone numbers, separated by semicolons."),
    column(
        "status",
        "登记状态",
        "status",
        Sensitivity::Public,
        "active, revoked, deregistered, moved-away, rescinded, suspended, closed or liquidating.",
    ),
    column(
        "shareholders",
        "股东",
        "shareholders",
        Sensitivity::Personal,
        "The names of shareholders and investors, people or organisations, separated by semicolons.",
    ),
    column(
        "shareholder_ids",
        "股东证件号码",
        "shareholders' numbers",
        Sensitivity::Sensitive,
        "The numbers of the shareholders in the order of their names, separated by semicolons; empty where not known.",
    ),
    column("parent", "隶属企业", "parent organisation", Sensitivity::Public, "The name of the organisation that a branch belongs to."),
    column(
        "parent_uscc",
        "隶属企业统一社会信用代码",
        "parent's credit code",
        Sensitivity::Public,
        "The unified social credit code of the organisation that a branch belongs to.",
    ),
];
