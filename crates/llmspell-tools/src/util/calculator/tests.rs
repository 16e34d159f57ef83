use proptest::prelude::*;
use serde_json::json;

use super::*;
use crate::test_world::{call, fails};

fn eval(input: &str) -> Result<Value> {
    call(op(), json!({"input": input})).map(|outcome| outcome.primary().clone())
}

#[track_caller]
fn check(input: &str, expected: impl Into<Value>) {
    assert_eq!(eval(input).unwrap(), expected.into(), "{input}");
}

#[track_caller]
fn refuses(input: &str, kind: Kind, message: &str) {
    let error = eval(input).unwrap_err();
    assert_eq!(error.kind(), kind, "{input}: {error:?}");
    assert_eq!(error.message(), message, "{input}");
}

#[test]
fn whole_numbers_stay_whole_where_exact() {
    check("2+3*4-1", 13);
    check("10/2", 5);
    check("7/2", 3.5);
    check("2^10", 1024);
    check("2**-1", 0.5);
    check("7 // 2", 3);
    check("-7 // 2", -4);
    check("-7 % 3", 2);
    check("7 % -3", -2);
    check("7.5 % 2", 1.5);
    check("sqrt(16)", 4);
    check("cbrt(27)", 3);
    check("9007199254740993 + 0", 9_007_199_254_740_993_i64);
    check("9223372036854775807 + 1", 9_223_372_036_854_775_808.0);
    check("10.0 / 4", 2.5);
    check("mean([1, 2, 3])", 2);
}

#[test]
fn precedence_is_that_of_the_grammar() {
    check("-2^2", -4);
    check("2^3^2", 512);
    check("2^-1", 0.5);
    check("-2 * -3", 6);
    check("!true == false", true);
    check("1 + 2 < 4 && 3 != 4", true);
    check("true || false && false", true);
    check("3! + 1", 7);
    check("2 ^ 3!", 64);
    check("-3!", -6);
    check("15% of 80", 12);
    check("15% of 80 + 5", 17);
    check("2 * 15 % of 80", 24);
    check("10 % 3", 1);
    check("1 ? 2 : 0 ? 3 : 4", 2);
    check("0 ? 2 : 0 ? 3 : 4", 4);
    check("(1 + 2) * [3]", 9);
    check("not (1 > 2) and 1 <= 1", true);
    check("5 != 4 or x", true);
}

#[test]
fn literals_have_all_forms() {
    check("0xff + 0b101", 260);
    check("0XFF", 255);
    check("1_000_000", 1_000_000);
    check("1.5e3", 1500.0);
    check("2k + 3M + 1G + 1T", 1_001_003_002_000_i64);
    check("1.5k", 1500.0);
    check(".5", 0.5);
    check("3 × 4 ÷ 2 − 1", 5);
}

#[test]
fn functions_and_constants() {
    check("sin(0) + cos(0)", 1.0);
    check("round(atan2(1, 1) * 4 - pi())", 0);
    check("e == e()", true);
    check("tau / pi", 2.0);
    check("round(phi * 1000)", 1618);
    check("log(1000)", 2.9999999999999996_f64.max(3.0));
    check("log(2, 1024)", 10.0);
    check("log2(8) + log10(100) + ln(1) + exp(0)", 6.0);
    check("round(2.5)", 3);
    check("round(-2.5)", -3);
    check("round(0.5, 1.3)", 1.5);
    check("floor(-1.5) + ceil(1.2) + trunc(-1.7) + int(9.9)", 8);
    check("abs(-3) + sign(-2)", 2);
    check("min(3, 1, 2) + max([4, 5])", 6);
    check("clamp(15, 0, 10)", 10);
    check("mod(-7, 3)", 2);
    check("gcd(12, 18) + lcm(4, 6)", 18);
    check("comb(5, 2) + perm(5, 2) + factorial(4)", 54);
    check("sum(1, 2, [3, 4])", 10);
    check("median(1, 9, 2)", 2);
    check("stddev(2, 4, 4, 4, 5, 5, 7, 9)", 2);
    check("hypot(3, 4)", 5.0);
    check("root(27, 3) + pow(2, 3)", 11);
    check("root(-8, 3)", -2);
    check("deg(pi) + rad(0)", 180.0);
    check(
        "sinh(0) + cosh(0) + tanh(0) + asinh(0) + acosh(1) + atanh(0)",
        1.0,
    );
    check("asin(0) + acos(1) + atan(0) + tan(0)", 0.0);
    check("comb(3, 5)", 0);
}

#[test]
fn special_values_are_text() {
    for (input, expected) in [
        ("1.0 / 0", "Infinity"),
        ("-inf", "-Infinity"),
        ("inf - inf", "NaN"),
        ("nan", "NaN"),
        ("ln(-1)", "NaN"),
        ("171!", "Infinity"),
    ] {
        let outcome = call(op(), json!({"input": input})).unwrap();
        assert_eq!(outcome.primary(), &Value::from(expected), "{input}");
        assert_eq!(
            outcome.data.get("result_type"),
            Some(&"special".into()),
            "{input}"
        );
    }
}

#[test]
fn data_says_what_was_computed() {
    let outcome = call(
        op(),
        json!({"expression": "x * 2", "variables": {"x": 21}, "precision": 2}),
    )
    .unwrap();
    let expected = json!({"input": "x * 2", "result": 42, "result_type": "integer", "variables": {"x": 21}, "formatted": "42.00"});
    assert_eq!(outcome.operation, "evaluate");
    assert_eq!(outcome.data, expected.into());
    assert_eq!(outcome.primary(), &Value::Int(42));
    assert_eq!(outcome.metadata["message"], "x * 2 = 42.00".into());
    let float = call(
        op(),
        json!({"operation": "calculate", "input": "1/3", "precision": 3}),
    )
    .unwrap();
    assert_eq!(float.data.get("formatted"), Some(&"0.333".into()));
    assert_eq!(float.data.get("result_type"), Some(&"float".into()));
    let truth = call(op(), json!({"input": "1 < 2"})).unwrap();
    assert_eq!(truth.data.get("result_type"), Some(&"boolean".into()));
}

#[test]
fn variables_are_numbers_booleans_and_lists() {
    let given =
        json!({"input": "on ? sum(xs) + e : 0", "variables": {"on": true, "xs": [1, 2.5], "e": 1}});
    assert_eq!(call(op(), given).unwrap().primary(), &Value::Float(4.5));
    let error = fails(op(), json!({"input": "x", "variables": {"x": "5"}}));
    assert_eq!(error.kind(), Kind::InvalidArgs);
    assert_eq!(
        error.message(),
        "variable 'x' must be a number, a boolean or a list of them, got string"
    );
    assert_eq!(
        fails(op(), json!({"input": "1", "variables": {"x": [[1]]}})).kind(),
        Kind::InvalidArgs
    );
    let unknown = fails(
        op(),
        json!({"input": "1 + widht", "variables": {"width": 1}}),
    );
    assert_eq!(unknown.kind(), Kind::InvalidArgs);
    assert_eq!(
        unknown.message(),
        "unknown variable 'widht' at position 5\n  1 + widht\n      ^"
    );
    assert_eq!(unknown.hints(), ["did you mean 'width'?"]);
}

#[test]
fn decimal_mode_is_exact() {
    let decimal = |input: &str| {
        let outcome = call(op(), json!({"input": input, "mode": "Decimal"})).unwrap();
        outcome
            .data
            .get("formatted")
            .unwrap()
            .as_str()
            .unwrap()
            .to_owned()
    };
    assert_eq!(decimal("0.1 + 0.2"), "0.3");
    assert_eq!(decimal("1 / 3").len(), 52);
    assert_eq!(
        decimal("2 ^ 200"),
        "1606938044258990275541962092341162602522202993782792835301376"
    );
    assert_eq!(decimal("1.1 ^ 3"), "1.331");
    assert_eq!(decimal("sqrt(2) * 0 + 25!"), "15511210043330985984000000");
    assert!(decimal("sqrt(2)").starts_with("1.41421356237309504880168872420969807856967187537"));
    assert_eq!(decimal("round(2.345 * 100) / 100"), "2.35");
    assert_eq!(decimal("2 ^ -2"), "0.25");
    let exact = call(op(), json!({"input": "0.1 + 0.2", "mode": "decimal"})).unwrap();
    assert_eq!(exact.primary(), &Value::Float(0.3));
    let zero = fails(op(), json!({"input": "1.5 / 0", "mode": "decimal"}));
    assert_eq!(zero.kind(), Kind::Execution);
}

#[test]
fn errors_have_place_and_caret() {
    refuses(
        "2 * (3 +",
        Kind::Parse,
        "syntax error: expected a number, a name or '(', got the end at position 9\n  2 * (3 +\n          ^",
    );
    refuses(
        "2 3",
        Kind::Parse,
        "syntax error: expected an operator or the end, got a number at position 3\n  2 3\n    ^",
    );
    refuses(
        "",
        Kind::Parse,
        "syntax error: expected a number, a name or '(', got the end at position 1\n  \n  ^",
    );
    refuses(
        "2 $ 3",
        Kind::Parse,
        "syntax error: unexpected character '$' at position 3\n  2 $ 3\n    ^",
    );
    refuses(
        "2x",
        Kind::Parse,
        "syntax error: unexpected 'x' after a number at position 2\n  2x\n   ^",
    );
    refuses(
        "5 % 0",
        Kind::Execution,
        "division by zero at position 3\n  5 % 0\n    ^",
    );
    refuses(
        "1 / 0",
        Kind::Execution,
        "division by zero at position 3\n  1 / 0\n    ^",
    );
    refuses(
        "7 // 0",
        Kind::Execution,
        "division by zero at position 3\n  7 // 0\n    ^",
    );
    refuses(
        "sni(1)",
        Kind::InvalidArgs,
        "unknown function 'sni' at position 1\n  sni(1)\n  ^",
    );
    refuses(
        "atan2(1)",
        Kind::InvalidArgs,
        "atan2 takes 2 arguments, got 1 at position 1\n  atan2(1)\n  ^",
    );
    refuses(
        "[1, 2] + 1",
        Kind::Execution,
        "a list of 2 cannot be used as a number at position 8\n  [1, 2] + 1\n         ^",
    );
    let error = eval("1 + (2").unwrap_err();
    assert_eq!(error.details().get("position"), Some(&Value::Int(7)));
    assert_eq!(error.details().get("column"), Some(&Value::Int(7)));
    assert_eq!(eval("a = 1").unwrap_err().hints().len(), 1);
}

#[test]
fn expression_bombs_end_with_a_limit() {
    let limit = |input: String| {
        let error = eval(&input).unwrap_err();
        assert_eq!(error.kind(), Kind::Limit, "{error:?}");
        error.message().lines().next().unwrap().to_owned()
    };
    assert_eq!(
        limit("1".repeat(10_001)),
        "the expression has 10001 characters, more than the limit of 10000"
    );
    assert!(limit("(".repeat(1000)).starts_with("the expression is nested deeper than 100 levels"));
    assert!(limit("-".repeat(5000)).starts_with("the expression is nested deeper than 100 levels"));
    assert!(limit("2^".repeat(3000)).starts_with("the expression is nested deeper"));
    assert!(limit("[".repeat(300)).starts_with("the expression is nested deeper"));
    assert!(limit("sin(".repeat(300)).starts_with("the expression is nested deeper"));
    assert!(limit("10001!".into()).starts_with("factorial takes numbers up to 10000, got 10001"));
    check(&"1+".repeat(4999).add_one(), 5000);
    let decimal = |input: &str| fails(op(), json!({"input": input, "mode": "decimal"}));
    for input in [
        "9^9^9^9",
        "10000!",
        "1e1000000000 + 1",
        "1.0000001 ^ 99999",
        "10^10^10",
    ] {
        let error = decimal(input);
        assert_eq!(error.kind(), Kind::Limit, "{input}: {error:?}");
        assert!(
            error
                .message()
                .starts_with("the result has more than 10000 digits"),
            "{error:?}"
        );
    }
    check("9^9^9^9", "Infinity");
    let xs: Vec<i32> = (0..10_001).collect();
    let error = fails(op(), json!({"input": "sum(xs)", "variables": {"xs": xs}}));
    assert!(
        error
            .message()
            .starts_with("the expression takes more than 10000 steps"),
        "{error:?}"
    );
}

trait AddOne {
    fn add_one(self) -> String;
}

impl AddOne for String {
    fn add_one(self) -> String {
        self + "1"
    }
}

#[test]
fn validate_reports_without_evaluating() {
    let valid = call(
        op(),
        json!({"operation": "validate", "input": "sin(x) + y * pi / x / 0"}),
    )
    .unwrap();
    let expected = json!({"input": "sin(x) + y * pi / x / 0", "valid": true, "error": null, "position": null, "variables": ["x", "y"], "functions": ["sin"]});
    assert_eq!(valid.data, expected.into());
    assert_eq!(valid.primary(), &Value::Bool(true));
    let wrong = call(op(), json!({"operation": "validate", "input": "1 + "})).unwrap();
    assert_eq!(wrong.primary(), &Value::Bool(false));
    assert_eq!(wrong.data.get("position"), Some(&Value::Int(5)));
    assert!(
        wrong
            .data
            .get("error")
            .unwrap()
            .as_str()
            .unwrap()
            .contains("got the end")
    );
}

#[test]
fn functions_are_listed_by_group() {
    let outcome = call(op(), json!({"operation": "functions"})).unwrap();
    for group in [
        "arithmetic",
        "comparison",
        "logical",
        "trigonometric",
        "hyperbolic",
        "mathematical",
        "rounding",
        "statistics",
        "combinatorics",
        "constants",
        "utility",
        "examples",
    ] {
        assert!(
            !outcome
                .data
                .get(group)
                .unwrap()
                .as_list()
                .unwrap()
                .is_empty(),
            "{group}"
        );
    }
    for example in EXAMPLES {
        let outcome = call(op(), json!({"input": example, "variables": {"x": 1}}));
        assert!(outcome.is_ok(), "{example}: {outcome:?}");
    }
}

#[test]
fn statistics_describe_a_population() {
    let outcome = call(
        op(),
        json!({"operation": "statistics", "values": [2, 4, 4, 4, 5, 5, 7, 9]}),
    )
    .unwrap();
    let data = &outcome.data;
    for (name, expected) in [
        ("count", 8),
        ("sum", 40),
        ("mean", 5),
        ("mode", 4),
        ("min", 2),
        ("max", 9),
        ("variance", 4),
        ("std_dev", 2),
    ] {
        assert_eq!(data.get(name), Some(&Value::Int(expected)), "{name}");
    }
    assert_eq!(data.get("median"), Some(&Value::Float(4.5)));
    assert_eq!(
        data.get("percentiles").unwrap().get("p25"),
        Some(&Value::Int(4))
    );
    assert_eq!(
        data.get("percentiles").unwrap().get("p75"),
        Some(&Value::Float(5.5))
    );
    assert_eq!(outcome.primary(), &Value::Int(5));
    assert_eq!(
        fails(op(), json!({"operation": "statistics", "values": []})).kind(),
        Kind::InvalidArgs
    );
    assert_eq!(
        fails(op(), json!({"operation": "statistics", "values": ["a"]})).kind(),
        Kind::InvalidArgs
    );
    let none = call(op(), json!({"operation": "statistics", "values": [1, 2]})).unwrap();
    assert_eq!(none.data.get("mode"), Some(&Value::Null));
}

#[test]
fn arithmetic_takes_two_numbers() {
    for (operation, expected) in [
        ("add", 9),
        ("subtract", 5),
        ("multiply", 14),
        ("power", 49),
        ("modulo", 1),
    ] {
        let outcome = call(op(), json!({"operation": operation, "a": 7, "b": 2})).unwrap();
        assert_eq!(outcome.primary(), &Value::Int(expected), "{operation}");
        assert_eq!(outcome.operation, operation);
    }
    let divided = call(op(), json!({"operation": "DIVIDE", "a": "7", "b": 2})).unwrap();
    assert_eq!(divided.primary(), &Value::Float(3.5));
    assert_eq!(divided.data.get("input"), Some(&"7 / 2".into()));
    assert_eq!(
        fails(op(), json!({"operation": "divide", "a": 1, "b": 0})).kind(),
        Kind::Execution
    );
    let error = fails(op(), json!({"operation": "add", "a": 1}));
    assert_eq!(
        error.message(),
        "Missing required parameter 'b' for calculator operation 'add'"
    );
}

#[test]
fn arguments_are_checked() {
    let unknown = fails(op(), json!({"input": "1", "precison": 2}));
    assert_eq!(
        unknown.message(),
        "unknown parameter 'precison' (did you mean 'precision'?)"
    );
    assert_eq!(unknown.hints(), ["did you mean 'precision'?"]);
    assert_eq!(unknown.message_alone(), "unknown parameter 'precison'");
    let wrong = fails(op(), json!({"input": ["1"]}));
    assert_eq!(
        wrong.message(),
        "parameter 'input' must be string, got array"
    );
    let missing = fails(op(), json!({}));
    assert_eq!(
        missing.message(),
        "Missing required parameter 'input' for calculator operation 'evaluate'"
    );
    let range = fails(op(), json!({"input": "1", "precision": 51}));
    assert_eq!(
        range.message(),
        "parameter 'precision' must be between 0 and 50, got 51"
    );
    assert_eq!(
        fails(op(), json!({"input": "1", "mode": "bignum"})).kind(),
        Kind::InvalidArgs
    );
    assert!(fails(op(), json!({"operation": "evalute"})).hints()[0].contains("evaluate"));
    let differing = fails(op(), json!({"input": "1", "expression": "2"}));
    assert_eq!(differing.kind(), Kind::InvalidArgs);
    let warned = call(op(), json!({"input": "1", "values": [1]})).unwrap();
    assert_eq!(warned.metadata["warnings"].as_list().unwrap().len(), 1);
}

/// An expression and what floats make of it.
fn sums() -> impl Strategy<Value = (String, f64)> {
    let leaf = (0u32..1000, 1u32..100).prop_map(|(whole, part)| {
        let text = format!("{whole}.{part:02}");
        let number: f64 = text.parse().unwrap();
        (text, number)
    });
    leaf.prop_recursive(6, 48, 2, |inner| {
        (inner.clone(), inner, 0..6).prop_map(|((left, a), (right, b), sign)| match sign {
            0 => (format!("({left} + {right})"), a + b),
            1 => (format!("({left} - {right})"), a - b),
            2 => (format!("({left}*{right})"), a * b),
            3 => (format!("({left} / {right})"), a / b),
            4 => (format!("(-{left})"), -a),
            _ => (
                format!("({left} < {right} ? {left} : {right})"),
                if a < b { a } else { b },
            ),
        })
    })
}

fn computed(text: &str) -> Value {
    let report: Report = evaluate_job(Value::from(json!({"input": text})))
        .unwrap()
        .into_typed()
        .unwrap();
    report.data["result"].clone()
}

proptest! {
    #[test]
    fn any_text_gives_a_result_or_an_error(text in ".{0,60}") {
        let _ = evaluate_job(Value::from(json!({"input": text})));
    }

    #[test]
    fn any_expression_like_text_gives_a_result_or_an_error(
        text in r"([0-9.]{1,3}|[-+*/%^!?:()<>=&|,]|\[|\]| |of|pi|x|sin\(|max\(|log\(|and|or|not|k|0x|e5){0,40}",
        decimal: bool,
    ) {
        let mode = if decimal { "decimal" } else { "float" };
        if let Err(error) = evaluate_job(Value::from(json!({"input": text, "mode": mode, "variables": {"x": [1, 2.5]}}))) {
            prop_assert!(error.kind() != Kind::Bug, "{:?}", error);
        }
    }

    #[test]
    fn sums_agree_with_floats((text, expected) in sums()) {
        let got = match computed(&text) {
            Value::Str(special) => special.parse::<f64>().unwrap(),
            number => number.as_float().unwrap(),
        };
        prop_assert!(got == expected || got.is_nan() && expected.is_nan(), "{} = {}, not {}", text, got, expected);
    }

    #[test]
    fn whole_sums_agree_with_integers(a in -1_000_000_000_i64..1_000_000_000, b in -1_000_000_000_i64..1_000_000_000) {
        let eval = |text: String| computed(&text);
        prop_assert_eq!(eval(format!("({a}) * ({b})")), Value::Int(a * b));
        if b != 0 {
            prop_assert_eq!(eval(format!("({a}) // ({b}) * ({b}) + ({a}) % ({b})")), Value::Int(a));
        }
    }
}

#[test]
fn numbers_as_text_stay_whole() {
    for (args, result) in [
        (
            json!({"operation": "add", "a": "9007199254740993", "b": "1"}),
            json!(9_007_199_254_740_994_i64),
        ),
        (json!({"operation": "subtract", "a": "5", "b": 2}), json!(3)),
        (
            json!({"operation": "divide", "a": "1", "b": " 4 "}),
            json!(0.25),
        ),
        (
            json!({"operation": "statistics", "values": ["1", 2, "3.0"]}),
            json!(2),
        ),
    ] {
        let outcome = call(op(), args.clone()).unwrap();
        assert_eq!(outcome.primary().as_float(), result.as_f64(), "{args}");
        if result.is_i64() && args["operation"] != "statistics" {
            assert_eq!(outcome.primary(), &Value::from(result), "{args}");
        }
    }
    let zero = fails(op(), json!({"operation": "divide", "a": "1", "b": "0"}));
    assert_eq!(zero.kind(), Kind::Execution);
    let wrong = fails(
        op(),
        json!({"operation": "statistics", "values": ["1", "x"]}),
    );
    assert_eq!(wrong.message(), "values[1] must be a number, got string");
}

#[test]
fn decimals_tell_what_is_not_exact() {
    let evaluate = |input: &str| {
        let outcome = call(op(), json!({"input": input, "mode": "decimal"})).unwrap();
        let formatted = outcome
            .data
            .get("formatted")
            .and_then(Value::as_str)
            .unwrap()
            .to_owned();
        (formatted, outcome.metadata.contains_key("warnings"))
    };
    for (input, expected) in [
        ("pi", "3.1415926535897932384626433832795028841971693993751"),
        (
            "2 * pi()",
            "6.2831853071795864769252867665590057683943387987502",
        ),
        ("e", "2.7182818284590452353602874713526624977572470937"),
        ("2 ^ 0.5 - sqrt(2)", "0"),
        ("1 / 4 + 0.1", "0.35"),
        ("inf", "Infinity"),
    ] {
        assert_eq!(evaluate(input), (expected.to_owned(), false), "{input}");
    }
    for input in ["sin(1)", "2 * ln(3)", "2 ^ 0.3", "root(10, 3) + 0.1"] {
        let (formatted, warned) = evaluate(input);
        assert!(warned && formatted.len() < 20, "{input}: {formatted}");
    }
    let power = call(
        op(),
        json!({"operation": "power", "a": 2, "b": 0.3, "mode": "decimal"}),
    )
    .unwrap();
    assert!(power.metadata.contains_key("warnings"));
}
