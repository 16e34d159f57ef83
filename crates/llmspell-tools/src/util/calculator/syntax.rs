//! The grammar: tokens to a flat program.
//!
//! A Pratt parser that emits the instructions of a stack machine, so that neither evaluating nor dropping a program
//! recurses, however long the expression is.

use llmspell_core::{Error, Kind, Result, bail, error, nearest};

use super::function::{FUNCTIONS, Function};
use super::quantity::{Mode, Quantity};
use super::token::{Token, TokenKind, tokens};
use crate::caret::{excerpt, place};

/// Longest expression, in characters.
pub(super) const MAX_LENGTH: usize = 10_000;

/// Deepest nesting.
pub(super) const MAX_DEPTH: usize = 100;

/// Words that are part of the grammar.
pub(super) const WORDS: &[&str] = &["and", "or", "not", "true", "false", "of"];

/// One instruction of the stack machine.
#[derive(Clone, Debug)]
pub(super) enum Instruction {
    Push(Quantity),
    Load(String),
    Negate,
    Plus,
    Not,
    Factorial,
    Binary(&'static Infix),
    PercentOf,
    Call(&'static Function, usize),
    Collect(usize),
    /// Replaces the top by its truth.
    Truth,
    /// Jumps if the top is false, which stays; else drops it.
    And(usize),
    /// Jumps if the top is true, which stays; else drops it.
    Or(usize),
    /// Drops the top and jumps if it was false.
    JumpUnless(usize),
    Jump(usize),
}

/// Instructions, each with where in the text it stems from, in bytes.
#[derive(Clone, Debug, Default)]
pub(super) struct Program {
    pub(super) code: Vec<(Instruction, usize)>,
}

/// A sign between two operands.
#[derive(Debug)]
pub(super) struct Infix {
    pub(super) signs: &'static [&'static str],
    left: u8,
    right: u8,
    pub(super) sort: Sort,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Sort {
    Or,
    And,
    Equal,
    Unequal,
    Less,
    LessOrEqual,
    Greater,
    GreaterOrEqual,
    Add,
    Subtract,
    Multiply,
    Divide,
    Modulo,
    DivideDown,
    Power,
}

const fn infix(signs: &'static [&'static str], left: u8, right: u8, sort: Sort) -> Infix {
    Infix {
        signs,
        left,
        right,
        sort,
    }
}

const CONDITIONAL: u8 = 1;
const UNARY: u8 = 12;
const POSTFIX: u8 = 17;

/// The signs, loosest first.
static INFIX: &[Infix] = &[
    infix(&["||", "or"], 2, 3, Sort::Or),
    infix(&["&&", "and"], 4, 5, Sort::And),
    infix(&["=="], 6, 7, Sort::Equal),
    infix(&["!="], 6, 7, Sort::Unequal),
    infix(&["<"], 6, 7, Sort::Less),
    infix(&["<="], 6, 7, Sort::LessOrEqual),
    infix(&[">"], 6, 7, Sort::Greater),
    infix(&[">="], 6, 7, Sort::GreaterOrEqual),
    infix(&["+"], 8, 9, Sort::Add),
    infix(&["-"], 8, 9, Sort::Subtract),
    infix(&["*"], 10, 11, Sort::Multiply),
    infix(&["/"], 10, 11, Sort::Divide),
    infix(&["%"], 10, 11, Sort::Modulo),
    infix(&["//"], 10, 11, Sort::DivideDown),
    infix(&["^", "**"], 15, 15, Sort::Power),
];

/// Compiles an expression.
///
/// - Errors: `Parse` with place and caret; `InvalidArgs` for an unknown function or a wrong number of arguments;
///   `Limit` past 10,000 characters or 100 levels.
pub(super) fn compile(text: &str, mode: Mode) -> Result<Program> {
    let length = text.chars().count();
    if length > MAX_LENGTH {
        return Err(error!(
            Limit,
            "the expression has {length} characters, more than the limit of {MAX_LENGTH}"
        )
        .with("limit", MAX_LENGTH));
    }
    let mut parser = Parser {
        tokens: tokens(text, mode)?,
        next: 0,
        depth: 0,
        code: Vec::new(),
    };
    parser
        .expression(0)
        .and_then(|()| parser.end())
        .map_err(|failure| at(failure.error, text, failure.offset))?;
    Ok(Program { code: parser.code })
}

/// Adds place and caret to an error.
pub(super) fn at(error: Error, text: &str, offset: usize) -> Error {
    let ahead = error
        .details()
        .get("ahead")
        .and_then(|ahead| ahead.as_int())
        .and_then(|ahead| usize::try_from(ahead).ok());
    let offset = offset + ahead.unwrap_or(0);
    let here = place(text, offset);
    let prefix = if error.kind() == Kind::Parse {
        "syntax error: "
    } else {
        ""
    };
    let message = format!(
        "{prefix}{} at position {}\n{}",
        error.message(),
        position(text, offset),
        excerpt(text, offset)
    );
    let hints = error.hints().to_vec();
    let mut placed = Error::new(error.kind(), message)
        .with("offset", offset)
        .with("line", here.line)
        .with("column", here.column)
        .with("position", position(text, offset));
    for (name, value) in error.details() {
        if name == "limit" {
            placed = placed.with("limit", value.clone());
        }
    }
    hints.into_iter().fold(placed, Error::hint)
}

/// Returns the number of the character at a byte offset, from 1.
fn position(text: &str, offset: usize) -> usize {
    text.char_indices()
        .take_while(|(at, _)| *at < offset)
        .count()
        + 1
}

struct Failure {
    error: Error,
    offset: usize,
}

struct Parser {
    tokens: Vec<Token>,
    next: usize,
    depth: usize,
    code: Vec<(Instruction, usize)>,
}

type Parsed = Result<(), Failure>;

impl Parser {
    /// Parses an expression of operators that bind at least as tightly as `least`.
    fn expression(&mut self, least: u8) -> Parsed {
        self.depth += 1;
        if self.depth > MAX_DEPTH {
            let error = error!(
                Limit,
                "the expression is nested deeper than {MAX_DEPTH} levels"
            )
            .with("limit", MAX_DEPTH);
            return Err(self.fail(error));
        }
        self.operand()?;
        while self.operator(least)? {}
        self.depth -= 1;
        Ok(())
    }

    fn operand(&mut self) -> Parsed {
        let token = self.take();
        match token.kind {
            TokenKind::Number(number) => self.emit(Instruction::Push(number), token.offset),
            TokenKind::Sign("-") => self.unary(Instruction::Negate, token.offset),
            TokenKind::Sign("+") => self.unary(Instruction::Plus, token.offset),
            TokenKind::Sign("!") => self.unary(Instruction::Not, token.offset),
            TokenKind::Sign("(") => {
                self.expression(0)?;
                self.expect(")")
            }
            TokenKind::Sign("[") => {
                let count = self.items("]")?;
                self.emit(Instruction::Collect(count), token.offset)
            }
            TokenKind::Name(name) => self.name(name, token.offset),
            TokenKind::Sign(_) | TokenKind::End => {
                self.next -= 1;
                Err(self.unexpected("a number, a name or '('"))
            }
        }
    }

    fn unary(&mut self, instruction: Instruction, offset: usize) -> Parsed {
        self.expression(UNARY)?;
        self.emit(instruction, offset)
    }

    fn name(&mut self, name: String, offset: usize) -> Parsed {
        match name.as_str() {
            "true" => self.emit(Instruction::Push(Quantity::Bool(true)), offset),
            "false" => self.emit(Instruction::Push(Quantity::Bool(false)), offset),
            "not" => self.unary(Instruction::Not, offset),
            "and" | "or" | "of" => {
                self.next -= 1;
                Err(self.unexpected("a number, a name or '('"))
            }
            _ if self.peek() == &TokenKind::Sign("(") => {
                self.next += 1;
                let function = find(&name).map_err(|error| Failure { error, offset })?;
                let count = self.items(")")?;
                if let Err(error) = function.accepts(count) {
                    return Err(Failure { error, offset });
                }
                self.emit(Instruction::Call(function, count), offset)
            }
            _ => self.emit(Instruction::Load(name), offset),
        }
    }

    /// Parses items separated by commas up to `close` and returns their number.
    fn items(&mut self, close: &'static str) -> Result<usize, Failure> {
        let mut count = 0;
        if self.peek() == &TokenKind::Sign(close) {
            self.next += 1;
            return Ok(count);
        }
        loop {
            self.expression(0)?;
            count += 1;
            if self.peek() != &TokenKind::Sign(",") {
                return self.expect(close).map(|()| count);
            }
            self.next += 1;
        }
    }

    /// Parses what follows an operand and returns whether anything did.
    fn operator(&mut self, least: u8) -> Result<bool, Failure> {
        let offset = self.offset();
        let sign = match self.peek() {
            TokenKind::Sign(sign) => *sign,
            TokenKind::Name(name) if name == "and" => "and",
            TokenKind::Name(name) if name == "or" => "or",
            _ => return Ok(false),
        };
        match sign {
            "!" => {
                self.next += 1;
                self.emit(Instruction::Factorial, offset)?;
                return Ok(true);
            }
            "%" if matches!(&self.tokens[self.next + 1].kind, TokenKind::Name(name) if name == "of") =>
            {
                if least > POSTFIX {
                    return Ok(false);
                }
                self.next += 2;
                self.expression(UNARY)?;
                self.emit(Instruction::PercentOf, offset)?;
                return Ok(true);
            }
            "?" if least <= CONDITIONAL => {
                self.next += 1;
                self.conditional(offset)?;
                return Ok(true);
            }
            _ => {}
        }
        let Some(infix) = INFIX.iter().find(|infix| infix.signs.contains(&sign)) else {
            return Ok(false);
        };
        if infix.left < least {
            return Ok(false);
        }
        self.next += 1;
        match infix.sort {
            Sort::And => self.short(Instruction::And, infix.right, offset)?,
            Sort::Or => self.short(Instruction::Or, infix.right, offset)?,
            _ => {
                self.expression(infix.right)?;
                self.emit(Instruction::Binary(infix), offset)?;
            }
        }
        Ok(true)
    }

    fn conditional(&mut self, offset: usize) -> Parsed {
        let test = self.reserve(offset);
        self.expression(0)?;
        self.expect(":")?;
        let over = self.reserve(offset);
        self.code[test].0 = Instruction::JumpUnless(self.code.len());
        self.expression(CONDITIONAL)?;
        self.code[over].0 = Instruction::Jump(self.code.len());
        Ok(())
    }

    /// Parses the right side of a sign that may skip it.
    fn short(&mut self, skip: fn(usize) -> Instruction, right: u8, offset: usize) -> Parsed {
        let test = self.reserve(offset);
        self.expression(right)?;
        self.emit(Instruction::Truth, offset)?;
        self.code[test].0 = skip(self.code.len());
        Ok(())
    }

    /// Emits an instruction that is filled in later.
    fn reserve(&mut self, offset: usize) -> usize {
        self.code.push((Instruction::Jump(0), offset));
        self.code.len() - 1
    }

    fn emit(&mut self, instruction: Instruction, offset: usize) -> Parsed {
        self.code.push((instruction, offset));
        Ok(())
    }

    fn end(&mut self) -> Parsed {
        match self.peek() {
            TokenKind::End => Ok(()),
            _ => Err(self.unexpected("an operator or the end")),
        }
    }

    fn expect(&mut self, sign: &'static str) -> Parsed {
        if self.peek() == &TokenKind::Sign(sign) {
            self.next += 1;
            return Ok(());
        }
        Err(self.unexpected(&format!("'{sign}'")))
    }

    fn unexpected(&self, expected: &str) -> Failure {
        let got = match self.peek() {
            TokenKind::Number(_) => "a number".to_owned(),
            TokenKind::Name(name) => format!("'{name:.40}'"),
            TokenKind::Sign(sign) => format!("'{sign}'"),
            TokenKind::End => "the end".to_owned(),
        };
        self.fail(error!(Parse, "expected {expected}, got {got}"))
    }

    fn fail(&self, error: Error) -> Failure {
        Failure {
            error,
            offset: self.offset(),
        }
    }

    fn peek(&self) -> &TokenKind {
        &self.tokens[self.next].kind
    }

    fn offset(&self) -> usize {
        self.tokens[self.next].offset
    }

    /// Takes the next token; the end is never left behind for good, since every caller that meets it fails.
    fn take(&mut self) -> Token {
        let token = self.tokens[self.next].clone();
        self.next += 1;
        token
    }
}

fn find(name: &str) -> Result<&'static Function> {
    let found = FUNCTIONS.iter().find(|function| function.name == name);
    if let Some(function) = found.or_else(|| {
        FUNCTIONS
            .iter()
            .find(|function| function.name.eq_ignore_ascii_case(name))
    }) {
        return Ok(function);
    }
    let near = nearest(name, FUNCTIONS.iter().map(|function| function.name));
    let error = Error::new(Kind::InvalidArgs, format!("unknown function '{name:.40}'"));
    match near.first() {
        Some(near) => Err(error.hint(format!("did you mean '{near}'?"))),
        None => bail!(InvalidArgs, "unknown function '{name:.40}'"),
    }
}
