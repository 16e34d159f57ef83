//! What expressions compute with.

use std::cmp::Ordering;

use bigdecimal::num_bigint::BigInt;
use bigdecimal::{BigDecimal, FromPrimitive, RoundingMode, ToPrimitive, Zero};
use llmspell_core::{Error, Kind, Result, Value, bail};

/// Digits that a decimal quotient or root keeps.
const DECIMAL_DIGITS: u64 = 50;

/// Most digits of a number, before and after the point each.
const MAX_DIGITS: u64 = 10_000;

/// A number, a truth value, or a list of them.
#[derive(Clone, Debug, PartialEq)]
pub(super) enum Quantity {
    Int(i128),
    Float(f64),
    Decimal(BigDecimal),
    Bool(bool),
    List(Vec<Quantity>),
}

/// The rules of one evaluation: floats, or exact decimals.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Mode {
    Float,
    Decimal,
}

use Quantity::{Bool, Decimal, Float, Int, List};

impl Quantity {
    /// Returns the number as a float.
    pub(super) fn to_float(&self) -> Result<f64> {
        match self {
            Int(number) => Ok(*number as f64),
            Float(number) => Ok(*number),
            Decimal(number) => Ok(decimal_to_float(number)),
            Bool(truth) => Ok(f64::from(u8::from(*truth))),
            List(items) => match items.as_slice() {
                [only] => only.to_float(),
                _ => bail!(
                    Execution,
                    "a list of {} cannot be used as a number",
                    items.len()
                ),
            },
        }
    }

    /// Returns the number as a truth value: everything but zero and NaN is true.
    pub(super) fn truth(&self) -> Result<bool> {
        match self {
            Bool(truth) => Ok(*truth),
            other => other
                .to_float()
                .map(|number| number != 0.0 && !number.is_nan()),
        }
    }

    /// Returns the whole number that this is, also when written as a float.
    pub(super) fn whole(&self, what: &str) -> Result<i128> {
        let whole = match self.scalar()? {
            Int(number) => Some(number),
            Float(number) if number.fract() == 0.0 && number.abs() < 1e38 => Some(number as i128),
            Decimal(number) if number.is_integer() => number.to_i128(),
            _ => None,
        };
        whole.ok_or_else(|| Error::new(Kind::Execution, format!("{what} needs whole numbers")))
    }

    /// Returns a number that is neither a truth value nor a list.
    pub(super) fn scalar(&self) -> Result<Quantity> {
        match self {
            Bool(truth) => Ok(Int(i128::from(*truth))),
            List(items) => match items.as_slice() {
                [only] => only.scalar(),
                _ => bail!(
                    Execution,
                    "a list of {} cannot be used as a number",
                    items.len()
                ),
            },
            number => Ok(number.clone()),
        }
    }

    /// Reads a value that a caller gave for a variable.
    pub(super) fn from_value(name: &str, value: &Value, mode: Mode) -> Result<Self> {
        match value {
            Value::Int(number) => Ok(Int((*number).into())),
            Value::Float(number) => Ok(mode.quantity_of(*number)),
            Value::Bool(truth) => Ok(Bool(*truth)),
            Value::List(items) => items
                .iter()
                .map(|item| match item {
                    Value::List(_) => Err(unusable(name, item)),
                    item => Self::from_value(name, item, mode),
                })
                .collect::<Result<_>>()
                .map(List),
            Value::Map(map) if map.is_empty() => Ok(List(Vec::new())),
            other => Err(unusable(name, other)),
        }
    }

    /// Returns the number as data: text for what JSON lacks.
    pub(super) fn to_value(&self) -> Value {
        match self {
            Int(number) => Value::from(*number),
            Bool(truth) => Value::Bool(*truth),
            Float(number) => special(*number).map_or(Value::Float(*number), Value::from),
            Decimal(number) if number.is_integer() && number.to_i64().is_some() => {
                Value::Int(number.to_i64().unwrap_or_default())
            }
            Decimal(number) => match decimal_to_float(number) {
                float if float.is_finite() => Value::Float(float),
                _ => Value::Str(number.to_plain_string()),
            },
            List(items) => items.iter().map(Quantity::to_value).collect(),
        }
    }

    /// Returns `integer`, `float`, `boolean`, `special` or `list`.
    pub(super) fn type_name(&self) -> &'static str {
        match (self, self.to_value()) {
            (List(_), _) => "list",
            (Bool(_), _) => "boolean",
            (Float(number), _) if !number.is_finite() => "special",
            (_, Value::Int(_)) => "integer",
            _ => "float",
        }
    }

    /// Returns whether the number is as precise as the mode promises.
    pub(super) fn is_exact(&self, mode: Mode) -> bool {
        match self {
            Float(number) => mode == Mode::Float || !number.is_finite(),
            List(items) => items.iter().all(|item| item.is_exact(mode)),
            _ => true,
        }
    }

    /// Returns the number for people, with that many decimals if given.
    pub(super) fn format(&self, decimals: Option<u32>) -> String {
        match (self, decimals) {
            (Bool(truth), _) => truth.to_string(),
            (List(items), _) => {
                let items: Vec<String> = items.iter().map(|item| item.format(decimals)).collect();
                format!("[{}]", items.join(", "))
            }
            (Int(number), Some(decimals)) if decimals > 0 => {
                format!("{number}.{}", "0".repeat(decimals as usize))
            }
            (Int(number), _) => number.to_string(),
            (Float(number), _) if !number.is_finite() => {
                special(*number).unwrap_or_default().to_owned()
            }
            (Float(number), Some(decimals)) => format!("{number:.*}", decimals as usize),
            (Float(number), None) if *number == 0.0 || (1e-7..1e21).contains(&number.abs()) => {
                number.to_string()
            }
            (Float(number), None) => format!("{number:e}"),
            (Decimal(number), Some(decimals)) => number
                .with_scale_round(decimals.into(), RoundingMode::HalfUp)
                .to_plain_string(),
            (Decimal(number), None) => number.normalized().to_plain_string(),
        }
    }
}

fn unusable(name: &str, value: &Value) -> Error {
    Error::new(
        Kind::InvalidArgs,
        format!(
            "variable '{name}' must be a number, a boolean or a list of them, got {}",
            value.type_name()
        ),
    )
    .with("parameter", format!("variables.{name}"))
    .with("expected", "number, boolean or list of numbers")
    .with("got", value.type_name())
    .misshapen()
}

fn special(number: f64) -> Option<&'static str> {
    match number {
        f64::INFINITY => Some("Infinity"),
        f64::NEG_INFINITY => Some("-Infinity"),
        number if number.is_nan() => Some("NaN"),
        _ => None,
    }
}

fn decimal_to_float(number: &BigDecimal) -> f64 {
    number.with_prec(20).to_string().parse().unwrap_or(f64::NAN)
}

fn by_zero() -> Error {
    Error::new(Kind::Execution, "division by zero")
}

/// Returns the decimal unless it has too many digits to go on with.
fn bounded(number: BigDecimal) -> Result<Quantity> {
    let most = i64::try_from(MAX_DIGITS).unwrap_or(i64::MAX);
    let scale = number.fractional_digit_count();
    if number.digits() > MAX_DIGITS || scale.abs() > most {
        return Err(too_long());
    }
    Ok(Decimal(number))
}

fn too_long() -> Error {
    Error::new(
        Kind::Limit,
        format!("the result has more than {MAX_DIGITS} digits"),
    )
    .with("limit", MAX_DIGITS)
}

impl Mode {
    /// Returns a float that was given in the form of this mode.
    pub(super) fn quantity_of(self, number: f64) -> Quantity {
        match self {
            Self::Float => Float(number),
            Self::Decimal => BigDecimal::from_f64(number)
                .filter(|_| number.is_finite())
                .and_then(|_| number.to_string().parse().ok())
                .map_or(Float(number), Decimal),
        }
    }

    /// Reads a literal with a point or an exponent.
    pub(super) fn literal(self, text: &str) -> Result<Quantity> {
        match self {
            Self::Float => text
                .parse()
                .map(Float)
                .map_err(|_| Error::new(Kind::Parse, "not a number")),
            Self::Decimal => {
                let number: BigDecimal = text
                    .parse()
                    .map_err(|_| Error::new(Kind::Parse, "not a number"))?;
                bounded(number)
            }
        }
    }

    /// Returns the whole number of any length.
    fn big(self, number: BigInt) -> Result<Quantity> {
        match (number.to_i128(), self) {
            (Some(number), _) => Ok(Int(number)),
            (None, Self::Decimal) => bounded(number.into()),
            (None, Self::Float) => Ok(Float(number.to_f64().unwrap_or(f64::INFINITY))),
        }
    }

    pub(super) fn add(self, left: &Quantity, right: &Quantity) -> Result<Quantity> {
        self.exact(left, right, i128::checked_add, |a, b| a + b, |a, b| a + b)
    }

    pub(super) fn subtract(self, left: &Quantity, right: &Quantity) -> Result<Quantity> {
        self.exact(left, right, i128::checked_sub, |a, b| a - b, |a, b| a - b)
    }

    pub(super) fn multiply(self, left: &Quantity, right: &Quantity) -> Result<Quantity> {
        self.exact(left, right, i128::checked_mul, |a, b| a * b, |a, b| a * b)
    }

    /// Applies an operation that is exact for whole numbers and decimals.
    fn exact(
        self,
        left: &Quantity,
        right: &Quantity,
        whole: fn(i128, i128) -> Option<i128>,
        float: fn(f64, f64) -> f64,
        decimal: fn(BigDecimal, BigDecimal) -> BigDecimal,
    ) -> Result<Quantity> {
        let (left, right) = (left.scalar()?, right.scalar()?);
        if let (Int(a), Int(b)) = (&left, &right)
            && let Some(number) = whole(*a, *b)
        {
            return Ok(Int(number));
        }
        match (self, decimal_of(&left), decimal_of(&right)) {
            (Self::Decimal, Some(a), Some(b)) => bounded(decimal(a, b)),
            _ => Ok(Float(float(left.to_float()?, right.to_float()?))),
        }
    }

    /// Divides. Whole numbers stay whole where the quotient is.
    pub(super) fn divide(self, left: &Quantity, right: &Quantity) -> Result<Quantity> {
        let (left, right) = (left.scalar()?, right.scalar()?);
        if let (Int(a), Int(b)) = (&left, &right) {
            if *b == 0 {
                return Err(by_zero());
            }
            if let (Some(0), Some(quotient)) = (a.checked_rem(*b), a.checked_div(*b)) {
                return Ok(Int(quotient));
            }
        }
        match (self, decimal_of(&left), decimal_of(&right)) {
            (Self::Decimal, _, Some(b)) if b.is_zero() => Err(by_zero()),
            (Self::Decimal, Some(a), Some(b)) => {
                bounded((a / b).with_prec(DECIMAL_DIGITS).normalized())
            }
            _ => Ok(Float(left.to_float()? / right.to_float()?)),
        }
    }

    /// Divides and rounds down.
    pub(super) fn divide_down(self, left: &Quantity, right: &Quantity) -> Result<Quantity> {
        let (left, right) = (left.scalar()?, right.scalar()?);
        if let (Int(a), Int(b)) = (&left, &right) {
            if *b == 0 {
                return Err(by_zero());
            }
            if let (Some(quotient), Some(rest)) = (a.checked_div(*b), a.checked_rem(*b)) {
                let down = rest != 0 && (rest < 0) != (*b < 0);
                return Ok(Int(quotient - i128::from(down)));
            }
        }
        self.floor(&self.divide(&left, &right)?)
    }

    /// Returns the rest of [`Mode::divide_down`]: it has the sign of the divisor.
    pub(super) fn modulo(self, left: &Quantity, right: &Quantity) -> Result<Quantity> {
        let (left, right) = (left.scalar()?, right.scalar()?);
        if let (Int(a), Int(b)) = (&left, &right) {
            if *b == 0 {
                return Err(by_zero());
            }
            let rest = a.checked_rem(*b).unwrap_or(0);
            return Ok(Int(if rest != 0 && (rest < 0) != (*b < 0) {
                rest + b
            } else {
                rest
            }));
        }
        match (self, decimal_of(&left), decimal_of(&right)) {
            (Self::Decimal, _, Some(b)) if b.is_zero() => Err(by_zero()),
            (Self::Decimal, Some(a), Some(b)) => {
                let rest = &a % &b;
                let apart = !rest.is_zero() && (rest.sign() != b.sign());
                bounded(if apart { rest + b } else { rest })
            }
            _ => {
                let (a, b) = (left.to_float()?, right.to_float()?);
                let rest = a % b;
                Ok(Float(if rest != 0.0 && (rest < 0.0) != (b < 0.0) {
                    rest + b
                } else {
                    rest
                }))
            }
        }
    }

    /// Raises to a power; exact for whole exponents of whole numbers and decimals.
    pub(super) fn power(self, base: &Quantity, exponent: &Quantity) -> Result<Quantity> {
        let (base, exponent) = (base.scalar()?, exponent.scalar()?);
        if let (Int(base), Int(exponent)) = (&base, &exponent) {
            let exact = u32::try_from(*exponent)
                .ok()
                .and_then(|exponent| base.checked_pow(exponent));
            if let Some(number) = exact {
                return Ok(Int(number));
            }
            if *base == 0 && *exponent < 0 {
                return Err(by_zero());
            }
        }
        let times = exponent.whole("a power").ok();
        match (self, decimal_of(&base), times) {
            (Self::Decimal, Some(base), Some(times)) => self.decimal_power(&base, times),
            (Self::Decimal, Some(_), None) if exponent.to_float()? == 0.5 => self.root(&base),
            _ => Ok(Float(base.to_float()?.powf(exponent.to_float()?))),
        }
    }

    fn decimal_power(self, base: &BigDecimal, times: i128) -> Result<Quantity> {
        if base.is_zero() && times < 0 {
            return Err(by_zero());
        }
        let mut left = u64::try_from(times.unsigned_abs()).map_err(|_| too_long())?;
        let mut product = BigDecimal::from(1);
        let mut square = base.normalized();
        while left > 0 {
            if left % 2 == 1 {
                let Decimal(next) = bounded(product * &square)? else {
                    return Err(too_long());
                };
                product = next;
            }
            left /= 2;
            if left > 0 {
                let Decimal(next) = bounded(square.square())? else {
                    return Err(too_long());
                };
                square = next.normalized();
            }
        }
        if times < 0 {
            return self.divide(&Int(1), &Decimal(product));
        }
        bounded(product)
    }

    pub(super) fn negate(self, number: &Quantity) -> Result<Quantity> {
        self.subtract(&Int(0), number)
            .map(|negated| match (number, negated) {
                (Float(number), _) => Float(-number),
                (_, negated) => negated,
            })
    }

    pub(super) fn floor(self, number: &Quantity) -> Result<Quantity> {
        self.rounded(number, f64::floor, RoundingMode::Floor)
    }

    /// Rounds to a whole number.
    pub(super) fn rounded(
        self,
        number: &Quantity,
        float: fn(f64) -> f64,
        mode: RoundingMode,
    ) -> Result<Quantity> {
        match number.scalar()? {
            Decimal(number) => {
                let whole = number.with_scale_round(0, mode);
                Ok(whole.to_i128().map_or(Decimal(whole), Int))
            }
            Float(number) => {
                let whole = float(number);
                Ok(if whole.abs() < 9.0e18 {
                    Int(whole as i128)
                } else {
                    Float(whole)
                })
            }
            whole => Ok(whole),
        }
    }

    /// Returns the square root; whole for square numbers.
    pub(super) fn root(self, number: &Quantity) -> Result<Quantity> {
        let number = number.scalar()?;
        let square = match number {
            Int(number) => u128::try_from(number).ok(),
            _ => None,
        };
        if let Some(root) = square.map(u128::isqrt)
            && square == Some(root * root)
        {
            return self.big(root.into());
        }
        match (self, decimal_of(&number)) {
            (Self::Decimal, Some(number)) => match number.sqrt() {
                Some(root) => bounded(root.with_prec(DECIMAL_DIGITS).normalized()),
                None => Ok(Float(f64::NAN)),
            },
            _ => Ok(Float(number.to_float()?.sqrt())),
        }
    }

    /// Returns the product of the whole numbers in `range`.
    pub(super) fn product(self, range: std::ops::RangeInclusive<i128>) -> Result<Quantity> {
        let mut product = BigInt::from(1);
        for (step, factor) in range.enumerate() {
            product *= factor;
            if step % 64 == 0 && product.bits() > MAX_DIGITS * 10 / 3 + 64 {
                match self {
                    Self::Decimal => return Err(too_long()),
                    Self::Float => return Ok(Float(f64::INFINITY)),
                }
            }
        }
        self.big(product)
    }

    /// Returns the product of the first range divided by that of the second, which divides it.
    pub(super) fn quotient_of_products(
        self,
        over: std::ops::RangeInclusive<i128>,
        under: std::ops::RangeInclusive<i128>,
    ) -> Result<Quantity> {
        let mut quotient = BigInt::from(1);
        for (over, under) in over.zip(under) {
            quotient = quotient * over / under;
            if quotient.bits() > MAX_DIGITS * 10 / 3 + 64 {
                match self {
                    Self::Decimal => return Err(too_long()),
                    Self::Float => return Ok(Float(f64::INFINITY)),
                }
            }
        }
        self.big(quotient)
    }
}

/// Compares as numbers; `None` if one is NaN.
pub(super) fn compare(left: &Quantity, right: &Quantity) -> Result<Option<Ordering>> {
    let (left, right) = (left.scalar()?, right.scalar()?);
    if let (Int(a), Int(b)) = (&left, &right) {
        return Ok(Some(a.cmp(b)));
    }
    match (&left, &right) {
        (Decimal(_), _) | (_, Decimal(_)) => match (decimal_of(&left), decimal_of(&right)) {
            (Some(a), Some(b)) => Ok(Some(a.cmp(&b))),
            _ => Ok(left.to_float()?.partial_cmp(&right.to_float()?)),
        },
        _ => Ok(left.to_float()?.partial_cmp(&right.to_float()?)),
    }
}

/// Returns the number as a decimal if it is exact. With decimals, a float is what could only be computed as one.
fn decimal_of(number: &Quantity) -> Option<BigDecimal> {
    match number {
        Int(number) => Some(BigDecimal::from(*number)),
        Decimal(number) => Some(number.clone()),
        _ => None,
    }
}
