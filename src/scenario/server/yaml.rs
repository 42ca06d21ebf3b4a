//! YAML and JSON as trees whose texts know their places.

use std::collections::BTreeMap;
use std::ops::Range;

use saphyr_parser::{Event, Parser, ScalarStyle};

use super::piece::Piece;

/// A value.
#[derive(Clone, Debug)]
pub(super) enum Node {
    Text { piece: Piece, outer: Range<usize> },
    List(Vec<Node>),
    Map(Vec<(Piece, Node)>),
}

/// The most values that are read, those of repeated parts too.
const MOST: usize = 100_000;
/// The deepest that they are nested.
const DEEPEST: usize = 100;

impl Node {
    pub(crate) fn get(&self, name: &str) -> Option<&Node> {
        let Node::Map(all) = self else { return None };
        let own = all.iter().find(|(key, _)| key.text() == name).map(|(_, value)| value);
        own.or_else(|| {
            let merged = all.iter().filter(|(key, _)| key.text() == "<<");
            merged.flat_map(|(_, value)| value.items()).find_map(|value| value.get(name))
        })
    }

    /// The value below several names.
    pub(crate) fn at(&self, path: &[&str]) -> Option<&Node> {
        path.iter().try_fold(self, |node, name| node.get(name))
    }

    pub(crate) fn text(&self) -> Option<&Piece> {
        match self {
            Node::Text { piece, .. } => Some(piece),
            _ => None,
        }
    }

    /// The values of a list; one that is not a list stands for itself.
    pub(crate) fn items(&self) -> &[Node] {
        match self {
            Node::List(all) => all,
            one => std::slice::from_ref(one),
        }
    }

    pub(crate) fn entries(&self) -> &[(Piece, Node)] {
        match self {
            Node::Map(all) => all,
            _ => &[],
        }
    }

    fn size(&self) -> usize {
        1 + match self {
            Node::Text { .. } => 0,
            Node::List(all) => all.iter().map(Node::size).sum(),
            Node::Map(all) => all.iter().map(|(_, value)| 1 + value.size()).sum(),
        }
    }
}

/// The documents of a text; `None` if it is not YAML.
pub(super) fn parse(text: &Piece) -> Option<Vec<Node>> {
    let mut places: Vec<usize> = text.text().char_indices().map(|(at, _)| at).collect();
    places.push(text.text().len());
    let parser = Parser::new_from_str(text.text());
    let mut builder = Builder { text, places, anchors: BTreeMap::new(), size: 0 };
    let mut stack: Vec<(usize, OpenNode)> = Vec::new();
    let mut documents = Vec::new();
    for event in parser {
        let (event, span) = event.ok()?;
        let done = match event {
            Event::Scalar(decoded, style, anchor, _) => {
                let range = span.start.index()..span.end.index();
                Some((anchor, builder.scalar(&decoded, style, range)))
            }
            Event::Alias(anchor) => Some((0, builder.anchors.get(&anchor)?.clone())),
            Event::SequenceStart(anchor, _) => {
                stack.push((anchor, OpenNode::List(Vec::new())));
                None
            }
            Event::MappingStart(anchor, _) => {
                stack.push((anchor, OpenNode::Map(Vec::new(), None)));
                None
            }
            Event::SequenceEnd | Event::MappingEnd => {
                let (anchor, open) = stack.pop()?;
                Some((anchor, open.close()))
            }
            _ => None,
        };
        let Some((anchor, node)) = done else {
            if stack.len() > DEEPEST {
                return None;
            }
            continue;
        };
        builder.size += node.size();
        if builder.size > MOST {
            return None;
        }
        if anchor > 0 {
            builder.anchors.insert(anchor, node.clone());
        }
        match stack.last_mut() {
            Some((_, open)) => open.add(node),
            None => documents.push(node),
        }
    }
    (!documents.is_empty()).then_some(documents)
}

struct Builder<'a> {
    text: &'a Piece,
    /// The byte of each character.
    places: Vec<usize>,
    anchors: BTreeMap<usize, Node>,
    size: usize,
}

impl Builder<'_> {
    fn scalar(&self, decoded: &str, style: ScalarStyle, span: Range<usize>) -> Node {
        let byte = |at: usize| self.places.get(at).copied().unwrap_or(self.text.text().len());
        let (mut begin, end) = (byte(span.start), byte(span.end).max(byte(span.start)));
        let outer = self.text.place(begin)..self.text.place(end.saturating_sub(1).max(begin)) + 1;
        if matches!(style, ScalarStyle::Literal | ScalarStyle::Folded) {
            let raw = &self.text.text()[begin..end];
            begin += raw.find('\n').filter(|_| raw.starts_with(['|', '>'])).unwrap_or(0);
        }
        let piece = Piece::aligned(decoded, &self.text.slice(begin..end));
        Node::Text { piece, outer }
    }
}

enum OpenNode {
    List(Vec<Node>),
    Map(Vec<(Piece, Node)>, Option<Piece>),
}

impl OpenNode {
    fn add(&mut self, node: Node) {
        match self {
            OpenNode::List(all) => all.push(node),
            OpenNode::Map(all, key) => match key.take() {
                Some(key) => all.push((key, node)),
                None => *key = Some(node.text().cloned().unwrap_or_default()),
            },
        }
    }

    fn close(self) -> Node {
        match self {
            OpenNode::List(all) => Node::List(all),
            OpenNode::Map(all, _) => Node::Map(all),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn values_know_their_places() {
        let text = "a: {b: [\"x\\\"4\", 'é', 5]}\nc: |\n  one 6\n  two\nd: >-\n  f 7\n  g\n";
        let found = parse(&Piece::whole(text)).unwrap();
        let node = &found[0];
        let shown = |path: &[&str], digit: char| {
            let piece = node.at(path).unwrap().text().unwrap().clone();
            let at = piece.text().find(digit).unwrap();
            text[piece.slice(at..at + 1).span()].to_owned()
        };
        assert_eq!((shown(&["c"], '6'), shown(&["d"], '7')), ("6".into(), "7".into()));
        let items = node.at(&["a", "b"]).unwrap().items();
        let Node::Text { piece, outer } = &items[0] else { panic!() };
        assert_eq!((piece.text(), &text[outer.clone()]), ("x\"4", "\"x\\\"4\""));
        let Node::Text { outer, .. } = &items[2] else { panic!() };
        assert_eq!(&text[outer.clone()], "5");
    }

    #[test]
    fn parts_that_repeat_end() {
        let mut text = "a0: &a0 [x, x, x, x, x, x, x, x, x, x]\n".to_owned();
        for n in 1..9 {
            let of = format!("*a{}", n - 1);
            text += &format!("a{n}: &a{n} [{}]\n", vec![of; 10].join(", "));
        }
        assert!(parse(&Piece::whole(&text)).is_none());
    }
}
