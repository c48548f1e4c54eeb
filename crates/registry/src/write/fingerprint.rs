//! How is a record known that says what it said before, and one that is not what came?
//!
//! A fingerprint is two digests: of what a record says, whatever the order of its fields, and of the text it came in together with its key. Both are keyed:
//! where all of a person is known but a number, nobody who has the database alone can try which number fits.

use hmac::{Hmac, KeyInit as _, Mac as _};
use jiku_model::{RawRecord, RecordKey};
use jiku_store::Store;
use sha2::Sha256;

/// How long each of the digests is.
const EACH: usize = 16;

/// The key of a database's fingerprints.
#[derive(Clone)]
pub(crate) struct Fingerprints(Hmac<Sha256>);

impl Fingerprints {
    /// That of this database, the same on every node and for its life.
    pub(crate) fn of(store: &Store) -> Self {
        Self::under(&store.derived_key("fingerprint"))
    }

    fn under(key: &[u8; 32]) -> Self {
        Self(Hmac::new_from_slice(key).expect("HMAC takes a key of any length"))
    }

    /// The fingerprint of a record, and of the text it came in.
    pub(crate) fn take(&self, key: &RecordKey, raw: &RawRecord, payload: &str) -> Vec<u8> {
        let mut print = self.content(raw);
        let text = self.text(&print, key, payload);
        print.extend(text);
        print
    }

    /// Whether a text is the one that a record of this key came in. What an earlier version wrote has no digest of it.
    pub(crate) fn fits(&self, print: &[u8], key: &RecordKey, payload: &str) -> bool {
        match print.split_at_checked(EACH) {
            Some((_, [])) => true,
            Some((content, text)) => text == self.text(content, key, payload),
            None => false,
        }
    }

    fn content(&self, raw: &RawRecord) -> Vec<u8> {
        let mut fields: Vec<(&String, &serde_json::Value)> = raw.iter().collect();
        fields.sort_by_key(|(name, _)| *name);
        let (mut digest, mut written) = (self.0.clone(), Vec::with_capacity(512));
        for (name, value) in fields {
            written.clear();
            serde_json::to_writer(&mut written, value).expect("JSON values are JSON");
            for text in [name.as_bytes(), &written] {
                digest.update(&(text.len() as u64).to_be_bytes());
                digest.update(text);
            }
        }
        digest.finalize().into_bytes()[..EACH].to_vec()
    }

    fn text(&self, content: &[u8], key: &RecordKey, payload: &str) -> Vec<u8> {
        let mut digest = self.0.clone();
        digest.update(content);
        for text in [key.kind.plural(), key.source.as_str(), &key.key, payload] {
            digest.update(&(text.len() as u64).to_be_bytes());
            digest.update(text.as_bytes());
        }
        digest.finalize().into_bytes()[..EACH].to_vec()
    }
}

/// Whether two records say the same: equal means unchanged.
pub(crate) fn says_the_same(one: &[u8], other: &[u8]) -> bool {
    said(one) == said(other)
}

/// The digest of what a record says, of its fingerprint.
pub(crate) fn said(print: &[u8]) -> &[u8] {
    print.get(..EACH).unwrap_or(print)
}

#[cfg(test)]
mod tests {
    use jiku_model::Kind;

    use super::*;

    fn raw(pairs: &[(&str, &str)]) -> RawRecord {
        pairs.iter().map(|(name, value)| ((*name).to_owned(), (*value).into())).collect()
    }

    fn key(key: &str) -> RecordKey {
        RecordKey { kind: Kind::Person, source: "gongan".parse().expect("a source"), key: key.to_owned() }
    }

    #[test]
    fn what_is_said_is_known_by_the_fields_and_not_by_their_order() {
        let prints = Fingerprints::under(&[7; 32]);
        let take = |pairs| prints.take(&key("1"), &raw(pairs), "as it came");
        let one = take(&[("name", "张伟"), ("sex", "1")]);
        assert!(says_the_same(&one, &take(&[("sex", "1"), ("name", "张伟")])));
        assert!(!says_the_same(&one, &take(&[("sex", "2"), ("name", "张伟")])));
        assert!(!says_the_same(&take(&[("a", "bc")]), &take(&[("ab", "c")])));
        let elsewhere = Fingerprints::under(&[8; 32]).take(&key("1"), &raw(&[("name", "张伟"), ("sex", "1")]), "as it came");
        assert!(!says_the_same(&one, &elsewhere), "under another key nobody can try what fits");
    }

    #[test]
    fn a_text_fits_the_record_it_came_in_and_no_other() {
        let prints = Fingerprints::under(&[7; 32]);
        let print = prints.take(&key("1"), &raw(&[("name", "张伟")]), "张伟");
        assert!(prints.fits(&print, &key("1"), "张伟"));
        assert!(!prints.fits(&print, &key("2"), "张伟") && !prints.fits(&print, &key("1"), "张玮"));
        let [mut of_content, mut of_text] = [print.clone(), print.clone()];
        of_content[0] ^= 1;
        of_text[EACH] ^= 1;
        assert!(![of_content, of_text].iter().any(|print| prints.fits(print, &key("1"), "张伟")));
        assert!(prints.fits(&print[..EACH], &key("1"), "anything"), "an earlier version wrote no digest of the text");
        let again = prints.take(&key("1"), &raw(&[("name", "张伟")]), " 张伟");
        assert!(says_the_same(&print, &again) && print != again, "another spelling says the same");
    }
}
