//! Expressions: `input.n > 10 and steps.check.success`.

use std::cmp::Ordering;

use futures::future::BoxFuture;
use llmspell_core::{Result, Value, error};

use super::flow::Flow;
use super::scope::{self, Scope};
use super::template;
use super::token::{self, Part, Path, Piece, Token};
use super::truth::{is_equal, is_truthy, order};

/// Deepest nesting of an expression.
const MAX_DEPTH: usize = 64;

/// What a path starts with.
const ROOTS: [&str; 7] = [
    "input",
    "steps",
    "step_result",
    "shared_data",
    "data",
    "state",
    "loop",
];

/// A parsed expression.
#[derive(Clone, Debug, PartialEq)]
pub(super) enum Expression {
    Or(Box<Expression>, Box<Expression>),
    And(Box<Expression>, Box<Expression>),
    Not(Box<Expression>),
    Compare(Box<Expression>, Comparison, Box<Expression>),
    Literal(Value),
    Text(Vec<Part>),
    Token(Box<Token>),
    /// `$name`: a variable of the loop or shared data.
    Variable(String),
    Path(&'static str, Path),
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Comparison {
    Equal,
    Unequal,
    Less,
    LessOrEqual,
    More,
    MoreOrEqual,
}

const COMPARISONS: [(&str, Comparison); 6] = [
    ("==", Comparison::Equal),
    ("!=", Comparison::Unequal),
    ("<=", Comparison::LessOrEqual),
    (">=", Comparison::MoreOrEqual),
    ("<", Comparison::Less),
    (">", Comparison::More),
];

impl Expression {
    /// Parses an expression.
    ///
    /// - Errors: `Parse` naming the place.
    pub(super) fn parse(text: &str) -> Result<Self> {
        let mut parser = Parser { text, at: 0 };
        let parsed = parser.either(0).and_then(|expression| {
            parser.space();
            match parser.rest() {
                "" => Ok(expression),
                rest => Err(format!("'{rest}' is left over")),
            }
        });
        parsed.map_err(|why| {
            error!(
                Parse,
                "the expression '{text}' is wrong at character {}: {why}",
                text[..parser.at].chars().count() + 1
            )
            .with("expression", text)
        })
    }

    /// Returns the tokens in it.
    pub(super) fn tokens<'a>(&'a self, show: &mut impl FnMut(&'a Token)) {
        match self {
            Self::Or(left, right) | Self::And(left, right) | Self::Compare(left, _, right) => {
                left.tokens(show);
                right.tokens(show);
            }
            Self::Not(inner) => inner.tokens(show),
            Self::Text(parts) => template::tokens_of(parts, show),
            Self::Token(token) => template::tokens_within(token, show),
            Self::Literal(_) | Self::Variable(_) | Self::Path(..) => {}
        }
    }

    /// Returns the value of the expression.
    ///
    /// - Errors: those of the tokens in it.
    pub(super) fn value<'a>(
        &'a self,
        flow: &'a Flow,
        scope: &'a Scope,
    ) -> BoxFuture<'a, Result<Value>> {
        Box::pin(async move {
            Ok(match self {
                Self::Or(left, right) => {
                    let left = left.value(flow, scope).await?;
                    match is_truthy(&left) {
                        true => true.into(),
                        false => is_truthy(&right.value(flow, scope).await?).into(),
                    }
                }
                Self::And(left, right) => {
                    let left = left.value(flow, scope).await?;
                    match is_truthy(&left) {
                        true => is_truthy(&right.value(flow, scope).await?).into(),
                        false => false.into(),
                    }
                }
                Self::Not(inner) => (!is_truthy(&inner.value(flow, scope).await?)).into(),
                Self::Compare(left, comparison, right) => {
                    let left = left.value(flow, scope).await?;
                    let right = right.value(flow, scope).await?;
                    comparison.holds(&left, &right).into()
                }
                Self::Literal(value) => value.clone(),
                Self::Text(parts) => template::fill(flow, scope, parts).await?,
                Self::Token(token) => template::value(flow, scope, token).await?,
                Self::Variable(name) => flow.shared(scope, name).await?,
                Self::Path(root, path) => look(flow, scope, root, path).await?,
            })
        })
    }
}

impl Comparison {
    fn holds(self, left: &Value, right: &Value) -> bool {
        match self {
            Self::Equal => is_equal(left, right),
            Self::Unequal => !is_equal(left, right),
            _ if left.is_null() || right.is_null() => false,
            Self::Less => order(left, right) == Some(Ordering::Less),
            Self::More => order(left, right) == Some(Ordering::Greater),
            Self::LessOrEqual => order(left, right).is_some_and(Ordering::is_le),
            Self::MoreOrEqual => order(left, right).is_some_and(Ordering::is_ge),
        }
    }
}

async fn look(flow: &Flow, scope: &Scope, root: &str, path: &[Piece]) -> Result<Value> {
    let (first, rest) = match path.split_first() {
        Some((Piece::Name(first), rest)) => (first.as_str(), rest),
        _ if root == "input" => return Ok(scope::at(&scope.input, path)),
        _ => return Ok(Value::Null),
    };
    Ok(match root {
        "input" => scope::at(&scope.input, path),
        "steps" => match scope.steps.get(first) {
            Some(done) => scope::at(&done.brief(), rest),
            None => Value::Null,
        },
        "step_result" => match (scope.steps.get(first), rest) {
            (Some(done), [Piece::Name(name)]) if name == "failed" => (!done.is_success()).into(),
            (Some(done), _) => scope::at(&done.brief(), rest),
            (None, _) => Value::Null,
        },
        "loop" => match &scope.turn {
            Some(turn) => scope::at(&Value::Map(turn.shown()), path),
            None => Value::Null,
        },
        "state" => scope::at(&flow.state(None, first).await?, rest),
        _ => scope::at(&flow.shared(scope, first).await?, rest),
    })
}

struct Parser<'a> {
    text: &'a str,
    at: usize,
}

impl<'a> Parser<'a> {
    fn rest(&self) -> &'a str {
        &self.text[self.at..]
    }

    fn space(&mut self) {
        self.at = self.text.len() - self.rest().trim_start().len();
    }

    fn eat(&mut self, text: &str) -> bool {
        let is_next = self.rest().starts_with(text);
        self.at += if is_next { text.len() } else { 0 };
        is_next
    }

    /// Takes a word if it is a whole one.
    fn eat_word(&mut self, word: &str) -> bool {
        let rest = self.rest().strip_prefix(word);
        rest.is_some_and(|rest| !rest.starts_with(|c: char| c.is_alphanumeric() || c == '_'))
            && self.eat(word)
    }

    fn operator(&mut self, word: &str, sign: &str) -> bool {
        self.space();
        self.eat(sign) || self.eat_word(word)
    }

    fn either(&mut self, depth: usize) -> Result<Expression, String> {
        if depth > MAX_DEPTH {
            return Err(format!("it is nested deeper than {MAX_DEPTH}"));
        }
        let mut left = self.both(depth)?;
        while self.operator("or", "||") {
            left = Expression::Or(left.into(), self.both(depth)?.into());
        }
        Ok(left)
    }

    fn both(&mut self, depth: usize) -> Result<Expression, String> {
        let mut left = self.negated(depth)?;
        while self.operator("and", "&&") {
            left = Expression::And(left.into(), self.negated(depth)?.into());
        }
        Ok(left)
    }

    fn negated(&mut self, depth: usize) -> Result<Expression, String> {
        self.space();
        if !self.rest().starts_with("!=") && (self.eat("!") || self.eat_word("not")) {
            return Ok(Expression::Not(self.compared(depth)?.into()));
        }
        self.compared(depth)
    }

    fn compared(&mut self, depth: usize) -> Result<Expression, String> {
        let left = self.operand(depth)?;
        self.space();
        let found = COMPARISONS.iter().find(|(sign, _)| self.eat(sign));
        Ok(match found {
            Some((_, comparison)) => {
                Expression::Compare(left.into(), *comparison, self.operand(depth)?.into())
            }
            None => left,
        })
    }

    fn operand(&mut self, depth: usize) -> Result<Expression, String> {
        self.space();
        if self.eat("(") {
            let inner = self.either(depth + 1)?;
            self.space();
            return match self.eat(")") {
                true => Ok(inner),
                false => Err("')' is missing".to_owned()),
            };
        }
        if let Some(token) = token::leading(self.rest()) {
            let (token, length) = token?;
            self.at += length;
            return Ok(Expression::Token(token.into()));
        }
        for quote in ["\"", "'"] {
            if self.eat(quote) {
                return self.quoted(quote);
            }
        }
        if self.eat("$") {
            return match self.word() {
                "" => Err("'$' needs a name".to_owned()),
                name => Ok(Expression::Variable(name.to_owned())),
            };
        }
        let start = self.at;
        if self
            .rest()
            .starts_with(|c: char| c.is_ascii_digit() || c == '-')
        {
            let rest = self.rest();
            let end = rest[1..].find(|c: char| !c.is_ascii_alphanumeric() && c != '.');
            let word = &rest[..end.map_or(rest.len(), |end| end + 1)];
            self.at += word.len();
            return token::literal(word)
                .map(Expression::Literal)
                .ok_or_else(|| format!("'{word}' is no number"));
        }
        let word = self.word();
        if let Some(value) = token::literal(word) {
            return Ok(Expression::Literal(value));
        }
        if let Some(root) = ROOTS.iter().find(|root| **root == word) {
            return self.path(root);
        }
        self.at = start;
        match word {
            "" => Err("a value is missing".to_owned()),
            word => Err(format!(
                "'{word}' is no value; texts are quoted, paths start with {}",
                ROOTS.join(", ")
            )),
        }
    }

    fn word(&mut self) -> &'a str {
        let rest = self.rest();
        let end = rest.find(|c: char| !c.is_alphanumeric() && c != '_');
        let word = &rest[..end.unwrap_or(rest.len())];
        self.at += word.len();
        word
    }

    fn quoted(&mut self, quote: &str) -> Result<Expression, String> {
        let end = self.rest().find(quote);
        let end = end.ok_or_else(|| format!("{quote} is missing at the end"))?;
        let text = &self.rest()[..end];
        self.at += end + 1;
        let parts = token::split(text);
        for part in &parts {
            if let Part::Malformed(text, why) = part {
                return Err(format!("the token {text}: {why}"));
            }
        }
        match parts.as_slice() {
            [] => Ok(Expression::Literal("".into())),
            [Part::Text(text)] => Ok(Expression::Literal(text.as_str().into())),
            _ => Ok(Expression::Text(parts)),
        }
    }

    fn path(&mut self, root: &'static str) -> Result<Expression, String> {
        let from = self.at;
        loop {
            if self.eat(".") {
                // Names of steps may have dashes.
                let rest = self.rest();
                let end = rest.find(|c: char| !c.is_alphanumeric() && c != '_' && c != '-');
                self.at += end.unwrap_or(rest.len());
            } else if self.eat("[") {
                let end = self.rest().find(']').ok_or("']' is missing")?;
                self.at += end + 1;
            } else {
                return Ok(Expression::Path(
                    root,
                    token::path(&self.text[from..self.at])?,
                ));
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn operators_bind_as_usual() {
        let parse = |text: &str| Expression::parse(text).unwrap();
        assert_eq!(
            parse("input.a or input.b and not input.c"),
            parse("input.a || (input.b && !input.c)")
        );
        assert_eq!(parse("!(1 < 2)"), parse("not (1 < 2)"));
        assert_eq!(parse("not 1 == 2"), parse("!1==2"));
        assert_eq!(parse("'a'"), parse("\"a\""));
        assert!(matches!(parse("$n"), Expression::Variable(name) if name == "n"));
        assert!(matches!(parse("{{input:x}} > 1"), Expression::Compare(..)));
        assert!(matches!(parse("\"{{input:x}}\""), Expression::Text(_)));
        assert!(
            matches!(parse("steps.a-b.output.rows[0]"), Expression::Path("steps", path) if path.len() == 4)
        );
    }

    #[test]
    fn mistakes_are_named() {
        for (text, expected) in [
            ("", "a value is missing"),
            ("n > 1", "'n' is no value"),
            ("input.n >", "a value is missing"),
            ("input.n > 1 2", "'2' is left over"),
            ("(1", "')' is missing"),
            ("'a", "' is missing"),
            ("$", "'$' needs a name"),
            ("input[x] == 1", "no whole number"),
            ("1x", "'1x' is no number"),
        ] {
            let error = Expression::parse(text).unwrap_err();
            assert_eq!(error.kind(), llmspell_core::Kind::Parse);
            assert!(error.message().contains(expected), "{text}: {error}");
        }
        let deep = format!("{}1{}", "(".repeat(100), ")".repeat(100));
        assert!(Expression::parse(&deep).is_err());
    }

    proptest! {
        #[test]
        fn no_text_is_too_strange(text in "([ ()!<>=&|$'\".\\[\\]0-9a-z]|input|steps|\\{\\{input:|and|or|not|\\PC){0,24}") {
            let _ = Expression::parse(&text);
        }
    }
}
