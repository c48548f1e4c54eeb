//! Which words does the text of a filter consist of?

use super::error::Cql2Error;

/// A word with the character where it begins, counted from 1.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Token<'a> {
    pub(super) kind: TokenKind<'a>,
    pub(super) at: usize,
}

#[derive(Clone, Debug, PartialEq)]
pub(super) enum TokenKind<'a> {
    /// A name or keyword as written.
    Word(&'a str),
    /// A name in double quotes.
    Quoted(String),
    /// A text in single quotes.
    Text(String),
    Number(f64),
    /// `( ) , = <> < > <= >= + - * / % ^`
    Symbol(&'static str),
    End,
}

const SYMBOLS: [&str; 15] = ["<>", "<=", ">=", "<", ">", "=", "(", ")", ",", "+", "-", "*", "/", "%", "^"];

/// The words of a text, the end last.
pub(super) fn tokens(text: &str) -> Result<Vec<Token<'_>>, Cql2Error> {
    let mut tokens = Vec::new();
    let (mut rest, mut at) = (text, 1);
    loop {
        let trimmed = rest.trim_start();
        at += rest[..rest.len() - trimmed.len()].chars().count();
        rest = trimmed;
        let Some(first) = rest.chars().next() else {
            tokens.push(Token { kind: TokenKind::End, at });
            return Ok(tokens);
        };
        let (kind, length) = match first {
            '\'' => quoted(rest, '\'', at).map(|(text, length)| (TokenKind::Text(text), length))?,
            '"' => quoted(rest, '"', at).map(|(text, length)| (TokenKind::Quoted(text), length))?,
            '0'..='9' | '.' => number(rest, at)?,
            _ if first.is_alphabetic() || matches!(first, '_' | ':') => {
                let length = rest.find(|c: char| !(c.is_alphanumeric() || matches!(c, '_' | '.' | ':'))).unwrap_or(rest.len());
                (TokenKind::Word(&rest[..length]), length)
            }
            _ => {
                let symbol = SYMBOLS
                    .iter()
                    .find(|symbol| rest.starts_with(**symbol))
                    .ok_or(Cql2Error::syntax("a word, a value or an operator", at))?;
                (TokenKind::Symbol(symbol), symbol.len())
            }
        };
        tokens.push(Token { kind, at });
        at += rest[..length].chars().count();
        rest = &rest[length..];
    }
}

/// The text between quotes, doubled quotes (and, in single ones, a backslash before a quote) read as one, and the length.
fn quoted(rest: &str, quote: char, at: usize) -> Result<(String, usize), Cql2Error> {
    let mut text = String::new();
    let mut characters = rest.char_indices().skip(1).peekable();
    while let Some((place, c)) = characters.next() {
        let next = characters.peek().map(|(_, next)| *next);
        if (c == quote || c == '\\') && next == Some(quote) && !(c == '\\' && quote == '"') {
            text.push(quote);
            characters.next();
        } else if c == quote {
            return Ok((text, place + 1));
        } else {
            text.push(c);
        }
    }
    Err(Cql2Error::syntax("a closing quote for the one that opens", at))
}

fn number(rest: &str, at: usize) -> Result<(TokenKind<'_>, usize), Cql2Error> {
    let bytes = rest.as_bytes();
    let mut length = bytes.iter().take_while(|byte| byte.is_ascii_digit() || **byte == b'.').count();
    if matches!(bytes.get(length), Some(b'e' | b'E')) {
        let sign = usize::from(matches!(bytes.get(length + 1), Some(b'+' | b'-')));
        let digits = bytes[length + 1 + sign..].iter().take_while(|byte| byte.is_ascii_digit()).count();
        length += if digits > 0 { 1 + sign + digits } else { 0 };
    }
    let number = rest[..length].parse().ok().filter(|number: &f64| number.is_finite()).ok_or(Cql2Error::syntax("a number", at))?;
    Ok((TokenKind::Number(number), length))
}
