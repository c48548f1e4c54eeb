//! How far do two addresses agree, rung by rung?

use super::{Address, Rung};

/// How two addresses stand on one rung.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Agreement {
    /// Both tell the same.
    Same,
    /// They tell different things.
    Different,
    /// One tells nothing; that is no disagreement.
    Missing,
}

/// Two addresses rung by rung.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Comparison {
    rungs: [Agreement; Rung::ALL.len()],
}

impl Comparison {
    /// Compares two addresses.
    #[must_use]
    pub fn of(left: &Address, right: &Address) -> Self {
        Self {
            rungs: Rung::ALL.map(|rung| match (left.get(rung), right.get(rung)) {
                (Some(left), Some(right)) if bare(rung, left) == bare(rung, right) => Agreement::Same,
                (Some(_), Some(_)) => Agreement::Different,
                _ => Agreement::Missing,
            }),
        }
    }

    /// How they stand on a rung.
    #[must_use]
    pub const fn on(&self, rung: Rung) -> Agreement {
        self.rungs[rung as usize]
    }

    /// The lowest rung down to which nothing differs and that both tell; none when they part at once.
    #[must_use]
    pub fn agrees_down_to(&self) -> Option<Rung> {
        let parted = self.rungs.iter().position(|agreement| *agreement == Agreement::Different).unwrap_or(self.rungs.len());
        Rung::ALL[..parted].iter().rev().copied().find(|rung| self.on(*rung) == Agreement::Same)
    }

    /// The highest rung on which they differ.
    #[must_use]
    pub fn differs_from(&self) -> Option<Rung> {
        Rung::ALL.into_iter().find(|rung| self.on(*rung) == Agreement::Different)
    }
}

/// What counts on a rung: a room is its digits, with or without 室 and leading zeros; a group its name or number, whatever it is called.
pub(super) fn bare(rung: Rung, text: &str) -> &str {
    match rung {
        Rung::Group => ["村民小组", "村民组", "小组", "组"].iter().find_map(|word| text.strip_suffix(word)).unwrap_or(text),
        Rung::Room => text.trim_end_matches('室').trim_start_matches('0'),
        Rung::SubNumber => text.trim_start_matches('之'),
        // 19栋 and 19座 are one building to those who write them.
        Rung::Building => text.trim_end_matches(['栋', '座', '塔', '楼']),
        _ => text,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(left: &str, right: &str, agrees: Option<Rung>, differs: Option<Rung>) {
        let comparison = Comparison::of(&Address::parse(left), &Address::parse(right));
        assert_eq!((comparison.agrees_down_to(), comparison.differs_from()), (agrees, differs), "{left} | {right}");
    }

    #[test]
    fn one_flat_written_in_two_ways_agrees_to_the_room() {
        check("广东省珠海市香洲区吉大路5号3幢2单元0501房", "珠海香洲区吉大路五号3栋2单元501", Some(Rung::Room), None);
    }

    /// The homes that two addresses lead to.
    fn homes(left: &str, right: &str) -> [Option<String>; 2] {
        [left, right].map(|text| Address::parse(&format!("江门市新会区{text}")).home_key())
    }

    #[test]
    fn one_home_written_in_two_ways_has_one_key() {
        for (left, right) in [
            ("同庆路8号之二303", "同庆路8号之2 303室"),
            ("同庆路8号之2，303室", "同庆路8号之二303室"),
            ("同庆路二坊12号", "同庆路2坊12号"),
            ("中山五路12号", "中山5路12号"),
            ("五显冲十二巷3号", "五显冲12巷3号"),
            ("同庆路8号301房", "同庆路8号3楼301房"),
            ("同庆路8号1203室", "同庆路8号12层1203室"),
            ("会城同庆路8号301", "会城街道同庆路8号301"),
            ("同庆路8号翠湖花园Ⅱ期5栋301", "同庆路8号翠湖花园二期5栋301"),
            ("翠湖花园Ⅱ期5栋301", "翠湖花园2期5座301"),
            ("同庆路180号甲", "同庆路甲180号"),
            ("同庆路180甲号", "同庆路180号甲"),
            ("同庆路5号A区3栋301", "同庆路5号A3幢301房"),
            ("同庆路5号A座3栋301", "同庆路5号A3栋301"),
            ("同庆路5号A座3", "同庆路5号A3栋"),
            ("翠湖花园A区3栋301", "翠湖花园A3栋301"),
            ("同庆路5号东座301", "同庆路5号东栋301室"),
            ("同庆路5号甲座301", "同庆路5号甲栋301"),
            ("同庆路5号东楼301", "同庆路5号东座301"),
            ("同庆路5号左楼梯301", "同庆路5号左梯301"),
            ("同庆路5号首层", "同庆路5号一楼"),
            ("同庆路5号负一层", "同庆路5号地下一层"),
            ("同庆路5号3楼前房", "同庆路5号3层前室"),
            ("同庆路5号左边楼301", "同庆路5号左楼301"),
            ("同庆路5号荣景花园3栋B 1802", "同庆路5号荣景花园3栋B座1802"),
            ("同庆路5号B1802", "同庆路5号B座1802室"),
            ("同庆路5号3栋B-1802", "同庆路5号3栋B座1802室"),
            ("同庆路5号3栋1802室B", "同庆路5号3栋1802B"),
        ] {
            let [one, other] = homes(left, right);
            assert!(one.is_some() && one == other, "{left} {one:?} | {right} {other:?}");
        }
    }

    #[test]
    fn two_homes_behind_one_number_have_two_keys() {
        for (left, right) in [
            ("同庆路180号甲", "同庆路180号乙"),
            ("同庆路180号甲二楼", "同庆路180号乙二楼"),
            ("同庆路180号甲301", "同庆路180号301"),
            ("同庆路180号前座", "同庆路180号后座"),
            ("同庆路180号前座301", "同庆路180号后座301"),
            ("同庆路180号左栋", "同庆路180号右栋"),
            ("同庆路180号甲座", "同庆路180号乙座"),
            ("同庆路180号主楼301", "同庆路180号附楼301"),
            ("同庆路180号东楼301", "同庆路180号西楼301"),
            ("同庆路180号北楼", "同庆路180号南楼"),
            ("同庆路180号新楼301", "同庆路180号旧楼301"),
            ("同庆路180号左座301", "同庆路180号右座301"),
            ("同庆路180号东座301", "同庆路180号西座301"),
            ("同庆路180号东梯301", "同庆路180号西梯301"),
            ("同庆路180号左梯301", "同庆路180号右梯301"),
            ("同庆路180号甲梯301", "同庆路180号乙梯301"),
            ("同庆路180号东单元301", "同庆路180号西单元301"),
            ("同庆路180号上手301", "同庆路180号下手301"),
            ("同庆路180号左手", "同庆路180号右手"),
            ("同庆路180号左边", "同庆路180号右边"),
            ("同庆路180号2单元3楼东户", "同庆路180号2单元3楼西户"),
            ("翠湖花园3栋东梯301", "翠湖花园3栋西梯301"),
            ("同庆路180号东翼301", "同庆路180号西翼301"),
            ("同庆路180号东门301", "同庆路180号西门301"),
            ("同庆路180号东头", "同庆路180号西头"),
            ("同庆路180号前院", "同庆路180号后院"),
            ("同庆路180号楼上", "同庆路180号楼下"),
            ("同庆路180号左边楼2楼", "同庆路180号右边楼2楼"),
            ("同庆路180号3楼前房", "同庆路180号3楼后房"),
            ("同庆路180号地下A铺", "同庆路180号首层A铺"),
            ("同庆路180号首层", "同庆路180号二层"),
            ("同庆路180号顶楼", "同庆路180号夹层"),
            ("同庆路180号天台屋", "同庆路180号地下室"),
            ("同庆路180号东铺", "同庆路180号西铺"),
            ("同庆路180号大座301", "同庆路180号细座301"),
            ("同庆路180号301之一", "同庆路180号301之二"),
            ("大坑村东楼301", "大坑村西楼301"),
            ("同庆路180号3栋A座1802", "同庆路180号3栋B1802"),
            ("同庆路180号3栋A-1802", "同庆路180号3栋B-1802"),
            ("同庆路180号3栋1802室A", "同庆路180号3栋1802室B"),
            ("同庆路180号", "同庆路180号对面"),
            ("同庆路8号翠湖花园Ⅰ期5栋301", "同庆路8号翠湖花园Ⅱ期5栋301"),
            ("同庆路8号翠湖花园东区5栋301", "同庆路8号翠湖花园西区5栋301"),
            ("同庆路8号翠湖花园一期A区5栋301", "同庆路8号翠湖花园一期B区5栋301"),
            ("翠湖花园一期5栋301", "翠湖花园二期5栋301"),
            ("东一巷5号", "西一巷5号"),
            ("会城街道大坑村一巷5号", "会城街道小坑村一巷5号"),
            ("同庆路12号东一", "同庆路12号西一"),
            ("会城街道大坑村东一5号", "会城街道大坑村西一5号"),
            ("同庆路8号305", "同庆路8号4楼305"),
            ("体育东路8号", "体育西路8号"),
        ] {
            let [one, other] = homes(left, right);
            assert!(one != other, "{left} {one:?} | {right} {other:?}");
        }
    }

    #[test]
    fn what_stands_behind_a_number_is_called_by_its_name() {
        for (text, words) in [
            ("同庆路180号朝阳阁502", Some("朝阳阁")),
            ("同庆路180号朝晖阁502", Some("朝晖阁")),
            ("同庆路180号翠湖花园3栋502", Some("翠湖花园")),
            ("翠湖花园3栋502", None),
            ("同庆路180号502", None),
            ("同庆路180号3楼前房", None),
        ] {
            assert_eq!(Address::parse(&format!("江门市新会区{text}")).house_words(), words, "{text}");
        }
    }

    #[test]
    fn neighbours_part_at_the_room() {
        check("广州市天河区天河路385号3201室", "广州市天河区天河路385号3202室", Some(Rung::Number), Some(Rung::Room));
    }

    #[test]
    fn a_group_is_one_by_any_word() {
        check("梅州市梅县区程江镇大和村木京村民小组12号", "梅州市梅县区程江镇大和村木京村民组12号", Some(Rung::Number), None);
        check("梅州市梅县区程江镇大和村三组12号", "梅州市梅县区程江镇大和村第3村民小组12号", Some(Rung::Number), None);
    }

    #[test]
    fn a_missing_rung_is_no_difference() {
        check("广州市天河区石牌街道天河路385号", "天河区天河路385号", Some(Rung::Number), None);
    }

    #[test]
    fn other_cities_part_at_once() {
        check("深圳市南山区科苑路15号", "广州市天河区天河路385号", Some(Rung::Province), Some(Rung::City));
    }
}
