//! How are check characters computed?

/// ISO 7064 MOD 11-2 over 17 digits (GB 11643): `0`–`9` or `X`. None when a byte is no digit.
pub(super) fn mod_11_2(digits: &[u8]) -> Option<u8> {
    const WEIGHTS: [u32; 17] = [7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2];
    let mut sum = 0;
    for (byte, weight) in digits.iter().zip(WEIGHTS) {
        sum += weight * u32::from(digit(*byte)?);
    }
    Some(b"10X98765432"[(sum % 11) as usize])
}

/// ISO 7064 MOD 11,10 (GB/T 17710) over 14 digits. None when a byte is no digit.
pub(super) fn mod_11_10(digits: &[u8]) -> Option<u8> {
    let mut product = 10;
    for byte in digits {
        let sum = (product + u32::from(digit(*byte)?)) % 10;
        product = if sum == 0 { 10 } else { sum } * 2 % 11;
    }
    Some(b'0' + ((11 - product) % 10) as u8)
}

/// The alphabet of GB 32100: 31 characters without I O S V Z.
const CREDIT_ALPHABET: &[u8; 31] = b"0123456789ABCDEFGHJKLMNPQRTUWXY";

/// The value of a character of a unified social credit code.
pub(super) fn credit_value(byte: u8) -> Option<u32> {
    CREDIT_ALPHABET.iter().position(|&c| c == byte).and_then(|at| u32::try_from(at).ok())
}

/// The check character of the first 17 characters of a unified social credit code (GB 32100, annex B).
pub(super) fn mod_31(characters: &[u8]) -> Option<u8> {
    const WEIGHTS: [u32; 17] = [1, 3, 9, 27, 19, 26, 16, 17, 20, 29, 25, 13, 8, 24, 10, 30, 28];
    let mut sum = 0;
    for (byte, weight) in characters.iter().zip(WEIGHTS) {
        sum += weight * credit_value(*byte)?;
    }
    Some(CREDIT_ALPHABET[((31 - sum % 31) % 31) as usize])
}

/// The check character of the first 8 characters of an organisation code (GB 11714): `0`–`9` or `X`.
pub(super) fn gb_11714(characters: &[u8]) -> Option<u8> {
    const WEIGHTS: [u32; 8] = [3, 7, 9, 10, 5, 8, 4, 2];
    let mut sum = 0;
    for (byte, weight) in characters.iter().zip(WEIGHTS) {
        sum += weight * alphanumeric(*byte)?;
    }
    Some(match 11 - sum % 11 {
        10 => b'X',
        11 => b'0',
        small => b'0' + small as u8,
    })
}

/// The check digit of machine-readable travel documents (ICAO 9303-3, 4.9): weights 7 3 1, letters from A = 10.
pub(super) fn icao_9303(characters: &[u8]) -> Option<u8> {
    let mut sum = 0;
    for (byte, weight) in characters.iter().zip([7, 3, 1].into_iter().cycle()) {
        sum += weight * alphanumeric(*byte)?;
    }
    Some(b'0' + (sum % 10) as u8)
}

/// The remainder of ISO 7064 MOD 97-10, letters from A = 10.
pub(super) fn mod_97(characters: &[u8]) -> Option<u32> {
    characters.iter().try_fold(0, |remainder, byte| {
        let value = alphanumeric(*byte)?;
        Some((remainder * if value < 10 { 10 } else { 100 } + value) % 97)
    })
}

fn digit(byte: u8) -> Option<u8> {
    byte.is_ascii_digit().then(|| byte - b'0')
}

fn alphanumeric(byte: u8) -> Option<u32> {
    match byte {
        b'0'..=b'9' => Some(u32::from(byte - b'0')),
        b'A'..=b'Z' => Some(u32::from(byte - b'A') + 10),
        _ => None,
    }
}
