//! Which characters of two texts differ?

/// A piece of a text, and whether the other text lacks it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Piece {
    /// The characters; none where the other text has some that this one lacks.
    pub(crate) text: String,
    /// Whether they stand out.
    pub(crate) differs: bool,
}

/// Texts longer than this are compared as a whole: the table of the comparison grows with the product.
const MAX: usize = 200;

/// The pieces of both texts, by their longest common subsequence.
pub(crate) fn pieces(left: &str, right: &str) -> (Vec<Piece>, Vec<Piece>) {
    let (left, right): (Vec<char>, Vec<char>) = (left.chars().collect(), right.chars().collect());
    if left.len() > MAX || right.len() > MAX {
        let same = left == right;
        let alone = |letters: &[char]| vec![Piece { text: letters.iter().collect(), differs: !same }];
        return (alone(&left), alone(&right));
    }
    // common[i][j]: the longest common subsequence of what follows place i and place j.
    let width = right.len() + 1;
    let mut common = vec![0_u16; (left.len() + 1) * width];
    for i in (0..left.len()).rev() {
        for j in (0..right.len()).rev() {
            common[i * width + j] = if left[i] == right[j] {
                common[(i + 1) * width + j + 1] + 1
            } else {
                common[(i + 1) * width + j].max(common[i * width + j + 1])
            };
        }
    }
    if is_by_place(&left, &right, usize::from(common[0])) {
        return (by_place(&left, &right), by_place(&right, &left));
    }
    // Stretches that both have and stretches that differ take turns: each is a piece on either side, empty in the text that lacks it.
    let (mut in_left, mut in_right) = (Vec::new(), Vec::new());
    let (mut i, mut j) = (0, 0);
    while i < left.len() || j < right.len() {
        let is_shared = |i: usize, j: usize| i < left.len() && j < right.len() && left[i] == right[j];
        let (from_i, from_j, differs) = (i, j, !is_shared(i, j));
        while (i < left.len() || j < right.len()) && is_shared(i, j) != differs {
            if !differs {
                (i, j) = (i + 1, j + 1);
            } else if j == right.len() || i < left.len() && common[(i + 1) * width + j] >= common[i * width + j + 1] {
                i += 1;
            } else {
                j += 1;
            }
        }
        in_left.push(Piece { text: left[from_i..i].iter().collect(), differs });
        in_right.push(Piece { text: right[from_j..j].iter().collect(), differs });
    }
    (in_left, in_right)
}

/// Whether two texts are numbers of one length that differ place by place, rather than by something left out here and put in there:
/// `shared` characters stand in both in one order.
fn is_by_place(left: &[char], right: &[char], shared: usize) -> bool {
    let is_number = |text: &[char]| text.iter().all(|letter| letter.is_ascii_alphanumeric() || *letter == '-');
    let apart = left.iter().zip(right).filter(|(one, other)| one != other).count();
    left.len() == right.len() && is_number(left) && is_number(right) && apart <= 2 * (left.len() - shared)
}

/// The pieces of a text beside another of its length.
fn by_place(text: &[char], other: &[char]) -> Vec<Piece> {
    let places: Vec<(char, bool)> = text.iter().zip(other).map(|(one, other)| (*one, one != other)).collect();
    let piece = |places: &[(char, bool)]| Piece { text: places.iter().map(|place| place.0).collect(), differs: places[0].1 };
    places.chunk_by(|one, next| one.1 == next.1).map(piece).collect()
}

/// Whether a text is a code in letters, such as `moved-away`: one word.
pub(crate) fn is_word(text: &str) -> bool {
    text.len() > 1 && text.bytes().all(|byte| byte.is_ascii_lowercase() || byte == b'-')
}

/// Whether a mask hides a part of a text: what is hidden cannot be compared.
pub(crate) fn is_masked(text: &str) -> bool {
    text.contains('*')
}

/// A text of which nothing stands out.
pub(crate) fn whole(text: &str) -> Vec<Piece> {
    vec![Piece { text: text.to_owned(), differs: false }]
}

#[cfg(test)]
mod tests {
    use super::*;

    fn show(pieces: &[Piece]) -> String {
        pieces.iter().map(|piece| if piece.differs { format!("[{}]", piece.text) } else { piece.text.clone() }).collect()
    }

    #[test]
    fn only_the_characters_that_differ_stand_out() {
        for (left, right, expected) in [
            ("张伟", "张玮", ("张[伟]", "张[玮]")),
            ("天河路10号", "天河路100号", ("天河路10[]号", "天河路10[0]号")),
            ("天河区沙河街道文明路1号", "天河区文明路1号2栋", ("天河区[沙河街道]文明路1号[]", "天河区[]文明路1号[2栋]")),
            ("相同", "相同", ("相同", "相同")),
            ("", "新", ("[]", "[新]")),
            ("15208234519", "13331682864", ("1[5208234519]", "1[3331682864]")),
            ("440106198803150021", "440106198803510021", ("440106198803[15]0021", "440106198803[51]0021")),
            ("4401061988", "4010619888", ("4[4]01061988[]", "4[]01061988[8]")),
        ] {
            let (l, r) = pieces(left, right);
            assert_eq!((show(&l).as_str(), show(&r).as_str()), expected);
        }
    }
}
