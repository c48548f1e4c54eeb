//! What is found wrong with a record, in the language of the page?
//!
//! The engines say it in English, one sentence of advice beside a stable code; here each code has its Chinese.

use jiku_model::Problem;

use super::Language;

/// Code, and what is wrong in Chinese.
const REASONS: &[(&str, &str)] = &[
    // Every kind.
    ("required", "缺少必填内容"),
    ("type-mismatch", "值的类型不对：姓名、号码须为文字"),
    ("too-long", "内容过长"),
    ("invalid-unicode", "含有无法存储的字符"),
    ("control-character", "含有控制字符，按空格处理"),
    ("bidi-removed", "含有文字方向控制符，已去除"),
    ("zero-width-removed", "含有零宽字符，已去除"),
    ("pua-character", "含有旧系统的自造字，保留原样"),
    ("replacement-character", "有字符丢失（�、?、□），请补正"),
    ("masked-value", "值已被打码，不能用于比对"),
    ("code-unknown", "代码表中没有此代码或名称"),
    ("date-invalid", "日历上没有这一天"),
    ("date-format", "日期写法不标准，请用 2026-05-01 的形式"),
    ("date-zone-missing", "带有时刻却未注明时区，按北京时间的当天读取；请只写日期"),
    ("date-partial", "用 0 代替了不详的月或日，按已知部分保留"),
    ("date-range", "日期超出合理范围"),
    ("date-placeholder", "占位用的日期，不作为数据"),
    ("phone-format", "不是电话号码"),
    ("phone-placeholder", "占位用的电话号码"),
    ("phone-shared", "许多记录共用的电话号码，不用于比对"),
    ("division-historical", "已撤销的行政区划，按其继承者处理"),
    ("township-unknown", "该县区没有这个乡镇街道代码"),
    ("township-ambiguous", "民政与统计两套代码中，此代码指不同的乡镇街道"),
    ("address-placeholder", "占位用的地址，不作为数据"),
    ("address-ambiguous", "有多个同名区划，无法确定"),
    ("address-conflict", "区县不属于前面所写的城市"),
    ("address-phone", "地址末尾粘连了手机号，已截去"),
    ("address-duplicate", "行政区划重复书写，已合并"),
    ("address-no-division", "地址没有写明行政区划"),
    ("address-too-short", "地址只到省级"),
    // Numbers.
    ("id-checksum", "校验码不符，请核对号码"),
    ("id-invalid", "号码中的地区、国籍或出生日期不存在"),
    ("id-format", "号码的长度或字符不符合证件种类"),
    ("id-placeholder", "占位用的号码，不用于归并"),
    ("id-shared", "另有他人或其他单位的记录使用同一号码，请核实属于谁"),
    ("id-spreadsheet-loss", "号码被电子表格破坏，无法还原，请向来源索取原号码"),
    ("sex-conflict", "与姓名旁注明的性别或称谓不一致"),
    ("id-conflict", "与身份证号码中的出生日期或性别不一致"),
    ("id-region-unknown", "号码中的地区代码不在历年区划表中"),
    ("id-type-conflict", "号码属于另一种证件"),
    ("id-normalised", "号码写法已规整"),
    ("id-legacy", "旧式号码，按新号码一并比对"),
    ("id-repaired", "信用代码中误用的字母已更正"),
    ("id-moved", "号码写在了别的栏，已移回"),
    ("list-mismatch", "号码的个数与姓名的个数不符"),
    ("id-department", "信用代码的登记管理部门代码不在标准中"),
    ("id-category", "信用代码的机构类别代码不在标准中"),
    ("org-code-checksum", "信用代码中的组织机构代码校验码不符"),
    // Names.
    ("name-placeholder", "占位用的姓名，不作为数据"),
    ("name-too-short", "姓名只有一个字"),
    ("name-digit", "姓名中含有数字"),
    ("name-honorific", "姓名带有称谓，已去除"),
    ("name-remark", "名称带有括注，已截去并另作处理"),
    ("name-which-one", "姓名后的备注用于区分同名的两人，已随姓名保留，请用单独的字段报送"),
    ("name-several", "一个字段中填写了多人姓名，请一人一条分别报送"),
    ("name-romanised", "名称同时填写了汉字和拉丁字母，拉丁字母部分已截去"),
    ("mojibake", "文字编码错误（乱码）"),
    ("name-form-only", "只有组织形式，没有字号"),
    ("name-no-trade-name", "名称中没有字号"),
    ("name-description", "名称是描述，不是登记名称"),
    ("name-of-person", "这是自然人的姓名"),
    ("name-truncated", "名称不完整，末尾被截断"),
    ("name-code-glued", "名称末尾粘连了信用代码，已取作代码"),
    ("amount-format", "不是金额"),
    // Parcels.
    ("unit-code-mismatch", "不动产单元代码属于另一宗地"),
    ("parcel-code-county", "宗地代码中的区县不存在"),
    ("parcel-overlap", "与相邻宗地重叠"),
    ("parcel-outside-division", "界线超出所属行政区划"),
    ("parcel-code-division", "宗地代码与所在区划不符"),
    ("parcel-outside-extent", "宗地不在本库范围内"),
    ("geometry-unsupported", "此种几何无法检查"),
    ("geometry-no-area", "宗地、部件或孔洞没有面积"),
    ("geometry-strip", "宗地、部件或孔洞为狭长条"),
    ("parcel-sliver", "与相邻宗地之间有细缝或细长重叠"),
    ("parcel-missing-vertex", "共用界线上缺少界址点"),
    ("datum-suspected", "坐标疑似 GCJ-02 或 BD-09，请核对坐标系"),
    ("zone-suspected", "坐标疑似属于其他分带，请核对中央子午线"),
    ("parcel-retired", "该宗地已因编辑而终止"),
    ("parcel-code-retired", "该宗地代码曾用于已终止的宗地，不再使用"),
    ("source-reserved", "parcel-edit 是本系统编辑的来源，不能报送"),
    ("stage", "阶段只能是 draft 或 registered"),
    ("code-column", "代码写在了另一种代码的栏，已移回"),
    ("code-form", "代码写法已规整"),
    ("land-use-edition", "三位的地类代码：2007 年版或丢失了零"),
    ("land-use-suffix", "地类后的调查附注已另存"),
    ("land-use-form", "地类名称已换为代码"),
    ("party-number", "权利人证件号既不是身份证号码也不是信用代码"),
    ("right-share", "份额须为不大于一的分数"),
    ("rights-form", "权利清单的格式不对，或超过五百项"),
    ("right-without-holder", "有一项权利没有写明权利人，已略去"),
    ("rights-differ", "权利人不在权利清单之中"),
    ("right-shares", "各权利人的份额相加不是一个整体"),
    ("date-order", "终止日期早于起始日期"),
    ("area-invalid", "登记面积须为正数"),
    ("area-mismatch", "登记面积与界线面积相差百分之一以上"),
    ("area-difference", "登记面积与界线面积略有出入"),
    ("crs-unsupported", "不支持的坐标系，或与几何所声明的不一致"),
    ("wkb-invalid", "WKB 无法读取"),
    ("wkt-syntax", "WKT 无法读取"),
    ("geojson-invalid", "GeoJSON 无法读取"),
    ("geometry-type", "几何不是多边形"),
    ("geometry-empty", "几何为空"),
    ("geometry-nonfinite", "坐标不是数字"),
    ("coordinate-range", "坐标超出所声明坐标系的范围"),
    ("coordinate-order-suspected", "坐标的先后次序疑似颠倒"),
    ("geometry-ring", "环没有闭合或点数不足"),
    ("geometry-degenerate", "几何没有面积"),
    ("geometry-self-intersection", "界线自相交"),
    ("geometry-rings", "内外环的关系不成立"),
    ("geometry-interior-disconnected", "内部不连通"),
    ("geometry-too-complex", "几何过于复杂"),
    ("outside-extent", "几何不在代码所指的地方，或范围过大"),
    ("geometry-repeated-position", "重复的界址点，已去除"),
    ("geometry-dimension-dropped", "高程已去除"),
    ("datum-approximate", "由 GCJ-02 或 BD-09 近似换算"),
];

/// What a reason code of records says in Chinese; the engines' advice says it in English.
#[must_use]
pub fn reason_in_chinese(code: &str) -> Option<&'static str> {
    REASONS.iter().find(|(known, _)| *known == code).map(|(_, chinese)| *chinese)
}

/// What is wrong: the Chinese of its code, or the engine's own words.
pub(super) fn in_words(l: Language, problem: &Problem) -> String {
    told(l, &problem.code, &problem.advice)
}

/// What a code says, with the engine's advice beside it. Advice on geometries names the place, which the code does not.
pub(super) fn told(l: Language, code: &str, advice: &str) -> String {
    match reason_in_chinese(code).filter(|_| l == Language::Zh) {
        Some(chinese) if code.starts_with("geometry-") || code.starts_with("coordinate-") => format!("{chinese}（{advice}）"),
        Some(chinese) => chinese.to_owned(),
        None => advice.to_owned(),
    }
}

/// The table for the scripts of a page: code to Chinese, empty on a page in English.
pub(super) fn table(l: Language) -> String {
    let known = REASONS.iter().filter(|_| l == Language::Zh).map(|(code, chinese)| ((*code).to_owned(), (*chinese).into()));
    serde_json::Value::Object(known.collect()).to_string()
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The codes of the documentation, but for families that it only begins.
    fn documented() -> Vec<&'static str> {
        let table = include_str!("../../../../docs/reason-codes.md").lines().filter(|line| line.starts_with("| `"));
        let cells = table.filter_map(|line| line.split('|').nth(1));
        cells.flat_map(|cell| cell.split('`').skip(1).step_by(2)).filter(|code| !code.contains('…')).collect()
    }

    #[test]
    fn every_documented_reason_has_its_chinese() {
        let codes = documented();
        assert!(codes.len() > 80, "{codes:?}");
        for code in codes {
            assert!(REASONS.iter().any(|(known, _)| *known == code), "{code} has no Chinese");
        }
        for (at, (code, chinese)) in REASONS.iter().enumerate() {
            assert!(REASONS[at + 1..].iter().all(|(other, _)| other != code) && !chinese.is_ascii(), "{code}");
        }
    }

    #[test]
    fn a_geometry_names_its_place_and_what_is_not_known_stands_as_it_is() {
        assert_eq!(told(Language::Zh, "id-checksum", "check it"), "校验码不符，请核对号码");
        assert_eq!(told(Language::Zh, "geometry-ring", "ring 2"), "环没有闭合或点数不足（ring 2）");
        assert_eq!(told(Language::En, "id-checksum", "check it"), "check it");
        assert_eq!(told(Language::Zh, "new-code", "as it is"), "as it is");
    }
}
