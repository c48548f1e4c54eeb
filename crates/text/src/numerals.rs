//! Which number does a Chinese numeral write?

/// The value of one digit character, of any script that addresses use: `5`, `５`, `五`, `伍`, `〇`.
#[must_use]
pub const fn digit(c: char) -> Option<u32> {
    Some(match c {
        '0'..='9' => c as u32 - '0' as u32,
        '０'..='９' => c as u32 - '０' as u32,
        '〇' | '零' | '○' | 'Ｏ' => 0,
        '一' | '壹' | '弌' | '幺' => 1,
        '二' | '贰' | '貳' | '两' | '兩' => 2,
        '三' | '叁' | '參' | '叄' => 3,
        '四' | '肆' => 4,
        '五' | '伍' => 5,
        '六' | '陆' | '陸' => 6,
        '七' | '柒' => 7,
        '八' | '捌' => 8,
        '九' | '玖' => 9,
        _ => return None,
    })
}

const fn unit(c: char) -> Option<u32> {
    Some(match c {
        '十' | '拾' => 10,
        '百' | '佰' => 100,
        '千' | '仟' => 1_000,
        _ => return None,
    })
}

/// The number that one character writes in a circle, in brackets or with a stop: ①, ⑴, ⒈, ㈢, ㊂, ❶, ㉑.
#[must_use]
pub const fn enclosed(c: char) -> Option<u32> {
    let (first, least) = match c {
        '①'..='⑳' => ('①', 1),
        '⑴'..='⒇' => ('⑴', 1),
        '⒈'..='⒛' => ('⒈', 1),
        '⓪' => ('⓪', 0),
        '⓫'..='⓴' => ('⓫', 11),
        '⓵'..='⓾' => ('⓵', 1),
        '❶'..='❿' => ('❶', 1),
        '➀'..='➉' => ('➀', 1),
        '➊'..='➓' => ('➊', 1),
        '㈠'..='㈩' => ('㈠', 1),
        '㊀'..='㊉' => ('㊀', 1),
        '㉑'..='㉟' => ('㉑', 21),
        '㊱'..='㊿' => ('㊱', 36),
        _ => return None,
    };
    Some(c as u32 - first as u32 + least)
}

/// Whether the character can stand in a Chinese numeral (not an ASCII digit).
#[must_use]
pub const fn is_chinese_numeral(c: char) -> bool {
    !c.is_ascii() && (digit(c).is_some() || unit(c).is_some() || matches!(c, '廿' | '卅' | '万' | '萬'))
}

/// The number a numeral writes, up to 99 999 999: digits of any script read place by place (一九八〇), or with units
/// (三百八十五, 十二, 廿三, 一万二千). None when the text is no numeral.
#[must_use]
pub fn value(text: &str) -> Option<u32> {
    let text_has_units = text.chars().any(|c| unit(c).is_some() || matches!(c, '廿' | '卅' | '万' | '萬'));
    if text.is_empty() || text.chars().count() > 12 {
        return None;
    }
    if !text_has_units {
        return text.chars().try_fold(0_u32, |sum, c| sum.checked_mul(10)?.checked_add(digit(c)?));
    }
    let (mut total, mut section, mut pending, mut last_unit) = (0_u32, 0_u32, None::<u32>, u32::MAX);
    for c in text.chars() {
        if let Some(d) = digit(c) {
            if pending.is_some_and(|p| p != 0) {
                return None;
            }
            pending = Some(d);
        } else if let Some(u) = unit(c) {
            if u >= last_unit {
                return None;
            }
            section += pending.take().filter(|&d| d != 0).unwrap_or(1) * u;
            last_unit = u;
        } else if matches!(c, '廿' | '卅') {
            if pending.is_some() || last_unit <= 10 {
                return None;
            }
            section += if c == '廿' { 20 } else { 30 };
            last_unit = 10;
        } else if matches!(c, '万' | '萬') && total == 0 {
            total = (section + pending.take().unwrap_or(0)) * 10_000;
            (section, last_unit) = (0, u32::MAX);
        } else {
            return None;
        }
    }
    Some(total + section + pending.unwrap_or(0))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn enclosed_numerals_are_read() {
        for (c, number) in [('①', 1), ('⑳', 20), ('⑸', 5), ('⒓', 12), ('㈢', 3), ('㊉', 10), ('❺', 5), ('㉑', 21), ('㊿', 50), ('⓪', 0)]
        {
            assert_eq!(enclosed(c), Some(number), "{c}");
        }
        assert_eq!((enclosed('三'), enclosed('Ⅲ'), enclosed('㈱')), (None, None, None));
    }

    #[test]
    fn numerals_of_all_kinds_are_read() {
        for (text, expected) in [
            ("三百八十五", 385),
            ("十二", 12),
            ("二十三", 23),
            ("一百二十三", 123),
            ("叁", 3),
            ("一九八〇", 1980),
            ("15", 15),
            ("１５", 15),
            ("廿三", 23),
            ("一千零五", 1005),
            ("一万二千", 12_000),
            ("一百零八", 108),
            ("二〇一", 201),
            ("十", 10),
            ("两百", 200),
        ] {
            assert_eq!(value(text), Some(expected), "{text}");
        }
    }

    #[test]
    fn what_is_no_numeral_is_none() {
        for text in ["", "路", "十百", "三五十", "12a", "廿廿"] {
            assert_eq!(value(text), None, "{text}");
        }
    }
}
