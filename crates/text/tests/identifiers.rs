//! Do identifiers keep what their standards promise, for numbers nobody thought of?

use chrono::{Duration, NaiveDate};
use jiku_text::identifier::{
    CitizenNumber, CreditCode, LegacyNumber, Lei, OldForeignerCard, OrganisationCode, PartyNumber, Phone, Reading, RegistrationNumber,
    Repair, TravelDocument,
};
use jiku_text::{address, divisions, numerals, organisation_name, person_name, simplify};
use proptest::prelude::*;

/// Any citizen number: region, birth date between 1900 and 2026, sequence.
fn citizen_numbers() -> impl Strategy<Value = CitizenNumber> {
    let regions =
        prop::sample::select(vec!["110105", "440106", "440524", "441900", "650102", "810000", "820000", "830000", "911124", "944840"]);
    (regions, 0..46_000_i64, 0..1_000_u32).prop_map(|(region, day, sequence)| {
        let born = NaiveDate::from_ymd_opt(1900, 1, 1).expect("a day of the calendar") + Duration::days(day);
        CitizenNumber::from_parts(&format!("{region}{}{sequence:03}", born.format("%Y%m%d"))).expect("region and date are right")
    })
}

/// Codes whose check character is found by trying all of them: an independent way to make valid ones.
fn completed<T: std::str::FromStr>(stem: &str, checks: &str) -> Option<T> {
    checks.chars().find_map(|check| format!("{stem}{check}").parse().ok())
}

/// The text with the characters at a place and behind it exchanged.
fn swapped(text: &str, at: usize) -> String {
    let mut bytes = text.as_bytes().to_vec();
    bytes.swap(at, at + 1);
    String::from_utf8(bytes).expect("ASCII")
}

/// GB/T 17710 (MOD 11,10) promises nearly every swap of neighbours, not every one.
#[test]
fn a_registration_number_catches_nearly_every_swap() {
    let (mut swaps, mut caught) = (0_u32, 0_u32);
    for serial in 0..4_000_u64 {
        let stem = format!("4401060{:07}", serial * 7_654_321 % 10_000_000);
        let number: RegistrationNumber = completed(&stem, "0123456789").expect("a check digit");
        for at in 0..14 {
            let wrong = swapped(number.as_str(), at);
            if wrong != number.as_str() {
                swaps += 1;
                caught += u32::from(wrong.parse::<RegistrationNumber>().is_err());
            }
        }
    }
    assert!(f64::from(caught) > 0.97 * f64::from(swaps), "{caught} of {swaps}");
}

/// Numbers of documents with the type that a record tells beside them, if it tells one.
fn travel_documents() -> impl Strategy<Value = (Option<&'static str>, String)> {
    // Digits that count up or repeat are no number.
    let digits = "[1-9]0[2-9][1-8]{2}7[0-9]{2}";
    let shaped = |head: &str| format!("{head}{digits}");
    let kinds: Vec<(&[Option<&'static str>], String)> = vec![
        (&[None, Some("516")], shaped("[HM]")),
        (&[None, Some("516")], shaped("[HM]") + "[0-9]{2}"),
        (&[None, Some("414")], shaped("[EG]")),
        (&[None, Some("414")], "E[A-Z]7[0-9]{5}4".to_owned()),
        (&[Some("511"), Some("512")], digits.to_owned()),
        (&[Some("511"), Some("512")], format!("{digits}[0-9]{{2}}")),
        (&[None, Some("990")], "[A-Z]{2}70[0-9]{5}".to_owned()),
        (&[None, Some("990")], "[157]70[0-9]{4}\\([0-9]\\)".to_owned()),
        (&[Some("114"), Some("122")], "[军警]字第70[0-9]{5}号".to_owned()),
    ];
    prop::sample::select(kinds).prop_flat_map(|(document_types, pattern)| {
        let number = prop::string::string_regex(&pattern).expect("a pattern");
        (prop::sample::select(document_types.to_vec()), number)
    })
}

proptest! {
    #[test]
    fn a_citizen_number_prints_and_reads_back(number in citizen_numbers()) {
        prop_assert_eq!(number.as_str().parse(), Ok(number));
        prop_assert_eq!(CitizenNumber::read(&number.as_str().to_lowercase()).map(|reading| reading.value), Ok(number));
    }

    #[test]
    fn every_single_wrong_character_of_a_citizen_number_is_caught(number in citizen_numbers(), at in 0..18_usize, digit in 0..11_usize) {
        let mut wrong = number.as_str().as_bytes().to_vec();
        wrong[at] = b"0123456789X"[digit];
        let wrong = String::from_utf8(wrong).unwrap();
        prop_assume!(wrong != number.as_str());
        prop_assert!(wrong.parse::<CitizenNumber>().is_err());
    }

    #[test]
    fn every_swap_of_neighbours_in_a_citizen_number_is_caught(number in citizen_numbers(), at in 0..17_usize) {
        let mut wrong = number.as_str().as_bytes().to_vec();
        wrong.swap(at, at + 1);
        let wrong = String::from_utf8(wrong).unwrap();
        prop_assume!(wrong != number.as_str());
        prop_assert!(wrong.parse::<CitizenNumber>().is_err());
    }

    #[test]
    fn upgrading_and_shortening_are_inverse(number in citizen_numbers()) {
        if let Ok(legacy) = number.legacy_form().parse::<LegacyNumber>()
            && number.as_str()[6..8] == legacy.upgrade().as_str()[6..8]
        {
            prop_assert_eq!(legacy.upgrade(), number);
        }
    }

    #[test]
    fn a_credit_code_prints_reads_back_and_catches_single_errors_and_swaps(
        stem in "9[123](11|35|44)0[1-9]0[0-9][0-9A-HJ-NP-RT-UW-Y]{8}[0-9X]", at in 0..18_usize, replacement in "[0-9A-HJ-NP-RT-UW-Y]",
    ) {
        let code: CreditCode = completed(&stem, "0123456789ABCDEFGHJKLMNPQRTUWXY").unwrap();
        prop_assert_eq!(CreditCode::read(&code.as_str().to_lowercase()).map(|reading| reading.value), Ok(code));
        let mut wrong = code.as_str().to_owned();
        wrong.replace_range(at..=at, &replacement);
        if wrong != code.as_str() {
            prop_assert!(wrong.parse::<CreditCode>().is_err());
        }
        let swapped = swapped(code.as_str(), at.min(16));
        if swapped != code.as_str() {
            prop_assert!(swapped.parse::<CreditCode>().is_err());
        }
    }

    #[test]
    fn an_organisation_code_prints_and_reads_back(stem in "[0-9A-Z]{8}") {
        if let Some(code) = completed::<OrganisationCode>(&stem, "0123456789X") {
            prop_assert_eq!(code.printed().parse(), Ok(code));
        }
    }

    // MOD 11 with letters up to 35: only of digits does GB 11714 promise that no error passes.
    #[test]
    fn an_organisation_code_of_digits_catches_single_errors_and_swaps(stem in "[0-9]{8}", at in 0..8_usize, digit in 0..10_usize) {
        let Some(code) = completed::<OrganisationCode>(&stem, "0123456789X") else { return Ok(()) };
        let mut wrong = code.as_str().to_owned();
        wrong.replace_range(at..=at, &digit.to_string());
        for wrong in [wrong, swapped(code.as_str(), at.min(6))].into_iter().filter(|wrong| wrong != code.as_str()) {
            prop_assert!(wrong.parse::<OrganisationCode>().is_err(), "{}", wrong);
        }
    }

    #[test]
    fn a_registration_number_catches_single_errors(stem in "44(01|03)0[1-9][0-9]{8}", at in 0..15_usize, digit in 0..10_u8) {
        let number: RegistrationNumber = completed(&stem, "0123456789").unwrap();
        let mut wrong = number.as_str().as_bytes().to_vec();
        wrong[at] = b'0' + digit;
        if wrong != number.as_str().as_bytes() {
            prop_assert!(String::from_utf8(wrong).unwrap().parse::<RegistrationNumber>().is_err());
        }
    }

    // A letter for a digit changes the length of what is divided by 97, so only like for like is promised.
    #[test]
    fn a_lei_catches_single_errors_and_swaps(stem in "[0-9]{4}[A-Z]{8}[0-9]{6}", at in 0..18_usize, digit in "[0-9]", letter in "[A-Z]") {
        let lei = (2..=98).map(|check| format!("{stem}{check:02}")).find(|text| text.parse::<Lei>().is_ok()).unwrap();
        let mut wrong = lei.clone();
        wrong.replace_range(at..=at, if (4..12).contains(&at) { &letter } else { &digit });
        let alike = lei.as_bytes()[at].is_ascii_digit() == lei.as_bytes()[at + 1].is_ascii_digit();
        let swapped = if alike { swapped(&lei, at) } else { lei.clone() };
        for wrong in [wrong, swapped].into_iter().filter(|wrong| *wrong != lei) {
            prop_assert!(wrong.parse::<Lei>().is_err(), "{}", wrong);
        }
    }

    // ICAO 9303 weighs 7, 3, 1: every wrong digit shows, a swap of digits five apart does not.
    #[test]
    fn an_old_card_of_a_foreigner_catches_single_errors(day in 0..25_000_i64, tail in 0..10_u8, at in 7..15_usize, digit in "[0-9]") {
        let born = NaiveDate::from_ymd_opt(1930, 1, 1).expect("a day of the calendar") + Duration::days(day);
        let card: OldForeignerCard = completed(&format!("CAN4401{}{tail}", born.format("%y%m%d")), "0123456789").unwrap();
        let mut wrong = card.as_str().to_owned();
        wrong.replace_range(at..=at, &digit);
        if wrong != card.as_str() {
            prop_assert!(wrong.parse::<OldForeignerCard>().is_err(), "{}", wrong);
        }
    }

    #[test]
    fn a_lei_has_one_pair_of_check_digits(stem in "[0-9A-Z]{18}") {
        let fitting = (2..=98).filter(|check| format!("{stem}{check:02}").parse::<Lei>().is_ok()).count();
        prop_assert_eq!(fitting, 1);
    }

    #[test]
    fn a_telephone_number_prints_and_reads_back(
        text in "1(3[0-9]|5[0-35-9]|8[0-9])[0-9]{2}70[0-9]{3}3|(010|020|0755)-[2-8]70[0-9]{4}3|(0751|0668)-[2-8]70[0-9]{3}3",
    ) {
        let phone = Phone::read(&text);
        prop_assert!(phone.is_ok(), "{text}: {phone:?}");
        prop_assert_eq!(Phone::read(phone.clone().unwrap().as_str()), phone);
    }

    #[test]
    fn a_travel_document_prints_and_reads_back((document_type, text) in travel_documents(), dressed in any::<bool>()) {
        let document = TravelDocument::read(document_type, &text).map(|reading| reading.value);
        prop_assert!(document.is_ok(), "{text}");
        let document = document.unwrap();
        let again = TravelDocument::read(document_type, document.number());
        prop_assert_eq!(again, Ok(Reading { value: document.clone(), repair: Repair::None }));
        // Who tells no type has what is known by its shape alone.
        if document_type.is_none() {
            prop_assert_eq!(document.to_string().parse(), Ok(document.clone()));
        }
        if dressed {
            let dressed: String = text.to_lowercase().chars().flat_map(|c| [c, ' ']).collect();
            prop_assert_eq!(TravelDocument::read(document_type, &dressed), Ok(Reading { value: document, repair: Repair::Form }));
        }
    }

    #[test]
    fn no_text_makes_a_reader_panic(text in "\\PC{0,40}|[0-9X*+E.-]{0,20}|[张王广州市天河区路号栋室一二三十百0-9（）()·.—-]{0,30}") {
        let _ = CitizenNumber::read(&text);
        let _ = CreditCode::read_or_repair(&text);
        let _ = PartyNumber::read(&text);
        let _: Vec<_> = Phone::read_all(&text).collect();
        let _ = jiku_text::dates::PartialDate::read(&text);
        let _ = numerals::value(&text);
        let _ = divisions::read(&text);
        let name = person_name::read(&text).name;
        let _ = person_name::full_reading(&person_name::comparison_key(&name));
        let _ = person_name::initials(&name);
        let organisation = organisation_name::read(&text).name;
        let _ = organisation_name::parse(&organisation);
        let _ = address::Address::parse(&text);
        let _ = address::normalise_part(&text);
        let _ = jiku_text::masking::free_text(&text);
        let _ = jiku_text::masking::address(&text);
    }

    #[test]
    fn normalising_a_name_twice_changes_nothing_more(text in "[张伟欧阳买提艾力 .·•・ＡＢa-z\u{200B}]{0,16}") {
        let once = person_name::normalise(&text);
        prop_assert_eq!(person_name::normalise(&once), once.clone());
        let organisation = organisation_name::normalise(&text);
        prop_assert_eq!(organisation_name::normalise(&organisation), organisation.clone());
        let simplified = simplify(&once);
        prop_assert_eq!(simplify(&simplified), simplified.clone());
    }

    #[test]
    fn names_are_related_alike_from_both_sides(left in "[张章伟玮王己已]{2,4}", right in "[张章伟玮王己已]{2,4}") {
        prop_assert_eq!(person_name::relate(&left, &right), person_name::relate(&right, &left));
    }

    #[test]
    fn an_address_keeps_its_number_and_room(number in 1..2000_u32, room in 101..3000_u32) {
        let address = address::Address::parse(&format!("广东省广州市天河区天河路{number}号{room}房"));
        prop_assert_eq!(address.road_key(), Some(format!("天河路{number}号")));
        prop_assert_eq!(address.detail_key(), Some(room.to_string()));
    }
}
