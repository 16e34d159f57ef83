//! Expressions for other tools.

use llmspell_core::{Map, Result, Value};

use super::function::constant_named;
use super::machine;
use super::quantity::Mode;
use super::syntax::{self, Instruction, Program};

/// An expression that is evaluated many times, with floats.
///
/// With numbers and truth values as variables each run takes little time: at most 10,000 steps.
pub(crate) struct Expression {
    program: Program,
    text: String,
}

impl Expression {
    /// Compiles an expression.
    ///
    /// - Errors: `Parse` with place and caret; `InvalidArgs` for an unknown function.
    pub(crate) fn compile(text: &str) -> Result<Self> {
        Ok(Self {
            program: syntax::compile(text, Mode::Float)?,
            text: text.to_owned(),
        })
    }

    /// Returns the names that stand for values, some of them constants, as often as they occur.
    pub(crate) fn names(&self) -> impl Iterator<Item = &str> {
        self.program
            .code
            .iter()
            .filter_map(|(instruction, _)| match instruction {
                Instruction::Load(name) => Some(name.as_str()),
                _ => None,
            })
    }

    /// Returns whether a name stands for a value that no variable needs to give: `pi`.
    pub(crate) fn is_constant(name: &str) -> bool {
        constant_named(name, Mode::Float).is_some()
    }

    /// Returns the value with these variables.
    ///
    /// - Errors: as the calculator's operation `evaluate`.
    pub(crate) fn evaluate(&self, variables: &Map) -> Result<Value> {
        machine::run(&self.program, &self.text, variables, Mode::Float)
            .map(|result| result.to_value())
    }
}
