//! How are an entity's relationships drawn?
//!
//! The entity in the middle; on the left those that name it, on the right those it names. One line each, with the role.

/// The picture.
pub(crate) struct Graph {
    /// What the middle is called, as much as it has room for.
    pub(crate) centre: String,
    /// Where the picture begins, so that what is drawn stands in its middle.
    pub(crate) left: f64,
    pub(crate) nodes: Vec<Node>,
    pub(crate) height: f64,
    /// Where the middle is.
    pub(crate) middle: f64,
    /// How many there was no room for.
    pub(crate) left_out: usize,
}

/// Another entity, or a party that is none.
#[derive(Clone)]
pub(crate) struct Node {
    pub(crate) name: String,
    /// As much of the name as its box has room for.
    pub(crate) short: String,
    pub(crate) role: String,
    pub(crate) address: Option<String>,
    /// `person`, `legal-person`, `parcel` or `unknown`: sign and colour.
    pub(crate) class: &'static str,
    /// Whether it names the entity, rather than being named.
    pub(crate) inward: bool,
    pub(crate) y: f64,
}

/// The height of a row, and the most rows of a side.
const ROW: f64 = 40.0;
const MOST: usize = 9;

/// Draws the ties of an entity; none when it has none.
pub(crate) fn draw(centre: String, ties: Vec<Node>) -> Option<Graph> {
    if ties.is_empty() {
        return None;
    }
    let (mut inward, mut outward): (Vec<Node>, Vec<Node>) = ties.into_iter().partition(|tie| tie.inward);
    let left_out = inward.len().saturating_sub(MOST) + outward.len().saturating_sub(MOST);
    inward.truncate(MOST);
    outward.truncate(MOST);
    #[expect(clippy::cast_precision_loss, reason = "at most nine rows")]
    let room = |rows: usize| rows as f64 * ROW;
    let height = room(inward.len().max(outward.len()).max(2));
    for side in [&mut inward, &mut outward] {
        let top = (height - room(side.len())) / 2.0;
        for (row, node) in side.iter_mut().enumerate() {
            node.y = top + room(row) + ROW / 2.0;
        }
    }
    let left = match (inward.is_empty(), outward.is_empty()) {
        (false, true) => -126.0,
        (true, false) => 110.0,
        _ => -8.0,
    };
    inward.append(&mut outward);
    for node in &mut inward {
        node.short = fitting(&node.name, 25);
    }
    Some(Graph { centre: fitting(&centre, 23), left, nodes: inward, height, middle: height / 2.0, left_out })
}

/// As much of a text as fits so many narrow letters; a character of Chinese is as wide as two.
fn fitting(text: &str, room: usize) -> String {
    let wide = |letter: char| if letter.is_ascii() { 1 } else { 2 };
    if text.chars().map(wide).sum::<usize>() <= room {
        return text.to_owned();
    }
    let mut used = 2;
    let kept = text.chars().take_while(|letter| {
        used += wide(*letter);
        used <= room
    });
    kept.chain(['…']).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn tie(inward: bool) -> Node {
        Node { name: "甲".into(), short: String::new(), role: "guardian".into(), address: None, class: "person", inward, y: 0.0 }
    }

    #[test]
    fn each_side_is_spread_around_the_middle_and_what_has_no_room_is_counted() {
        assert!(draw(String::new(), Vec::new()).is_none());
        let graph = draw("乙".into(), vec![tie(true), tie(false), tie(false), tie(false)]).expect("a graph");
        assert_eq!(graph.nodes.iter().map(|node| node.y).collect::<Vec<_>>(), [60.0, 20.0, 60.0, 100.0]);
        assert_eq!((graph.height, graph.middle, graph.left_out), (120.0, 60.0, 0));
        assert_eq!(draw(String::new(), vec![tie(true); 12]).map(|graph| (graph.nodes.len(), graph.left_out)), Some((9, 3)));
    }

    #[test]
    fn a_long_name_ends_where_its_box_ends() {
        for (name, expected) in [
            ("广州友邦投资合伙企业（有限合伙）", "广州友邦投资合伙企业（…"),
            ("440106001002GB00081", "440106001002GB00081"),
            ("官渡", "官渡"),
        ] {
            assert_eq!(fitting(name, 25), expected);
        }
    }
}
