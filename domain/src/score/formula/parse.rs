//! Reading a formula: words first, then what they make together.

use super::{Compared, FormulaError, MAX_DEPTH, MAX_LENGTH, MAX_NODES, Node, Sign};
use crate::score::Number;

#[derive(Clone, Debug, PartialEq, Eq)]
enum Token {
    Number(Number),
    Name(String),
    Sign(Sign),
    Compared(Compared),
    Open,
    Close,
    Comma,
}

type Found<T> = Result<T, FormulaError>;

fn wrong<T>(at: usize, sentence: impl Into<String>) -> Found<T> {
    Err(FormulaError { at, sentence: sentence.into() })
}

pub(super) fn parse(text: &str, names: &[String]) -> Found<Node> {
    let count = text.chars().count();
    if count > MAX_LENGTH {
        return wrong(MAX_LENGTH, format!("a formula is at most {MAX_LENGTH} characters long."));
    }
    let tokens = tokens(text)?;
    let mut parser = Parser { tokens, next: 0, end: count, names, nodes: 0, depth: 0 };
    let root = parser.sum()?;
    match parser.tokens.get(parser.next) {
        None => Ok(root),
        Some((at, Token::Close)) => wrong(*at, "this parenthesis was never opened."),
        Some((at, Token::Comma)) => wrong(*at, "a comma stands between the parts of min, max and if."),
        Some((at, Token::Compared(_))) => wrong(*at, "compare only in if, such as if(Need > 3, 1, 0)."),
        Some((at, _)) => wrong(*at, "there is a sign missing before this: + − × or ÷."),
    }
}

fn tokens(text: &str) -> Found<Vec<(usize, Token)>> {
    let chars: Vec<char> = text.chars().collect();
    let (mut tokens, mut at) = (Vec::new(), 0);
    while let Some(c) = chars.get(at).copied() {
        let begin = at;
        at += 1;
        let is_followed_by = |other: char| chars.get(begin + 1) == Some(&other);
        let token = match c {
            c if c.is_whitespace() => continue,
            '+' => Token::Sign(Sign::Plus),
            '-' | '−' => Token::Sign(Sign::Minus),
            '*' | '×' | '·' => Token::Sign(Sign::Times),
            '/' | '÷' => Token::Sign(Sign::Over),
            '(' => Token::Open,
            ')' => Token::Close,
            ',' | ';' => Token::Comma,
            '≤' => Token::Compared(Compared::AtMost),
            '≥' => Token::Compared(Compared::AtLeast),
            '≠' => Token::Compared(Compared::Different),
            '=' => {
                at += usize::from(is_followed_by('='));
                Token::Compared(Compared::Equal)
            }
            '!' if is_followed_by('=') => {
                at += 1;
                Token::Compared(Compared::Different)
            }
            '<' | '>' => {
                let or_equal = is_followed_by('=');
                at += usize::from(or_equal);
                Token::Compared(match (c, or_equal) {
                    ('<', false) => Compared::Less,
                    ('<', true) => Compared::AtMost,
                    (_, false) => Compared::More,
                    (_, true) => Compared::AtLeast,
                })
            }
            c if c.is_ascii_digit() || c == '.' => {
                while chars.get(at).is_some_and(|c| c.is_ascii_digit() || *c == '.') {
                    at += 1;
                }
                let word: String = chars[begin..at].iter().collect();
                match word.parse() {
                    Ok(number) => Token::Number(number),
                    Err(()) => {
                        return wrong(begin, format!("“{word}” isn’t a number. Write it like 3 or 0.25."));
                    }
                }
            }
            c if c.is_alphabetic() => Token::Name(name(&chars, begin, &mut at)),
            c => return wrong(begin, format!("“{c}” has no meaning in a formula.")),
        };
        tokens.push((begin, token));
    }
    Ok(tokens)
}

/// Words one after the other are one name.
fn name(chars: &[char], begin: usize, at: &mut usize) -> String {
    let mut end = begin;
    for (index, c) in chars.iter().enumerate().skip(begin) {
        if c.is_alphanumeric() || *c == '_' {
            end = index + 1;
        } else if !c.is_whitespace() {
            break;
        }
    }
    *at = end;
    let words: String = chars[begin..end].iter().collect();
    words.split_whitespace().collect::<Vec<_>>().join(" ")
}

struct Parser<'a> {
    tokens: Vec<(usize, Token)>,
    next: usize,
    end: usize,
    names: &'a [String],
    nodes: usize,
    depth: usize,
}

impl Parser<'_> {
    fn peek(&self) -> Option<&Token> {
        self.tokens.get(self.next).map(|(_, token)| token)
    }

    /// Where the next token is.
    fn at(&self) -> usize {
        self.tokens.get(self.next).map_or(self.end, |(at, _)| *at)
    }

    fn take(&mut self) -> Option<Token> {
        let token = self.peek().cloned();
        self.next += 1;
        token
    }

    fn node(&mut self, node: Node) -> Found<Node> {
        self.nodes += 1;
        if self.nodes > MAX_NODES {
            return wrong(
                self.at().min(self.end),
                format!("a formula has at most {MAX_NODES} numbers, names and signs."),
            );
        }
        Ok(node)
    }

    fn deeper<T>(&mut self, work: impl FnOnce(&mut Self) -> Found<T>) -> Found<T> {
        if self.depth == MAX_DEPTH {
            return wrong(self.at(), format!("parentheses are at most {MAX_DEPTH} deep."));
        }
        self.depth += 1;
        let found = work(self);
        self.depth -= 1;
        found
    }

    fn sum(&mut self) -> Found<Node> {
        let mut left = self.product()?;
        while let Some(Token::Sign(sign @ (Sign::Plus | Sign::Minus))) = self.peek() {
            let sign = *sign;
            self.next += 1;
            let right = self.product()?;
            left = self.node(Node::Two(sign, Box::new(left), Box::new(right)))?;
        }
        Ok(left)
    }

    fn product(&mut self) -> Found<Node> {
        let mut left = self.signed()?;
        while let Some(Token::Sign(sign @ (Sign::Times | Sign::Over))) = self.peek() {
            let sign = *sign;
            self.next += 1;
            let right = self.signed()?;
            left = self.node(Node::Two(sign, Box::new(left), Box::new(right)))?;
        }
        Ok(left)
    }

    fn signed(&mut self) -> Found<Node> {
        if self.peek() != Some(&Token::Sign(Sign::Minus)) {
            return self.one();
        }
        self.next += 1;
        let node = self.deeper(Self::signed)?;
        self.node(Node::Negative(Box::new(node)))
    }

    fn one(&mut self) -> Found<Node> {
        let at = self.at();
        match self.take() {
            Some(Token::Number(number)) => self.node(Node::Number(number)),
            Some(Token::Name(name)) if self.peek() == Some(&Token::Open) => self.function(at, &name),
            Some(Token::Name(name)) => self.input(at, &name),
            Some(Token::Open) => {
                let node = self.deeper(Self::sum)?;
                self.expect(&Token::Close, at)?;
                Ok(node)
            }
            None if self.end == 0 || self.tokens.is_empty() => {
                wrong(0, "write a formula, such as Need + Value.")
            }
            None => wrong(at, "the formula ends in the middle: a number or a name is missing."),
            Some(Token::Close) => wrong(at, "a number or a name is missing before this parenthesis."),
            Some(Token::Comma) => wrong(at, "a number or a name is missing before this comma."),
            Some(Token::Sign(_) | Token::Compared(_)) => {
                wrong(at, "a number or a name is missing before this sign.")
            }
        }
    }

    fn input(&mut self, at: usize, name: &str) -> Found<Node> {
        let name = name.to_lowercase();
        match self.names.iter().position(|other| other.to_lowercase() == name) {
            Some(place) => self.node(Node::Input(place)),
            None if ["min", "max", "if"].contains(&&*name) => {
                wrong(at, format!("{name} needs parentheses, such as {}.", example(&name)))
            }
            None if self.names.is_empty() => wrong(at, format!("there is no criterion “{name}”.")),
            None => {
                let names = self.names.join(", ");
                wrong(at, format!("there is no criterion “{name}”. There are: {names}."))
            }
        }
    }

    fn function(&mut self, at: usize, name: &str) -> Found<Node> {
        let open = self.at();
        self.next += 1;
        match &*name.to_lowercase() {
            name @ ("min" | "max") => {
                let largest = name == "max";
                let of = self.deeper(|parser| {
                    let mut of = vec![parser.sum()?];
                    while parser.peek() == Some(&Token::Comma) {
                        parser.next += 1;
                        of.push(parser.sum()?);
                    }
                    Ok(of)
                })?;
                self.expect(&Token::Close, open)?;
                self.node(Node::Most { largest, of })
            }
            "if" => {
                let node = self.deeper(|parser| {
                    let left = parser.sum()?;
                    let sign = parser.at();
                    let Some(Token::Compared(compared)) = parser.take() else {
                        return wrong(
                            sign,
                            format!("if compares two things first, such as {}.", example("if")),
                        );
                    };
                    let right = parser.sum()?;
                    parser.comma()?;
                    let then = Box::new(parser.sum()?);
                    parser.comma()?;
                    let otherwise = Box::new(parser.sum()?);
                    Ok(Node::If { compared, sides: Box::new((left, right)), then, otherwise })
                })?;
                self.expect(&Token::Close, open)?;
                self.node(node)
            }
            name => wrong(at, format!("there is no function “{name}”. There are min, max and if.")),
        }
    }

    fn comma(&mut self) -> Found<()> {
        let at = self.at();
        if self.take() == Some(Token::Comma) {
            return Ok(());
        }
        wrong(at, format!("if has three parts with commas between them, such as {}.", example("if")))
    }

    /// What has to come next, for a parenthesis that was opened at a place.
    fn expect(&mut self, wanted: &Token, opened: usize) -> Found<()> {
        match self.peek() {
            Some(token) if token == wanted => {
                self.next += 1;
                Ok(())
            }
            None => wrong(opened, "this parenthesis is never closed."),
            Some(Token::Compared(_)) => wrong(self.at(), "compare only in if, such as if(Need > 3, 1, 0)."),
            Some(Token::Comma) => wrong(self.at(), "there is a part too many here."),
            Some(_) => wrong(self.at(), "there is a sign missing before this: + − × or ÷."),
        }
    }
}

fn example(function: &str) -> &'static str {
    match function {
        "min" => "min(Need, Value)",
        "max" => "max(Need, Value)",
        _ => "if(Need > 3, 1, 0)",
    }
}
