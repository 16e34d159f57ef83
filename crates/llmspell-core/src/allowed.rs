//! Which values of parameters are allowed, as far as a tool's description says.
//!
//! A tool refuses such values by itself when it is called; this is for who wants to know before.

use serde_json::Value as Json;

use crate::error::{Error, Kind, Result, nearest};
use crate::op::Op;
use crate::shape::Field;
use crate::value::Value;

impl Op {
    /// Checks arguments that [`prepare`](Op::prepare) gave: what the operation needs, choices, ranges.
    ///
    /// - Errors: `InvalidArgs` naming the parameter and what is allowed; about the shape if something is missing.
    pub fn check(&self, args: &Value) -> Result<()> {
        self.check_needs(args)?;
        let shape = self.shape();
        for (name, value) in args.as_map().into_iter().flatten() {
            if let Some(field) = shape.field(name) {
                field.allows(value).map_err(|error| error.op(self.name()))?;
            }
        }
        Ok(())
    }

    /// Checks that what the operation of a call cannot do without is given, as far as the tool declares it.
    ///
    /// - Errors: `InvalidArgs` naming the first parameter that is missing, about the shape.
    pub fn check_needs(&self, args: &Value) -> Result<()> {
        let needs = self.tool_info().map_or(&[][..], |info| &info.needs);
        if needs.is_empty() {
            return Ok(());
        }
        let Some(operation) = self.operation(args) else {
            return Ok(());
        };
        let given = |name: &&str| {
            let table = name.split('.').next().unwrap_or(name);
            args.get(table).is_some_and(|value| !value.is_null())
        };
        let mut needs = needs.iter().filter(|(name, _)| *name == operation);
        let missing = needs.find(|(_, one_of)| !one_of.iter().any(given));
        let Some((_, one_of @ [parameter, others @ ..])) = missing else {
            return Ok(());
        };
        let error = missing_parameter(self.verb(), operation, parameter)
            .op(format!("{}.{operation}", self.name()));
        Err(match others.is_empty() {
            true => error,
            false => error.hint(format!("one of these will do: {}", one_of.join(", "))),
        })
    }

    /// Returns the canonical name of the operation that a call with these arguments is; `None` where nothing tells.
    fn operation<'a>(&'a self, args: &'a Value) -> Option<&'a str> {
        let field = self.shape().field("operation");
        let told = self.tool_info().and_then(|info| info.operation_of?(args));
        let named = || args.get("operation").and_then(Value::as_str);
        let usual = || field?.default.as_ref()?.as_str();
        let name = told.or_else(named).or_else(usual)?;
        Some(field.and_then(|field| field.choice(name)).unwrap_or(name))
    }
}

/// Returns the error for a parameter that an operation of a tool cannot do without.
pub fn missing_parameter(tool: &str, operation: &str, parameter: &str) -> Error {
    let message =
        format!("Missing required parameter '{parameter}' for {tool} operation '{operation}'");
    Error::new(Kind::InvalidArgs, message)
        .with("tool", tool)
        .with("operation", operation)
        .with("parameter", parameter)
        .misshapen()
}

impl Field {
    /// Returns the choice that a text means, in any spelling; `None` if it is none of them.
    pub fn choice(&self, given: &str) -> Option<&str> {
        if let Some(exact) = self.choices.iter().find(|choice| *choice == given) {
            return Some(exact);
        }
        let wanted = folded(given);
        let own = self.choices.iter().find(|choice| folded(choice) == wanted);
        let other = || {
            let mut others = self.other_choices.iter();
            others.find(|(other, _)| folded(other) == wanted)
        };
        own.or_else(|| other().map(|(_, choice)| choice))
            .map(String::as_str)
    }

    /// Returns what a keyword of the schema says, also in one of its alternatives, as optional parameters have them.
    pub fn keyword(&self, name: &str) -> Option<&Json> {
        let alternatives = self.schema["anyOf"].as_array().into_iter().flatten();
        let mut inner = alternatives.filter_map(|part| part.get(name));
        self.schema.get(name).or_else(|| inner.next())
    }

    fn allows(&self, value: &Value) -> Result<()> {
        match value {
            Value::Str(given) if !self.choices.is_empty() && self.choice(given).is_none() => {
                Err(self.unknown_choice(given))
            }
            Value::Int(number) => self.within(*number as f64, value),
            Value::Float(number) => self.within(*number, value),
            _ => Ok(()),
        }
    }

    fn unknown_choice(&self, given: &str) -> Error {
        let name = self.name.as_str();
        let listed = self.choices.join(", ");
        let message = format!("unknown {name} '{given}', expected one of: {listed}");
        let error = Error::new(Kind::InvalidArgs, message)
            .with("parameter", name)
            .with("expected", Value::from(self.choices.clone()))
            .with("got", given);
        let others = self.other_choices.iter().map(|(other, _)| other);
        let all = self.choices.iter().chain(others).map(String::as_str);
        match nearest(given, all).first() {
            Some(near) => error.hint(format!("did you mean '{near}'?")),
            None => error,
        }
    }

    fn within(&self, number: f64, given: &Value) -> Result<()> {
        let bound = |name: &str| self.keyword(name).and_then(Json::as_f64);
        let (least, most) = (bound("minimum"), bound("maximum"));
        if least.is_none_or(|least| number >= least) && most.is_none_or(|most| number <= most) {
            return Ok(());
        }
        let allowed = match (least, most) {
            (Some(least), Some(most)) => format!("between {least} and {most}"),
            (Some(least), None) => format!("{least} or more"),
            (None, Some(most)) => format!("{most} or less"),
            (None, None) => return Ok(()),
        };
        let message = format!("parameter '{}' must be {allowed}, got {given}", self.name);
        Err(Error::new(Kind::InvalidArgs, message)
            .with("parameter", self.name.as_str())
            .with("expected", allowed)
            .with("got", given.clone()))
    }
}

/// Returns a name as it is compared: without blanks around it, in small letters, with `_` for `-`.
pub fn folded(name: &str) -> String {
    name.trim().to_lowercase().replace('-', "_")
}
