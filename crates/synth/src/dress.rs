//! How does a department write its files when nobody told it the standard columns?
//!
//! Own column names, own dates, own character set; the mapping file that understands them is made from the same table.

use std::borrow::Cow;
use std::fmt::Write;

use chrono::NaiveDate;

/// The habits of one department's files.
#[derive(Debug)]
pub(crate) struct Dress {
    source: &'static str,
    pub(crate) delimiter: u8,
    gb18030: bool,
    date: &'static str,
    /// Standard column and the department's name for it, in the order of its files.
    pub(crate) columns: &'static [(&'static str, &'static str)],
}

const DATES: [&str; 3] = ["birth_date", "valid_from", "established_on"];

const DRESSES: [Dress; 10] = [
    Dress {
        source: "gongan",
        delimiter: b'\t',
        gb18030: true,
        date: "%Y%m%d",
        columns: &[
            ("source_key", "RYBH"),
            ("name", "XM"),
            ("former_name", "CYM"),
            ("id_type", "ZJZL"),
            ("id_number", "GMSFHM"),
            ("sex", "XBDM"),
            ("birth_date", "CSRQ"),
            ("ethnic_group", "MZDM"),
            ("nationality", "GJDM"),
            ("marital_status", "HYZK"),
            ("spouse", "POXM"),
            ("spouse_id", "POSFHM"),
            ("guardian", "JHRXM"),
            ("guardian_id", "JHRSFHM"),
            ("division", "SSXQ"),
            ("address", "HKSZD"),
            ("phone", "LXDH"),
            ("status", "HJZT"),
            ("valid_from", "GXSJ"),
        ],
    },
    Dress {
        source: "minzheng",
        delimiter: b',',
        gb18030: true,
        date: "%Y/%m/%d",
        columns: &[
            ("source_key", "登记字号"),
            ("name", "当事人姓名"),
            ("former_name", "曾用名"),
            ("id_type", "证件类型"),
            ("id_number", "身份证件号"),
            ("sex", "性别"),
            ("birth_date", "出生年月"),
            ("ethnic_group", "民族"),
            ("nationality", "国籍"),
            ("marital_status", "婚姻状况"),
            ("spouse", "配偶姓名"),
            ("spouse_id", "配偶身份证件号"),
            ("phone", "联系电话"),
            ("division", "常住户口所在地代码"),
            ("address", "常住户口所在地"),
            ("status", "状态"),
            ("valid_from", "登记日期"),
        ],
    },
    Dress {
        source: "scjg",
        delimiter: b'\t',
        gb18030: false,
        date: "%Y年%m月%d日",
        columns: &[
            ("source_key", "主体身份代码"),
            ("name", "企业名称"),
            ("uscc", "统一社会信用代码"),
            ("registration_number", "注册号"),
            ("legal_form", "企业类型"),
            ("legal_representative", "法定代表人"),
            ("legal_representative_id", "法定代表人证件号"),
            ("registered_capital", "注册资本"),
            ("established_on", "成立日期"),
            ("industry", "行业门类"),
            ("address", "住所"),
            ("division", "登记机关区划"),
            ("phone", "联系电话"),
            ("status", "登记状态"),
            ("shareholders", "股东"),
            ("shareholder_ids", "股东证件号"),
            ("parent", "隶属企业"),
            ("parent_uscc", "隶属企业代码"),
        ],
    },
    Dress {
        source: "shzz",
        delimiter: b',',
        gb18030: true,
        date: "%Y.%m.%d",
        columns: &[
            ("source_key", "登记证号"),
            ("name", "社会组织名称"),
            ("uscc", "统一社会信用代码"),
            ("registration_number", "原登记证号"),
            ("legal_form", "社会组织类型"),
            ("legal_representative", "法定代表人"),
            ("legal_representative_id", "法定代表人身份证号"),
            ("registered_capital", "开办资金"),
            ("established_on", "成立登记日期"),
            ("industry", "行业门类"),
            ("address", "住所"),
            ("division", "登记管理机关区划"),
            ("phone", "电话"),
            ("status", "社会组织状态"),
        ],
    },
    Dress {
        source: "caigou",
        delimiter: b';',
        gb18030: false,
        date: "%Y/%m/%d",
        columns: &[
            ("source_key", "供应商编号"),
            ("name", "供应商名称"),
            ("uscc", "组织机构代码或信用代码"),
            ("registration_number", "营业执照注册号"),
            ("legal_form", "单位性质"),
            ("legal_representative", "法人代表"),
            ("registered_capital", "注册资金"),
            ("established_on", "成立时间"),
            ("industry", "所属行业"),
            ("address", "单位地址"),
            ("division", "所属区划"),
            ("phone", "办公电话"),
            ("status", "状态"),
        ],
    },
    Dress {
        source: "renshe",
        delimiter: b';',
        gb18030: false,
        date: "%Y/%m/%d",
        columns: &[
            ("source_key", "GRBH"),
            ("name", "XM"),
            ("id_type", "ZJLX"),
            ("id_number", "ZJHM"),
            ("sex", "XB"),
            ("birth_date", "CSRQ"),
            ("ethnic_group", "MZ"),
            ("nationality", "GJ"),
            ("phone", "LXDH"),
            ("division", "XZQH"),
            ("address", "DZ"),
            ("status", "ZT"),
            ("valid_from", "GXRQ"),
        ],
    },
    Dress {
        source: "jiaoyu",
        delimiter: b',',
        gb18030: false,
        date: "%Y年%m月%d日",
        columns: &[
            ("source_key", "学籍号"),
            ("name", "学生姓名"),
            ("former_name", "曾用名"),
            ("sex", "性别"),
            ("birth_date", "出生日期"),
            ("ethnic_group", "民族"),
            ("nationality", "国籍"),
            ("id_type", "证件类型"),
            ("id_number", "证件号码"),
            ("address", "家庭住址"),
            ("division", "行政区划"),
            ("phone", "家长电话"),
            ("status", "状态"),
            ("valid_from", "更新日期"),
            ("guardian", "监护人姓名"),
            ("guardian_id", "监护人证件号"),
        ],
    },
    Dress {
        source: "weijian",
        delimiter: b',',
        gb18030: true,
        date: "%Y%m%d",
        columns: &[
            ("source_key", "档案编号"),
            ("name", "姓名"),
            ("sex", "性别"),
            ("birth_date", "出生日期"),
            ("id_type", "证件类别"),
            ("id_number", "身份证号"),
            ("phone", "本人电话"),
            ("address", "现住址"),
            ("division", "区划代码"),
            ("ethnic_group", "民族"),
            ("nationality", "国籍"),
            ("status", "档案状态"),
            ("valid_from", "建档日期"),
            ("guardian", "监护人"),
            ("guardian_id", "监护人身份证号"),
        ],
    },
    Dress {
        source: "zhujian",
        delimiter: b'\t',
        gb18030: false,
        date: "%Y.%m.%d",
        columns: &[
            ("source_key", "申请编号"),
            ("name", "申请人"),
            ("id_type", "证件名称"),
            ("id_number", "证件号"),
            ("sex", "性别"),
            ("birth_date", "出生年月日"),
            ("phone", "手机"),
            ("address", "房屋坐落"),
            ("division", "区划"),
            ("nationality", "国家地区"),
            ("status", "状态"),
            ("valid_from", "登记日期"),
        ],
    },
    Dress {
        source: "shuiwu",
        delimiter: b',',
        gb18030: true,
        date: "%Y%m%d",
        columns: &[
            ("source_key", "登记序号"),
            ("name", "纳税人名称"),
            ("uscc", "社会信用代码"),
            ("registration_number", "原注册号"),
            ("legal_form", "登记注册类型"),
            ("legal_representative", "法定代表人姓名"),
            ("legal_representative_id", "法定代表人证件号码"),
            ("registered_capital", "注册资本"),
            ("established_on", "开业日期"),
            ("industry", "行业门类"),
            ("address", "注册地址"),
            ("division", "行政区划"),
            ("phone", "联系电话"),
            ("status", "纳税人状态"),
            ("shareholders", "投资方"),
            ("parent", "总机构名称"),
            ("parent_uscc", "总机构信用代码"),
        ],
    },
];

/// The dress of a source's files; none for the parcels of the land register, which are tables of standard columns or GeoJSON.
pub(crate) fn of(source: &str) -> Option<&'static Dress> {
    DRESSES.iter().find(|dress| dress.source == source)
}

impl Dress {
    /// The value as this department writes it.
    pub(crate) fn cell<'a>(&self, column: &str, value: &'a str) -> Cow<'a, str> {
        let date = DATES.contains(&column).then(|| value.parse::<NaiveDate>().ok()).flatten();
        date.map_or(Cow::Borrowed(value), |date| Cow::Owned(date.format(self.date).to_string()))
    }

    /// The text in the character set of the department.
    pub(crate) fn bytes<'a>(&self, text: &'a str) -> Cow<'a, [u8]> {
        if self.gb18030 { encoding_rs::GB18030.encode(text).0 } else { Cow::Borrowed(text.as_bytes()) }
    }
}

/// The mapping file (TOML, `docs/ingest.md`) for the files a source writes in its own dress; none for sources that send
/// the standard columns.
#[must_use]
pub fn mapping(source: &str) -> Option<String> {
    let dress = of(source)?;
    let delimiter = if dress.delimiter == b'\t' { "\\t".to_owned() } else { char::from(dress.delimiter).to_string() };
    let charset = if dress.gb18030 { "gb18030" } else { "utf-8" };
    let mut toml = format!("source = \"{source}\"\nformat = \"csv\"\ncharset = \"{charset}\"\ndelimiter = \"{delimiter}\"\n\n[columns]\n");
    for (column, own) in dress.columns {
        // Writing to a string cannot fail.
        let _ = writeln!(toml, "\"{own}\" = \"{column}\"");
    }
    toml.push_str("\n[dates]\n");
    for (column, _) in dress.columns.iter().filter(|(column, _)| DATES.contains(column)) {
        let _ = writeln!(toml, "{column} = \"{}\"", dress.date);
    }
    Some(toml)
}
