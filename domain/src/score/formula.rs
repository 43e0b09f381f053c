//! Formulas: numbers, names, `+ − × ÷`, `min`, `max`, `if` and parentheses. No code runs, and nothing is unbounded.

mod parse;

use std::fmt;

use super::Number;

/// The most characters of a formula.
pub(super) const MAX_LENGTH: usize = 1_000;
/// How deep parentheses, functions and signs may be in each other.
pub(super) const MAX_DEPTH: usize = 24;
/// The most numbers, names, signs and functions together.
pub(super) const MAX_NODES: usize = 200;

/// A formula that was read, over inputs by their places.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Formula {
    root: Node,
    names: Vec<String>,
    /// The places of inputs that are in it, in order.
    used: Vec<usize>,
}

/// A syntax error in a formula, and its position.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("At character {}: {sentence}", .at + 1)]
pub struct FormulaError {
    /// How many characters are before the place.
    pub at: usize,
    pub sentence: String,
}

/// Why there is no score.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum NoScore {
    /// Inputs that nobody has given, by their places.
    Missing(Vec<usize>),
    /// A part of the formula by which something is divided, and which is zero.
    DividedByNothing(String),
    /// A number on the way is too large to be held.
    TooLarge,
}

#[derive(Clone, Debug, PartialEq, Eq)]
enum Node {
    Number(Number),
    Input(usize),
    Negative(Box<Node>),
    Two(Sign, Box<Node>, Box<Node>),
    Most { largest: bool, of: Vec<Node> },
    If { compared: Compared, sides: Box<(Node, Node)>, then: Box<Node>, otherwise: Box<Node> },
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Sign {
    Plus,
    Minus,
    Times,
    Over,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Compared {
    Less,
    AtMost,
    More,
    AtLeast,
    Equal,
    Different,
}

impl Formula {
    /// Reads a formula over inputs with these names; case does not count.
    ///
    /// # Errors
    /// Where the text is none, with a sentence.
    pub fn parse(text: &str, names: &[String]) -> Result<Self, FormulaError> {
        let root = parse::parse(text, names)?;
        let mut used = Vec::new();
        root.visit(&mut |node| {
            if let Node::Input(place) = node {
                used.push(*place);
            }
        });
        used.sort_unstable();
        used.dedup();
        Ok(Formula { root, names: names.to_vec(), used })
    }

    /// Which inputs it uses, by their places.
    pub fn uses(&self) -> &[usize] {
        &self.used
    }

    /// What it comes to.
    ///
    /// # Errors
    /// Why there is no score.
    pub fn value(&self, inputs: &[Option<Number>]) -> Result<Number, NoScore> {
        let is_missing = |place: &usize| inputs.get(*place).is_none_or(Option::is_none);
        if self.used.iter().any(is_missing) {
            return Err(NoScore::Missing(self.used.iter().copied().filter(is_missing).collect()));
        }
        self.value_of(&self.root, inputs)
    }

    fn value_of(&self, node: &Node, inputs: &[Option<Number>]) -> Result<Number, NoScore> {
        let of = |node: &Node| self.value_of(node, inputs);
        match node {
            Node::Number(number) => Ok(*number),
            Node::Input(place) => {
                inputs.get(*place).copied().flatten().ok_or_else(|| NoScore::Missing(vec![*place]))
            }
            Node::Negative(node) => Ok(of(node)?.negative()),
            Node::Two(sign, left, right) => {
                let (a, b) = (of(left)?, of(right)?);
                let result = match sign {
                    Sign::Plus => a.plus(b),
                    Sign::Minus => a.minus(b),
                    Sign::Times => a.times(b),
                    Sign::Over if b.is_zero() => {
                        return Err(NoScore::DividedByNothing(self.words(right)));
                    }
                    Sign::Over => a.over(b),
                };
                result.ok_or(NoScore::TooLarge)
            }
            Node::Most { largest, of: nodes } => {
                let mut found = None::<Number>;
                for node in nodes {
                    let next = of(node)?;
                    let is_better = found.is_none_or(|found| (next > found) == *largest);
                    found = if is_better { Some(next) } else { found };
                }
                found.ok_or(NoScore::TooLarge)
            }
            Node::If { compared, sides, then, otherwise } => {
                let (a, b) = (of(&sides.0)?, of(&sides.1)?);
                let is_so = match compared {
                    Compared::Less => a < b,
                    Compared::AtMost => a <= b,
                    Compared::More => a > b,
                    Compared::AtLeast => a >= b,
                    Compared::Equal => a == b,
                    Compared::Different => a != b,
                };
                of(if is_so { then } else { otherwise })
            }
        }
    }

    fn words(&self, node: &Node) -> String {
        let mut text = String::new();
        write(node, &self.names, &mut text);
        text
    }
}

/// As it can be read again.
impl fmt::Display for Formula {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.words(&self.root))
    }
}

impl Node {
    fn visit<'a>(&'a self, found: &mut impl FnMut(&'a Node)) {
        found(self);
        match self {
            Node::Number(_) | Node::Input(_) => {}
            Node::Negative(node) => node.visit(found),
            Node::Two(_, left, right) => {
                left.visit(found);
                right.visit(found);
            }
            Node::Most { of, .. } => {
                for node in of {
                    node.visit(found);
                }
            }
            Node::If { sides, then, otherwise, .. } => {
                for node in [&sides.0, &sides.1, then, otherwise] {
                    node.visit(found);
                }
            }
        }
    }

    /// What binds more has more.
    fn binding(&self) -> u8 {
        match self {
            Node::Two(Sign::Plus | Sign::Minus, ..) => 1,
            Node::Two(..) => 2,
            Node::Negative(_) => 3,
            _ => 4,
        }
    }
}

impl Sign {
    fn as_str(self) -> &'static str {
        match self {
            Sign::Plus => " + ",
            Sign::Minus => " − ",
            Sign::Times => " × ",
            Sign::Over => " ÷ ",
        }
    }
}

impl Compared {
    fn as_str(self) -> &'static str {
        match self {
            Compared::Less => " < ",
            Compared::AtMost => " ≤ ",
            Compared::More => " > ",
            Compared::AtLeast => " ≥ ",
            Compared::Equal => " = ",
            Compared::Different => " ≠ ",
        }
    }
}

fn write(node: &Node, names: &[String], text: &mut String) {
    // Parentheses only where it would be read otherwise without them.
    let part = |node: &Node, least: u8, text: &mut String| {
        if node.binding() < least {
            text.push('(');
            write(node, names, text);
            text.push(')');
        } else {
            write(node, names, text);
        }
    };
    match node {
        Node::Number(number) => text.push_str(&number.literal()),
        Node::Input(place) => text.push_str(names.get(*place).map_or("?", String::as_str)),
        Node::Negative(node) => {
            text.push('−');
            part(node, 3, text);
        }
        Node::Two(sign, left, right) => {
            let own = self::Node::binding(node);
            part(left, own, text);
            text.push_str(sign.as_str());
            part(right, own + 1, text);
        }
        Node::Most { largest, of } => {
            text.push_str(if *largest { "max(" } else { "min(" });
            for (index, node) in of.iter().enumerate() {
                text.push_str(if index == 0 { "" } else { ", " });
                write(node, names, text);
            }
            text.push(')');
        }
        Node::If { compared, sides, then, otherwise } => {
            text.push_str("if(");
            write(&sides.0, names, text);
            text.push_str(compared.as_str());
            write(&sides.1, names, text);
            for node in [then, otherwise] {
                text.push_str(", ");
                write(node, names, text);
            }
            text.push(')');
        }
    }
}
