//! Which departments keep records?

use jiku_model::Kind;

/// A department's system of the synthetic province.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Source {
    /// Its code, as in [`jiku_model::SourceCode`].
    pub code: &'static str,
    /// The system's name.
    pub name: &'static str,
    /// The department.
    pub department: &'static str,
    /// How far its values are trusted, 0 to 100.
    pub trust: u8,
    /// What its records speak of.
    pub kind: Kind,
}

/// All sources, best kept first within a kind.
pub const SOURCES: [Source; 11] = [
    Source { code: "gongan", name: "人口信息系统", department: "公安厅", trust: 95, kind: Kind::Person },
    Source { code: "minzheng", name: "婚姻与社会救助登记系统", department: "民政厅", trust: 85, kind: Kind::Person },
    Source { code: "renshe", name: "社会保险系统", department: "人力资源和社会保障厅", trust: 80, kind: Kind::Person },
    Source { code: "jiaoyu", name: "学籍系统", department: "教育厅", trust: 75, kind: Kind::Person },
    Source { code: "zhujian", name: "住房保障系统", department: "住房和城乡建设厅", trust: 65, kind: Kind::Person },
    Source { code: "weijian", name: "居民健康档案系统", department: "卫生健康委员会", trust: 60, kind: Kind::Person },
    Source { code: "scjg", name: "商事登记系统", department: "市场监督管理局", trust: 95, kind: Kind::LegalPerson },
    Source { code: "shzz", name: "社会组织登记系统", department: "民政厅", trust: 90, kind: Kind::LegalPerson },
    Source { code: "shuiwu", name: "税务登记系统", department: "税务局", trust: 85, kind: Kind::LegalPerson },
    Source { code: "caigou", name: "政府采购供应商库", department: "财政厅", trust: 60, kind: Kind::LegalPerson },
    Source { code: "ziran", name: "不动产登记系统", department: "自然资源厅", trust: 95, kind: Kind::Parcel },
];
