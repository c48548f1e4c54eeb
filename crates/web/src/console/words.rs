//! What are the words of the service called on a page?
//!
//! One table for the words that come from below: kinds, states, reasons, rules, roles. What a page says of its own stands
//! in its template, Chinese and English side by side.

use jiku_model::{Kind, SourceCode, SourceSystem};

use super::Language;

/// What the base of a kind is called.
pub(crate) const fn base(language: Language, kind: Kind) -> &'static str {
    match (language, kind) {
        (Language::Zh, Kind::Person) => "人口库",
        (Language::Zh, Kind::LegalPerson) => "法人库",
        (Language::Zh, Kind::Parcel) => "宗地库",
        (Language::En, Kind::Person) => "People",
        (Language::En, Kind::LegalPerson) => "Legal persons",
        (Language::En, Kind::Parcel) => "Parcels",
    }
}

/// What one entity of a kind is called.
pub(crate) const fn one(language: Language, kind: Kind) -> &'static str {
    match (language, kind) {
        (Language::Zh, Kind::Person) => "自然人",
        (Language::Zh, Kind::LegalPerson) => "法人",
        (Language::Zh, Kind::Parcel) => "宗地",
        (Language::En, Kind::Person) => "Person",
        (Language::En, Kind::LegalPerson) => "Legal person",
        (Language::En, Kind::Parcel) => "Parcel",
    }
}

/// The columns of a kind with their titles; the geometry has no place in a table.
pub(crate) fn columns(language: Language, kind: Kind) -> impl Iterator<Item = (&'static str, &'static str)> {
    let columns = jiku_registry::columns(kind).iter().filter(|column| column.name != "geometry");
    columns.map(move |column| (column.name, language.say(column.title_zh, column.title_en)))
}

/// What a source system is called; its code when nobody has named it.
pub(crate) fn source(known: &[SourceSystem], code: &SourceCode) -> String {
    let name = known.iter().find(|source| source.code == *code).map(|source| source.name.clone()).filter(|name| !name.is_empty());
    name.unwrap_or_else(|| code.to_string())
}

/// A text of ids and numbers from below: the few words between them are put into Chinese, each pair in its order.
pub(crate) fn between(language: Language, told: &str, words: &[(&str, &str)]) -> String {
    match language {
        Language::En => told.to_owned(),
        Language::Zh => words.iter().fold(told.to_owned(), |told, (english, chinese)| told.replace(english, chinese)),
    }
}

/// As what a text was read that somebody searched for.
pub(crate) fn field(language: Language, field: &str) -> &'static str {
    let (zh, en) = match field {
        "name" => ("姓名或名称", "name"),
        "name_begins" => ("姓名或名称的开头", "how the name begins"),
        "pinyin" => ("拼音", "pinyin"),
        "initials" => ("拼音首字母", "initials"),
        "number" => ("证件号码或代码", "number"),
        "phone" => ("电话", "phone"),
        "birth_date" => ("出生日期", "birth date"),
        "address" => ("地址", "address"),
        "code" => ("宗地代码", "parcel code"),
        _ => ("文字", "text"),
    };
    language.say(zh, en)
}

/// Word, Chinese, English.
const WORDS: &[(&str, &str, &str)] = &[
    // States of an entity, a job, a task.
    ("active", "有效", "active"),
    ("merged", "已合并", "merged"),
    ("retired", "已停用", "retired"),
    ("running", "进行中", "running"),
    ("finished", "已完成", "finished"),
    ("failed", "失败", "failed"),
    ("too-many-row-errors", "错误行过多", "too many rows refused"),
    ("open", "待审", "open"),
    ("decided", "已判定", "decided"),
    ("closed", "已关闭", "closed"),
    ("approved", "已批准", "approved"),
    ("rejected", "已否决", "rejected"),
    ("withdrawn", "已撤回", "withdrawn"),
    ("taken", "已导出", "taken"),
    ("stale", "已过时", "out of date"),
    // What happened to an entity.
    ("created", "新建", "created"),
    ("updated", "更新", "updated"),
    ("revived", "恢复", "came back"),
    ("redirected", "改为指向", "redirected"),
    ("rejudged", "重新判定", "judged anew"),
    ("remodelled", "启用模型", "model put into use"),
    ("rules-changed", "启用存活规则", "survivorship rules put into use"),
    ("survivorship", "启用存活规则", "survivorship rules put into use"),
    // Why a merge needs two people.
    ("large", "超过五十条记录", "more than fifty records"),
    // Why a task waits.
    ("unsure", "模型不能确定", "the model is unsure"),
    ("rule", "模型规则不许自动归并", "held by a rule of the model"),
    ("conflicting-identifier", "标识冲突", "identifiers conflict"),
    ("cannot-link", "规则或人工判定不同", "a rule or a steward keeps them apart"),
    ("out-voted", "多数记录对反对", "most pairs speak against it"),
    ("contested", "同时符合另一方", "fits another nearly as well"),
    ("too-large", "合并后过大", "would become too large"),
    ("bridge", "仅凭一条记录相连", "joined by one record only"),
    ("parcel-overlap", "宗地重叠", "parcels overlap"),
    ("duplicate-free-source", "同一来源内重复", "twice in one source"),
    // Acts.
    ("merge", "合并", "merge"),
    ("unmerge", "撤销", "undo"),
    ("split", "拆分", "split"),
    ("judge", "判定", "verdict"),
    ("override", "人工设定", "value set by hand"),
    ("release", "解除设定", "value released"),
    ("model", "启用模型", "match model put into use"),
    ("parcel-create", "新建宗地", "parcel made"),
    ("parcel-replace", "替换宗地", "parcel replaced"),
    ("parcel-patch", "修改宗地", "parcel changed"),
    ("parcel-retire", "注销宗地", "parcel ended"),
    ("parcel-split", "分割宗地", "parcel split"),
    ("parcel-unite", "合并宗地", "parcels united"),
    ("parcel-adjust", "调整宗地界线", "boundary adjusted"),
    ("parcel-undo", "撤销宗地编辑", "edit of parcels undone"),
    // Verdicts.
    ("positive", "同一", "same"),
    ("negative", "不同", "different"),
    ("verdict-unsure", "不确定", "unsure"),
    // Ties.
    ("legal_representative", "法定代表人", "legal representative"),
    ("right_holder", "权利人", "right holder"),
    ("restriction_holder", "限制权利人", "restriction holder"),
    ("responsible_party", "责任人", "responsible party"),
    ("guardian", "监护人", "guardian"),
    ("spouse", "配偶", "spouse"),
    ("shareholder", "股东", "shareholder"),
    ("branch_of", "所属机构", "branch of"),
    // Classes of rights (ISO 19152).
    ("right", "权利", "right"),
    ("restriction", "限制", "restriction"),
    ("responsibility", "责任", "responsibility"),
    // Rules of survivorship (存活规则).
    ("only", "唯一来源", "only source"),
    ("agreed", "各源一致", "all agree"),
    ("trust", "来源可信度", "most trusted"),
    ("recency", "最新", "most recent"),
    ("completeness", "最完整", "most complete"),
    ("frequency", "多数", "most frequent"),
    ("verified", "已核验", "verified"),
    ("final", "不可逆", "final"),
    ("present", "非过去", "not of the past"),
    ("current", "非曾用", "not a former one"),
    ("intact", "完整无损", "nothing lost in it"),
    ("number", "依证件号", "told by the number"),
    ("address", "依住址", "told by the address"),
    ("tie", "并列", "tie"),
    // How a record was read.
    ("find", "查看", "opened"),
    ("search", "查询", "found in a search"),
    ("resolve", "比对", "resolved"),
    ("crosswalk", "对照", "looked up by key"),
    ("match", "比对名单", "matched in a list"),
    ("exists", "核验有无", "asked whether there is one"),
    ("same", "核验异同", "asked whether it is the same"),
    ("household", "查看同住者", "shown beside somebody of the household"),
    ("query-parcels", "地图查询", "found on the map"),
    ("aggregate-parcels", "地图汇总", "summed up on the map"),
    ("parcel-history", "查看宗地沿革", "history of the parcel"),
    ("person-report", "访问报告", "report of who read it"),
    ("access-list", "查看访问记录", "list of who read it"),
    ("answer-repeated", "重发答复", "an earlier answer given again"),
    ("pseudonym", "换取假名", "given a pseudonym"),
    ("rejections", "查看拒收行", "rejected rows"),
    ("access", "查看留痕", "traces"),
    ("id", "统一标识", "canonical id"),
    ("versions", "查看历史", "versions"),
    ("explain", "查看依据", "explanation"),
    ("explanation", "比对依据", "explanation"),
    ("review", "审核", "review"),
    ("reviews", "待审列表", "review list"),
    ("decisions", "查看判定", "decisions"),
    ("overrides", "查看设定", "values set by hand"),
    ("export", "导出", "export"),
    ("follow", "变更推送", "told by the feed"),
    ("edit-parcels", "宗地编辑", "parcels edited"),
    ("survivorship-preview", "预览存活规则", "shown in a preview of survivorship rules"),
    ("unmask", "完整查看", "shown in full"),
];

/// A word of the service on a page; one the table does not know stands as it is.
pub(crate) fn word(language: Language, word: &str) -> &str {
    WORDS.iter().find(|(known, ..)| *known == word).map_or(word, |(_, zh, en)| language.say(zh, en))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_word_stands_once() {
        for (at, (word, zh, en)) in WORDS.iter().enumerate() {
            assert!(WORDS[at + 1..].iter().all(|(other, ..)| other != word), "{word} is there twice");
            assert!(!zh.is_ascii() && en.is_ascii(), "{word}");
        }
    }
}
