//! The functions and constants that expressions may name.

use std::f64::consts::{E, PI, TAU};

use bigdecimal::RoundingMode;
use llmspell_core::{Error, Kind, Result, bail, error};

use super::quantity::{Mode, Quantity, compare};
use Quantity::{Bool, Float, Int, List};

/// The golden ratio.
const GOLDEN: f64 = 1.618_033_988_749_895;

/// A function of the language.
#[derive(Debug)]
pub(super) struct Function {
    pub(super) name: &'static str,
    /// The list of the operation `functions` that shows it.
    pub(super) group: &'static str,
    /// Fewest and most arguments.
    counts: (usize, usize),
    body: Body,
}

#[derive(Debug)]
enum Body {
    /// A constant, and its 50 digits if it is a number with a fraction.
    Constant(f64, &'static str),
    /// Computed with floats.
    Float(fn(f64) -> f64),
    /// Computed with two floats.
    Floats(fn(f64, f64) -> f64),
    /// Computed by the rules of the mode.
    Exact(fn(Mode, &[Quantity]) -> Result<Quantity>),
    /// Computed over its arguments, lists laid out.
    Over(fn(Mode, &[Quantity]) -> Result<Quantity>),
}

impl Function {
    /// Checks the number of arguments.
    pub(super) fn accepts(&self, count: usize) -> Result<()> {
        let (least, most) = self.counts;
        if (least..=most).contains(&count) {
            return Ok(());
        }
        let takes = match (least, most) {
            (least, most) if least == most => format!("{least}"),
            (least, usize::MAX) => format!("at least {least}"),
            (least, most) => format!("{least} or {most}"),
        };
        bail!(
            InvalidArgs,
            "{} takes {takes} arguments, got {count}",
            self.name
        )
    }

    /// Calls the function.
    pub(super) fn call(&self, mode: Mode, args: &[Quantity]) -> Result<Quantity> {
        match (&self.body, args) {
            (Body::Constant(number, digits), _) => Ok(constant_in(mode, *number, digits)),
            (Body::Float(function), [only]) => Ok(Float(function(only.to_float()?))),
            (Body::Floats(function), [left, right]) => {
                Ok(Float(function(left.to_float()?, right.to_float()?)))
            }
            (Body::Exact(function), args) => function(mode, args),
            (Body::Over(function), args) => {
                let flat: Vec<Quantity> = args
                    .iter()
                    .flat_map(|arg| match arg {
                        List(items) => items.clone(),
                        other => vec![other.clone()],
                    })
                    .collect();
                if flat.is_empty() {
                    bail!(Execution, "{} of an empty list", self.name);
                }
                function(mode, &flat)
            }
            _ => Err(error!(
                Bug,
                "{} was called with a wrong number of arguments", self.name
            )),
        }
    }
}

const MANY: usize = usize::MAX;

const fn constant(name: &'static str, value: f64, digits: &'static str) -> Function {
    Function {
        name,
        group: "constants",
        counts: (0, 0),
        body: Body::Constant(value, digits),
    }
}
const fn float(group: &'static str, name: &'static str, body: fn(f64) -> f64) -> Function {
    Function {
        name,
        group,
        counts: (1, 1),
        body: Body::Float(body),
    }
}
const fn floats(group: &'static str, name: &'static str, body: fn(f64, f64) -> f64) -> Function {
    Function {
        name,
        group,
        counts: (2, 2),
        body: Body::Floats(body),
    }
}
const fn exact(
    group: &'static str,
    name: &'static str,
    counts: (usize, usize),
    body: fn(Mode, &[Quantity]) -> Result<Quantity>,
) -> Function {
    Function {
        name,
        group,
        counts,
        body: Body::Exact(body),
    }
}
const fn over(
    group: &'static str,
    name: &'static str,
    body: fn(Mode, &[Quantity]) -> Result<Quantity>,
) -> Function {
    Function {
        name,
        group,
        counts: (1, MANY),
        body: Body::Over(body),
    }
}

const TRIG: &str = "trigonometric";
const HYPERBOLIC: &str = "hyperbolic";
const MATH: &str = "mathematical";
const ROUNDING: &str = "rounding";
const STATISTICS: &str = "statistics";
const COMBINATORICS: &str = "combinatorics";
const UTILITY: &str = "utility";

/// Every function, in the order of the listing.
pub(super) static FUNCTIONS: &[Function] = &[
    float(TRIG, "sin", f64::sin),
    float(TRIG, "cos", f64::cos),
    float(TRIG, "tan", f64::tan),
    float(TRIG, "asin", f64::asin),
    float(TRIG, "acos", f64::acos),
    float(TRIG, "atan", f64::atan),
    floats(TRIG, "atan2", f64::atan2),
    float(TRIG, "deg", f64::to_degrees),
    float(TRIG, "rad", f64::to_radians),
    float(HYPERBOLIC, "sinh", f64::sinh),
    float(HYPERBOLIC, "cosh", f64::cosh),
    float(HYPERBOLIC, "tanh", f64::tanh),
    float(HYPERBOLIC, "asinh", f64::asinh),
    float(HYPERBOLIC, "acosh", f64::acosh),
    float(HYPERBOLIC, "atanh", f64::atanh),
    exact(MATH, "sqrt", (1, 1), |mode, args| mode.root(&args[0])),
    exact(MATH, "cbrt", (1, 1), |mode, args| {
        root(mode, &args[0], &Int(3))
    }),
    exact(MATH, "root", (2, 2), |mode, args| {
        root(mode, &args[0], &args[1])
    }),
    float(MATH, "exp", f64::exp),
    float(MATH, "ln", f64::ln),
    exact(MATH, "log", (1, 2), |_, args| {
        let log = match args {
            [base, number] => number.to_float()?.ln() / base.to_float()?.ln(),
            _ => args[0].to_float()?.log10(),
        };
        Ok(Float(log))
    }),
    float(MATH, "log2", f64::log2),
    float(MATH, "log10", f64::log10),
    exact(MATH, "pow", (2, 2), |mode, args| {
        mode.power(&args[0], &args[1])
    }),
    exact(MATH, "abs", (1, 1), |mode, args| {
        match compare(&args[0], &Int(0))? {
            Some(std::cmp::Ordering::Less) => mode.negate(&args[0]),
            _ => args[0].scalar(),
        }
    }),
    exact(MATH, "sign", (1, 1), |_, args| {
        Ok(compare(&args[0], &Int(0))?
            .map_or(Quantity::Float(f64::NAN), |order| Int(order as i128)))
    }),
    exact(MATH, "mod", (2, 2), |mode, args| {
        mode.modulo(&args[0], &args[1])
    }),
    floats(MATH, "hypot", f64::hypot),
    exact(ROUNDING, "int", (1, 1), |mode, args| {
        mode.rounded(&args[0], f64::trunc, RoundingMode::Down)
    }),
    exact(ROUNDING, "trunc", (1, 1), |mode, args| {
        mode.rounded(&args[0], f64::trunc, RoundingMode::Down)
    }),
    exact(ROUNDING, "floor", (1, 1), |mode, args| mode.floor(&args[0])),
    exact(ROUNDING, "ceil", (1, 1), |mode, args| {
        mode.rounded(&args[0], f64::ceil, RoundingMode::Ceiling)
    }),
    exact(ROUNDING, "round", (1, 2), |mode, args| match args {
        [step, number] => mode.multiply(&round(mode, &mode.divide(number, step)?)?, step),
        _ => round(mode, &args[0]),
    }),
    over(STATISTICS, "sum", sum),
    over(STATISTICS, "mean", mean),
    over(STATISTICS, "median", |mode, items| {
        percentile(mode, &sorted(items)?, 50)
    }),
    over(STATISTICS, "stddev", |mode, items| {
        mode.root(&variance(mode, items)?)
    }),
    over(UTILITY, "min", |_, items| Ok(sorted(items)?.swap_remove(0))),
    over(UTILITY, "max", |_, items| {
        sorted(items)?
            .pop()
            .ok_or_else(|| Error::new(Kind::Execution, "max of an empty list"))
    }),
    exact(UTILITY, "clamp", (3, 3), clamp),
    exact(COMBINATORICS, "factorial", (1, 1), |mode, args| {
        factorial(mode, &args[0])
    }),
    exact(COMBINATORICS, "comb", (2, 2), |mode, args| {
        let (n, k) = choice("comb", args)?;
        let k = k.min(n - k);
        if k < 0 {
            Ok(Int(0))
        } else {
            mode.quotient_of_products(n - k + 1..=n, 1..=k)
        }
    }),
    exact(COMBINATORICS, "perm", (2, 2), |mode, args| {
        let (n, k) = choice("perm", args)?;
        if k > n {
            Ok(Int(0))
        } else {
            mode.product(n - k + 1..=n)
        }
    }),
    exact(COMBINATORICS, "gcd", (2, MANY), |_, args| {
        fold_whole("gcd", args, |a, b| Some(gcd(a, b)))
    }),
    exact(COMBINATORICS, "lcm", (2, MANY), |_, args| {
        fold_whole("lcm", args, |a, b| match gcd(a, b) {
            0 => Some(0),
            divisor => (a / divisor).checked_mul(b).map(i128::abs),
        })
    }),
    constant(
        "pi",
        PI,
        "3.1415926535897932384626433832795028841971693993751",
    ),
    constant(
        "e",
        E,
        "2.7182818284590452353602874713526624977572470937000",
    ),
    constant(
        "tau",
        TAU,
        "6.2831853071795864769252867665590057683943387987502",
    ),
    constant(
        "phi",
        GOLDEN,
        "1.6180339887498948482045868343656381177203091798058",
    ),
    constant("inf", f64::INFINITY, ""),
    constant("nan", f64::NAN, ""),
];

/// Returns the value of a constant.
pub(super) fn constant_named(name: &str, mode: Mode) -> Option<Quantity> {
    let found = FUNCTIONS.iter().find(|function| function.name == name)?;
    match found.body {
        Body::Constant(value, digits) => Some(constant_in(mode, value, digits)),
        _ => None,
    }
}

fn constant_in(mode: Mode, number: f64, digits: &str) -> Quantity {
    match mode {
        Mode::Decimal => mode.literal(digits).unwrap_or(Float(number)),
        Mode::Float => Float(number),
    }
}

fn round(mode: Mode, number: &Quantity) -> Result<Quantity> {
    mode.rounded(number, f64::round, RoundingMode::HalfUp)
}

/// Returns the root of that degree; whole where it is exact.
fn root(mode: Mode, number: &Quantity, degree: &Quantity) -> Result<Quantity> {
    let (base, inverse) = (number.to_float()?, degree.to_float()?);
    let odd = inverse.rem_euclid(2.0) == 1.0;
    let float = if base < 0.0 && odd {
        -(-base).powf(1.0 / inverse)
    } else {
        base.powf(1.0 / inverse)
    };
    let near = float.round();
    if near.abs() < 1e15 && (float - near).abs() < 1e-6 {
        let whole = Int(near as i128);
        if inverse.fract() == 0.0
            && compare(&mode.power(&whole, degree)?, number)? == Some(std::cmp::Ordering::Equal)
        {
            return Ok(whole);
        }
    }
    Ok(Float(float))
}

/// Returns n!, for n up to 10,000.
pub(super) fn factorial(mode: Mode, number: &Quantity) -> Result<Quantity> {
    let n = number.whole("factorial")?;
    if n < 0 {
        bail!(Execution, "factorial of a negative number");
    }
    mode.product(1..=small("factorial", n)?)
}

fn small(name: &str, number: i128) -> Result<i128> {
    if number > 10_000 {
        return Err(
            error!(Limit, "{name} takes numbers up to 10000, got {number}").with("limit", 10_000),
        );
    }
    Ok(number)
}

fn choice(name: &str, args: &[Quantity]) -> Result<(i128, i128)> {
    let (n, k) = (args[0].whole(name)?, args[1].whole(name)?);
    if n < 0 || k < 0 {
        bail!(Execution, "{name} of a negative number");
    }
    Ok((small(name, n)?, small(name, k)?))
}

fn fold_whole(
    name: &str,
    args: &[Quantity],
    step: fn(i128, i128) -> Option<i128>,
) -> Result<Quantity> {
    let mut folded = args[0].whole(name)?;
    for arg in &args[1..] {
        folded = step(folded, arg.whole(name)?)
            .ok_or_else(|| error!(Limit, "the result of {name} is too large"))?;
    }
    Ok(Int(folded.checked_abs().unwrap_or(i128::MAX)))
}

fn gcd(a: i128, b: i128) -> i128 {
    let (mut a, mut b) = (a, b);
    while b != 0 {
        (a, b) = (b, a.checked_rem(b).unwrap_or(0));
    }
    a.checked_abs().unwrap_or(i128::MAX)
}

fn clamp(_: Mode, args: &[Quantity]) -> Result<Quantity> {
    use std::cmp::Ordering::{Greater, Less};
    let [number, low, high] = args else {
        bail!(Bug, "clamp takes 3 arguments");
    };
    if compare(low, high)? == Some(Greater) {
        bail!(Execution, "clamp: the lower bound is above the upper one");
    }
    match (compare(number, low)?, compare(number, high)?) {
        (Some(Less), _) => low.scalar(),
        (_, Some(Greater)) => high.scalar(),
        _ => number.scalar(),
    }
}

/// Returns the sum.
pub(super) fn sum(mode: Mode, items: &[Quantity]) -> Result<Quantity> {
    items
        .iter()
        .try_fold(Int(0), |sum, item| mode.add(&sum, item))
}

/// Returns the arithmetic mean.
pub(super) fn mean(mode: Mode, items: &[Quantity]) -> Result<Quantity> {
    mode.divide(&sum(mode, items)?, &Int(items.len() as i128))
}

/// Returns the variance of a whole population.
pub(super) fn variance(mode: Mode, items: &[Quantity]) -> Result<Quantity> {
    let middle = mean(mode, items)?;
    let squares = items.iter().try_fold(Int(0), |sum, item| {
        let off = mode.subtract(item, &middle)?;
        mode.add(&sum, &mode.multiply(&off, &off)?)
    })?;
    mode.divide(&squares, &Int(items.len() as i128))
}

/// Returns the items in ascending order; NaN stands last.
pub(super) fn sorted(items: &[Quantity]) -> Result<Vec<Quantity>> {
    let mut keyed = items
        .iter()
        .map(|item| {
            Ok(match item.scalar()? {
                Bool(truth) => Int(i128::from(truth)),
                number => number,
            })
        })
        .collect::<Result<Vec<_>>>()?;
    let is_nan = |number: &Quantity| matches!(number, Quantity::Float(number) if number.is_nan());
    keyed.sort_by(|left, right| {
        compare(left, right)
            .ok()
            .flatten()
            .unwrap_or_else(|| is_nan(left).cmp(&is_nan(right)))
    });
    Ok(keyed)
}

/// Returns the percentile of a sorted list, between two neighbours in proportion.
pub(super) fn percentile(mode: Mode, sorted: &[Quantity], percent: usize) -> Result<Quantity> {
    let reach = (sorted.len() - 1) * percent;
    let (low, part) = (&sorted[reach / 100], reach % 100);
    if part == 0 {
        return Ok(low.clone());
    }
    let step = mode.subtract(&sorted[reach / 100 + 1], low)?;
    let share = mode.divide(&mode.multiply(&step, &Int(part as i128))?, &Int(100))?;
    mode.add(low, &share)
}
