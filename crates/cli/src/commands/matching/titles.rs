//! Which other titles do departments write over the standard columns?

use jiku_model::{Column, Kind};

/// What a column of a kind is called elsewhere, without spaces and marks, in lower case.
type Titles = &'static [(&'static str, &'static [&'static str])];

const PERSON: Titles = &[
    ("name", &["姓名", "名字", "公民姓名", "人员姓名", "本人姓名", "患者姓名", "学生姓名", "参保人姓名", "xm", "fullname", "personname"]),
    ("id_type", &["证件类型", "证件类别", "证件种类", "身份证件类型", "zjlx", "idtype"]),
    (
        "id_number",
        &[
            "证件号码",
            "证件号",
            "身份证号",
            "身份证号码",
            "身份证",
            "居民身份证号",
            "居民身份证号码",
            "公民身份号码",
            "公民身份证号",
            "身份号码",
            "身份证件号码",
            "身份证件号",
            "证件编号",
            "sfzh",
            "sfzhm",
            "gmsfhm",
            "zjhm",
            "idcard",
            "idcardno",
            "idno",
            "idnumber",
            "idcardnumber",
        ],
    ),
    ("sex", &["性别", "性别代码", "xb", "gender"]),
    ("birth_date", &["出生日期", "出生年月日", "出生年月", "生日", "出生时间", "csrq", "dob", "birthday", "birthdate", "dateofbirth"]),
    (
        "phone",
        &[
            "联系电话",
            "电话",
            "手机",
            "手机号",
            "手机号码",
            "移动电话",
            "联系方式",
            "电话号码",
            "联系手机",
            "本人电话",
            "lxdh",
            "sjh",
            "sjhm",
            "tel",
            "mobile",
            "telephone",
            "phonenumber",
            "mobilephone",
        ],
    ),
    (
        "address",
        &[
            "住址",
            "地址",
            "家庭住址",
            "家庭地址",
            "现住址",
            "现住地址",
            "居住地址",
            "居住地",
            "户籍地址",
            "户籍住址",
            "户口地址",
            "常住地址",
            "联系地址",
            "通讯地址",
            "通信地址",
            "详细地址",
            "住所",
            "zz",
            "xzz",
            "hjdz",
            "addr",
        ],
    ),
    ("division", &["行政区划", "行政区划代码", "区划", "区划代码", "行政区", "所属区划", "区划编码", "xzqh", "xzqhdm"]),
    ("ethnic_group", &["民族", "民族代码", "mz", "ethnicity", "nation"]),
    ("nationality", &["国籍", "国籍代码", "国家或地区", "gj"]),
    ("former_name", &["曾用名", "原名", "别名", "cym", "previousname"]),
    ("former_number", &["曾用证件号码", "原证件号码", "原身份证号", "原身份证号码", "旧身份证号", "旧身份证号码"]),
    ("former_spelling", &["曾误写姓名", "误写姓名", "更正前姓名"]),
    ("status", &["人员状态", "状态"]),
];

const LEGAL_PERSON: Titles = &[
    (
        "name",
        &[
            "名称",
            "单位名称",
            "企业名称",
            "公司名称",
            "机构名称",
            "法人名称",
            "组织机构名称",
            "纳税人名称",
            "商户名称",
            "市场主体名称",
            "全称",
            "单位",
            "企业",
            "companyname",
            "company",
            "organisation",
            "organization",
            "entname",
        ],
    ),
    (
        "uscc",
        &[
            "统一社会信用代码",
            "社会信用代码",
            "信用代码",
            "统一代码",
            "纳税人识别号",
            "税号",
            "tyshxydm",
            "shxydm",
            "creditcode",
            "unifiedcode",
        ],
    ),
    (
        "registration_number",
        &["注册号", "工商注册号", "营业执照号", "营业执照注册号", "登记证号", "登记号", "zch", "regno", "registrationno"],
    ),
    ("organisation_code", &["组织机构代码", "机构代码", "zzjgdm"]),
    ("lei", &["法人机构识别编码", "全球法人识别编码", "法人识别编码", "lei编码", "lei码", "leicode"]),
    ("former_name", &["曾用名", "曾用名称", "原名", "原名称", "cym", "previousname"]),
    ("legal_form", &["企业类型", "机构类型", "法人类型", "组织形式", "单位类型", "主体类型", "qylx"]),
    (
        "legal_representative",
        &["法定代表人", "法人代表", "法人", "法定代表人姓名", "负责人", "法人姓名", "法定代表人负责人", "经营者", "frdb", "representative"],
    ),
    (
        "legal_representative_id",
        &[
            "法定代表人证件号码",
            "法定代表人身份证号",
            "法定代表人证件号",
            "法人身份证号",
            "法人证件号码",
            "负责人身份证号",
            "法人代表身份证号",
        ],
    ),
    ("registered_capital", &["注册资本", "注册资金", "开办资金", "zczb", "capital"]),
    ("established_on", &["成立日期", "成立时间", "设立日期", "注册日期", "登记日期", "开业日期", "clrq", "founded"]),
    ("industry", &["行业", "行业代码", "所属行业", "行业门类", "hy"]),
    (
        "address",
        &[
            "住所",
            "地址",
            "注册地址",
            "经营地址",
            "经营场所",
            "单位地址",
            "企业地址",
            "注册住所",
            "住所地址",
            "生产经营地址",
            "联系地址",
            "办公地址",
            "zs",
        ],
    ),
    ("division", &["行政区划", "行政区划代码", "区划", "区划代码", "行政区", "登记机关区划", "xzqh", "xzqhdm"]),
    ("phone", &["联系电话", "电话", "手机", "手机号", "联系方式", "电话号码", "单位电话", "lxdh", "tel", "mobile", "telephone"]),
    ("status", &["状态", "经营状态", "登记状态", "企业状态"]),
];

/// Where a standard column stands in a table, under its name, its Chinese title or other titles it is known by. A table may have
/// several; then the first counts that has a value.
pub(crate) fn places(headers: &[String], kind: Kind, column: &Column) -> Vec<usize> {
    let titles = match kind {
        Kind::Person => PERSON,
        Kind::LegalPerson => LEGAL_PERSON,
        Kind::Parcel => &[],
    };
    let others = titles.iter().find(|(name, _)| *name == column.name).map_or(&[][..], |(_, others)| *others);
    let mut places: Vec<usize> = Vec::new();
    for wanted in [column.name, column.title_zh].iter().chain(others) {
        let wanted = plain(wanted);
        places.extend(headers.iter().position(|header| plain(header) == wanted));
    }
    let mut seen = std::collections::HashSet::new();
    places.retain(|place| seen.insert(*place));
    places
}

/// A header without case, spaces, marks and what stands in brackets.
fn plain(header: &str) -> String {
    let open = header.find(['(', '（', '[', '【', '/', '、']).filter(|at| *at > 0).unwrap_or(header.len());
    header[..open].chars().filter(|c| c.is_alphanumeric()).flat_map(char::to_lowercase).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::commands::matching::entity;

    #[track_caller]
    fn check(kind: Kind, column: &str, headers: &[&str], expected: &[usize]) {
        let headers: Vec<String> = headers.iter().map(|header| (*header).to_owned()).collect();
        let known = entity(kind).columns().iter().find(|known| known.name == column).expect("a standard column");
        assert_eq!(places(&headers, kind, known), expected, "{column} in {headers:?}");
    }

    #[test]
    fn columns_are_found_by_the_titles_departments_use() {
        check(Kind::Person, "id_number", &["姓名", "身份证号"], &[1]);
        check(Kind::Person, "id_number", &["ID Card No.", "name"], &[0]);
        check(Kind::Person, "phone", &["手机号码（必填）"], &[0]);
        check(Kind::Person, "birth_date", &["Date of birth"], &[0]);
        check(Kind::Person, "birth_date", &["姓名"], &[]);
        check(Kind::LegalPerson, "uscc", &["企业名称", "统一社会信用代码"], &[1]);
        check(Kind::LegalPerson, "legal_representative", &["法定代表人"], &[0]);
    }

    #[test]
    fn the_standard_name_comes_before_other_titles() {
        check(Kind::Person, "address", &["户籍地址", "address"], &[1, 0]);
        check(Kind::Person, "address", &["户籍地址", "现住址"], &[1, 0]);
    }

    #[test]
    fn every_title_belongs_to_a_standard_column() {
        for (kind, titles) in [(Kind::Person, PERSON), (Kind::LegalPerson, LEGAL_PERSON)] {
            let known: Vec<&str> = entity(kind).columns().iter().map(|column| column.name).collect();
            assert!(
                titles.iter().all(|(name, titles)| known.contains(name) && titles.iter().all(|title| plain(title) == *title)),
                "{kind}"
            );
        }
    }
}
