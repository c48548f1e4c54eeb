//! Which standard column does a column of a file mean, by its name?
//!
//! A proposal for somebody who maps a file by hand; nothing is mapped because of it alone.

use jiku_model::Column;

/// Names departments use, beside the standard names and titles: the words of national data standards, their initials, and
/// what spreadsheets are headed with.
const SYNONYMS: &[(&str, &[&str])] = &[
    ("source", &["来源", "来源系统", "数据来源", "来源代码", "sourcesystem"]),
    ("source_key", &["编号", "主键", "记录编号", "人员编号", "业务编号", "标识", "id", "key", "rowid", "recordid", "uuid"]),
    ("name", &["姓名", "中文姓名", "名称", "企业名称", "单位名称", "公司名称", "机构名称", "纳税人名称", "xm", "mc", "fullname"]),
    ("id_type", &["证件类型", "证件种类", "zjlx"]),
    (
        "id_number",
        &["身份证", "身份证号", "身份证号码", "公民身份号码", "公民身份证号", "证件号", "证件号码", "sfzh", "sfzhm", "gmsfhm", "zjhm"],
    ),
    ("sex", &["性别", "xb", "gender"]),
    ("birth_date", &["出生日期", "出生年月", "出生年月日", "生日", "csrq", "dob", "dateofbirth", "birthday"]),
    ("phone", &["电话", "手机", "手机号", "手机号码", "电话号码", "联系电话", "联系方式", "lxdh", "sjhm", "tel", "mobile", "telephone"]),
    (
        "address",
        &[
            "地址",
            "住址",
            "住所",
            "家庭住址",
            "户籍地址",
            "现住址",
            "居住地址",
            "居住地",
            "注册地址",
            "经营地址",
            "单位地址",
            "通讯地址",
            "zz",
            "dz",
        ],
    ),
    ("division", &["行政区划", "行政区划代码", "区划", "区划代码", "xzqh", "xzqhdm"]),
    ("ethnic_group", &["民族", "mz"]),
    ("nationality", &["国籍", "国家", "gj"]),
    ("former_name", &["曾用名", "原名", "原名称", "曾用名称", "cym"]),
    ("former_number", &["曾用证件号码", "原证件号码", "原身份证号", "原身份证号码", "旧身份证号", "旧身份证号码"]),
    ("former_spelling", &["曾误写姓名", "误写姓名", "更正前姓名"]),
    ("status", &["状态", "登记状态", "经营状态", "人员状态"]),
    ("valid_from", &["生效日期", "起始日期", "有效期起"]),
    ("uscc", &["统一社会信用代码", "社会信用代码", "信用代码", "统一代码", "tyshxydm", "creditcode"]),
    ("registration_number", &["注册号", "工商注册号", "登记号", "zch"]),
    ("organisation_code", &["组织机构代码", "机构代码", "zzjgdm"]),
    ("lei", &["法人机构识别编码", "全球法人识别编码", "法人识别编码", "lei编码", "lei码", "leicode"]),
    ("legal_form", &["企业类型", "公司类型", "主体类型", "单位类型", "经济类型", "qylx"]),
    ("legal_representative", &["法定代表人", "法定代表人姓名", "法人代表", "负责人", "fddbr"]),
    ("legal_representative_id", &["法定代表人证件号", "法定代表人证件号码", "法定代表人身份证号", "法人身份证号", "fddbrzjhm"]),
    ("registered_capital", &["注册资本", "注册资金", "zczb"]),
    ("established_on", &["成立日期", "成立时间", "注册日期", "clrq"]),
    ("industry", &["行业", "行业代码", "所属行业", "hydm"]),
    ("parcel_code", &["宗地代码", "宗地编码", "宗地号", "地块编号", "zddm"]),
    ("unit_code", &["不动产单元代码", "不动产单元号", "bdcdyh"]),
    ("land_use", &["土地用途", "用途", "地类", "地类编码", "dlbm", "yt"]),
    ("registered_area_m2", &["登记面积", "宗地面积", "土地面积", "面积", "zdmj", "mj", "area"]),
    ("location", &["坐落", "土地坐落", "位置", "zl"]),
    ("right_holder", &["权利人", "权利人名称", "使用权人", "所有权人", "qlr", "owner"]),
    ("right_holder_id", &["权利人证件号", "权利人证件号码", "qlrzjh"]),
    ("right_share", &["共有比例", "份额", "qlbl"]),
    ("rights", &["权利", "权利信息", "rrr"]),
    ("right_type", &["权利类型", "qllx"]),
    ("geometry", &["几何", "图形", "空间范围", "wkt", "geom", "shape"]),
];

/// Standard columns that files have and no kind lists.
const SHARED: [&str; 2] = ["source", "source_key"];

/// The standard column that a column of this name most likely means; none when nothing is likely.
#[must_use]
pub fn suggest(name: &str, columns: &[Column]) -> Option<&'static str> {
    let asked = plain(name);
    if asked.is_empty() {
        return None;
    }
    let known = |standard: &str| SHARED.contains(&standard) || columns.iter().any(|column| column.name == standard);
    let shared = SHARED.into_iter().find(|standard| plain(standard) == asked);
    let titled = || {
        let same = |column: &&Column| [column.name, column.title_zh, column.title_en].iter().any(|title| plain(title) == asked);
        columns.iter().find(same).map(|column| column.name)
    };
    let synonym =
        || SYNONYMS.iter().find(|(standard, names)| known(standard) && names.contains(&asked.as_str())).map(|(standard, _)| *standard);
    shared.or_else(titled).or_else(synonym)
}

/// A name without case, white space, separators, full-width forms and what stands in brackets.
fn plain(name: &str) -> String {
    let mut depth = 0_u32;
    let mut kept = String::with_capacity(name.len());
    for letter in name.chars() {
        // Full-width forms of ASCII lie at a fixed distance.
        let letter = match letter {
            '\u{FF01}'..='\u{FF5E}' => char::from_u32(u32::from(letter) - 0xFEE0).unwrap_or(letter),
            other => other,
        };
        match letter {
            '(' | '[' | '【' => depth += 1,
            ')' | ']' | '】' => depth = depth.saturating_sub(1),
            _ if depth > 0 || letter.is_whitespace() || matches!(letter, '_' | '-' | '.' | ':' | '*' | '/' | '\'' | '’' | '\u{feff}') => {
            }
            _ => kept.extend(letter.to_lowercase()),
        }
    }
    kept
}

#[cfg(test)]
mod tests {
    use super::*;
    use jiku_model::Sensitivity;

    const fn column(name: &'static str, title_zh: &'static str, title_en: &'static str) -> Column {
        Column { name, title_zh, title_en, about: "", sensitivity: Sensitivity::Public }
    }

    #[test]
    fn the_names_departments_use_lead_to_standard_columns() {
        let columns = [
            column("name", "姓名", "Name"),
            column("id_number", "证件号码", "Identity number"),
            column("birth_date", "出生日期", "Date of birth"),
            column("registered_area_m2", "登记面积（平方米）", "Registered area (m²)"),
        ];
        for (name, expected) in [
            ("name", Some("name")),
            (" 姓 名 ", Some("name")),
            ("身份证号码", Some("id_number")),
            ("公民身份号码（18位）", Some("id_number")),
            ("ＳＦＺＨ", Some("id_number")),
            ("Date-of-Birth", Some("birth_date")),
            ("宗地面积(m²)", Some("registered_area_m2")),
            ("登记面积", Some("registered_area_m2")),
            ("SOURCE_KEY", Some("source_key")),
            ("编号", Some("source_key")),
            ("统一社会信用代码", None),
            ("备注", None),
            ("()", None),
        ] {
            assert_eq!(suggest(name, &columns), expected, "{name}");
        }
    }

    #[test]
    fn every_synonym_stands_once() {
        let mut all: Vec<&str> = SYNONYMS.iter().flat_map(|(_, names)| names.iter().copied()).collect();
        let count = all.len();
        all.sort_unstable();
        all.dedup();
        assert_eq!(all.len(), count);
        assert!(all.iter().all(|name| plain(name) == *name));
    }
}
