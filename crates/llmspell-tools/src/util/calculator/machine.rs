//! The stack machine that runs a program.

use std::cmp::Ordering;

use llmspell_core::{Error, Kind, Map, Name, Result, error, nearest};

use super::function::{FUNCTIONS, constant_named, factorial};
use super::quantity::{Mode, Quantity, compare};
use super::syntax::{self, Instruction, Program, Sort, WORDS};

/// Most steps: instructions, and items of lists that a function goes through.
const MAX_STEPS: usize = 10_000;

/// Runs a program that was compiled from `text`.
///
/// - Errors: `InvalidArgs` for an unknown name; `Execution` for a division by zero and for lists used as numbers;
///   `Limit` past 10,000 steps or digits. Each names the place.
pub(super) fn run(program: &Program, text: &str, variables: &Map, mode: Mode) -> Result<Quantity> {
    let mut machine = Machine {
        stack: Vec::new(),
        next: 0,
        steps: 0,
        variables,
        mode,
    };
    while let Some((instruction, offset)) = program.code.get(machine.next) {
        machine.next += 1;
        machine
            .step(instruction)
            .map_err(|error| syntax::at(error, text, *offset))?;
    }
    machine.pop()
}

struct Machine<'a> {
    stack: Vec<Quantity>,
    next: usize,
    steps: usize,
    variables: &'a Map,
    mode: Mode,
}

impl Machine<'_> {
    fn step(&mut self, instruction: &Instruction) -> Result<()> {
        self.count(1)?;
        match instruction {
            Instruction::Push(number) => self.stack.push(number.clone()),
            Instruction::Load(name) => {
                let value = self.load(name)?;
                self.stack.push(value);
            }
            Instruction::Negate => self.unary(Mode::negate)?,
            Instruction::Plus => self.unary(|_, number| number.scalar())?,
            Instruction::Factorial => self.unary(factorial)?,
            Instruction::Not => {
                self.unary(|_, value| value.truth().map(|truth| Quantity::Bool(!truth)))?
            }
            Instruction::Truth => self.unary(|_, value| value.truth().map(Quantity::Bool))?,
            Instruction::Binary(infix) => {
                let (right, left) = (self.pop()?, self.pop()?);
                let result = binary(self.mode, infix.sort, &left, &right)?;
                self.stack.push(result);
            }
            Instruction::PercentOf => {
                let (whole, percent) = (self.pop()?, self.pop()?);
                let product = self.mode.multiply(&percent, &whole)?;
                self.stack
                    .push(self.mode.divide(&product, &Quantity::Int(100))?);
            }
            Instruction::Call(function, count) => {
                let args = self
                    .stack
                    .split_off(self.stack.len().saturating_sub(*count));
                self.count(args.iter().map(size).sum())?;
                self.stack.push(function.call(self.mode, &args)?);
            }
            Instruction::Collect(count) => {
                let items = self
                    .stack
                    .split_off(self.stack.len().saturating_sub(*count));
                self.stack.push(Quantity::List(items));
            }
            Instruction::And(target) => self.skip_if(false, *target)?,
            Instruction::Or(target) => self.skip_if(true, *target)?,
            Instruction::JumpUnless(target) => {
                if !self.pop()?.truth()? {
                    self.next = *target;
                }
            }
            Instruction::Jump(target) => self.next = *target,
        }
        Ok(())
    }

    fn count(&mut self, steps: usize) -> Result<()> {
        self.steps += steps;
        if self.steps > MAX_STEPS {
            return Err(
                error!(Limit, "the expression takes more than {MAX_STEPS} steps")
                    .with("limit", MAX_STEPS),
            );
        }
        Ok(())
    }

    /// Leaves the truth of the top and jumps if it is `when`; else drops it.
    fn skip_if(&mut self, when: bool, target: usize) -> Result<()> {
        let truth = self.pop()?.truth()?;
        if truth == when {
            self.stack.push(Quantity::Bool(truth));
            self.next = target;
        }
        Ok(())
    }

    fn unary(&mut self, apply: fn(Mode, &Quantity) -> Result<Quantity>) -> Result<()> {
        let operand = self.pop()?;
        self.stack.push(apply(self.mode, &operand)?);
        Ok(())
    }

    fn load(&self, name: &str) -> Result<Quantity> {
        if let Some(value) = self.variables.get(name) {
            return Quantity::from_value(name, value, self.mode);
        }
        if let Some(value) = constant_named(name, self.mode) {
            return Ok(value);
        }
        let known = self.variables.keys().map(Name::as_str);
        let known = known
            .chain(FUNCTIONS.iter().map(|function| function.name))
            .chain(WORDS.iter().copied());
        let error = error!(InvalidArgs, "unknown variable '{name:.40}'");
        Err(match nearest(name, known).first() {
            Some(near) => error.hint(format!("did you mean '{near}'?")),
            None => error.hint("give its value in the parameter 'variables'"),
        })
    }

    fn pop(&mut self) -> Result<Quantity> {
        self.stack
            .pop()
            .ok_or_else(|| Error::new(Kind::Bug, "an expression left no value"))
    }
}

fn size(value: &Quantity) -> usize {
    match value {
        Quantity::List(items) => items.len(),
        _ => 0,
    }
}

fn binary(mode: Mode, sort: Sort, left: &Quantity, right: &Quantity) -> Result<Quantity> {
    let ordered =
        |holds: fn(Ordering) -> bool| Ok(Quantity::Bool(compare(left, right)?.is_some_and(holds)));
    match sort {
        Sort::Add => mode.add(left, right),
        Sort::Subtract => mode.subtract(left, right),
        Sort::Multiply => mode.multiply(left, right),
        Sort::Divide => mode.divide(left, right),
        Sort::DivideDown => mode.divide_down(left, right),
        Sort::Modulo => mode.modulo(left, right),
        Sort::Power => mode.power(left, right),
        Sort::Equal => equal(left, right).map(Quantity::Bool),
        Sort::Unequal => equal(left, right).map(|same| Quantity::Bool(!same)),
        Sort::Less => ordered(Ordering::is_lt),
        Sort::LessOrEqual => ordered(Ordering::is_le),
        Sort::Greater => ordered(Ordering::is_gt),
        Sort::GreaterOrEqual => ordered(Ordering::is_ge),
        Sort::And => Ok(Quantity::Bool(left.truth()? && right.truth()?)),
        Sort::Or => Ok(Quantity::Bool(left.truth()? || right.truth()?)),
    }
}

fn equal(left: &Quantity, right: &Quantity) -> Result<bool> {
    match (left, right) {
        (Quantity::List(left), Quantity::List(right)) => {
            let same = left.len() == right.len();
            Ok(same
                && left.iter().zip(right).all(|(left, right)| {
                    compare(left, right).ok().flatten() == Some(Ordering::Equal)
                }))
        }
        _ => Ok(compare(left, right)? == Some(Ordering::Equal)),
    }
}
