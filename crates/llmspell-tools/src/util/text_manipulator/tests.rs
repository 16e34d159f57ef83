use proptest::prelude::*;
use serde_json::json;

use super::*;
use crate::test_world::{call, call_with, fails, joined, refuses};

fn output(args: serde_json::Value) -> serde_json::Value {
    call(op(), args).unwrap().primary().to_serde_json()
}

#[track_caller]
fn check(operation: &str, input: &str, options: serde_json::Value, expected: serde_json::Value) {
    let nested = json!({"operation": operation, "input": input, "options": options});
    assert_eq!(output(nested), expected, "{operation} {input:?} {options}");
    let flat = joined(json!({"operation": operation, "input": input}), &options);
    assert_eq!(output(flat), expected, "{operation} {input:?} {options}");
}

#[track_caller]
fn fails_with(operation: &str, input: &str, options: serde_json::Value, kind: Kind, message: &str) {
    let error = fails(
        op(),
        json!({"operation": operation, "input": input, "options": options}),
    );
    assert_eq!((error.kind(), error.message()), (kind, message));
}

#[test]
fn letter_case() {
    for (operation, input, expected) in [
        ("uppercase", "straße é", "STRASSE É"),
        ("upper", "a", "A"),
        ("lowercase", "ÀB", "àb"),
        ("lower", "A", "a"),
        ("capitalize", "élan VITAL", "Élan VITAL"),
        ("capitalize", "", ""),
        (
            "title_case",
            "the quick-brown FOX doesn't",
            "The Quick-Brown Fox Doesn't",
        ),
        ("reverse", "né👨‍👩‍👧e\u{301}", "e\u{301}👨‍👩‍👧én"),
        ("trim", " \t a b\n", "a b"),
    ] {
        check(operation, input, json!({}), json!(expected));
    }
    for (format, expected) in [
        ("upper", "A B"),
        ("Snake-Case", "a_b"),
        ("title", "A B"),
        ("camel", "aB"),
    ] {
        check("case", "a b", json!({"format": format}), json!(expected));
    }
    fails_with(
        "case",
        "x",
        json!({}),
        Kind::InvalidArgs,
        "Missing required parameter 'format' for text_manipulator operation 'case'",
    );
}

#[test]
fn identifiers() {
    for (input, snake) in [
        ("HelloWorldFromLLMSpell", "hello_world_from_llm_spell"),
        ("hello_world_from_llmspell", "hello_world_from_llmspell"),
        ("  Hello,  World! ", "hello_world"),
        ("XMLHttpRequest", "xml_http_request"),
        ("sha256Hash", "sha256_hash"),
        ("kebab-case-name", "kebab_case_name"),
        ("ÄpfelUndÖl", "äpfel_und_öl"),
        ("e\u{301}tat", "e\u{301}tat"),
        ("HTML", "html"),
        ("", ""),
        ("__", ""),
    ] {
        check("snake_case", input, json!({}), json!(snake));
    }
    for (operation, expected) in [
        ("kebab_case", "hello-world-from-llmspell"),
        ("camel_case", "helloWorldFromLlmspell"),
        ("pascal_case", "HelloWorldFromLlmspell"),
        ("constant_case", "HELLO_WORLD_FROM_LLMSPELL"),
        ("Slug", "hello-world-from-llmspell"),
    ] {
        check(
            operation,
            "hello_world_from_llmspell",
            json!({}),
            json!(expected),
        );
    }
    check(
        "slug",
        "  Crème Brûlée & Straße: 100% d'été!",
        json!({}),
        json!("creme-brulee-strasse-100-dete"),
    );
    check("slug", "cafe\u{301} 東京", json!({}), json!("cafe-東京"));
}

#[test]
fn replacing() {
    check(
        "replace",
        "a.a.a",
        json!({"from": ".", "to": "-"}),
        json!("a-a-a"),
    );
    check(
        "replace",
        "a.a.a",
        json!({"pattern": ".", "replacement": "", "count": 1}),
        json!("aa.a"),
    );
    check(
        "replace",
        "a1b22",
        json!({"from": r"\d+", "to": "<$0>", "regex": true}),
        json!("a<1>b<22>"),
    );
    check(
        "regex_replace",
        "ab AB",
        json!({"pattern": "(?<x>a)b", "replacement": "${x}_$1", "flags": "i"}),
        json!("a_a A_A"),
    );
    check(
        "regex_replace",
        "aaa",
        json!({"pattern": "a", "replacement": "b", "count": 2}),
        json!("bba"),
    );
    check(
        "regex",
        "aaa",
        json!({"action": "replace", "pattern": "a", "replacement": "$$"}),
        json!("$$$"),
    );
    let outcome = call(
        op(),
        json!({"operation": "replace", "text": "xx", "from": "x", "to": "y"}),
    )
    .unwrap();
    assert_eq!(
        outcome.data.to_serde_json(),
        json!({"result": "yy", "operation": "replace", "original_length": 2, "result_length": 2, "replacements": 2})
    );
    fails_with(
        "replace",
        "x",
        json!({"from": ""}),
        Kind::InvalidArgs,
        "parameter 'from' must not be empty",
    );
    fails_with(
        "replace",
        "x",
        json!({"to": "y"}),
        Kind::InvalidArgs,
        "Missing required parameter 'from' for text_manipulator operation 'replace'",
    );
}

#[test]
fn regular_expressions() {
    check(
        "match",
        "abc",
        json!({"pattern": "^B", "flags": "i"}),
        json!(false),
    );
    check(
        "match",
        "a\nBc",
        json!({"pattern": "^b", "flags": "im"}),
        json!(true),
    );
    check("regex", "abc", json!({"pattern": "c$"}), json!(true));
    check(
        "extract",
        "a1 b2",
        json!({"pattern": r"([a-z])(\d)"}),
        json!(["a1", "b2"]),
    );
    check(
        "extract",
        "a1 b2",
        json!({"pattern": r"([a-z])(\d)", "group": 2}),
        json!(["1", "2"]),
    );
    check(
        "extract",
        "a1 b2",
        json!({"pattern": r"(?<l>[a-z])\d", "group": "l"}),
        json!(["a", "b"]),
    );
    check(
        "regex",
        "a,b;c",
        json!({"action": "split", "delimiter": "[,;]"}),
        json!(["a", "b", "c"]),
    );
    fails_with(
        "extract",
        "x",
        json!({"pattern": "x", "group": 1}),
        Kind::InvalidArgs,
        "the pattern has no group '1'",
    );
    fails_with(
        "match",
        "x",
        json!({"pattern": "(x"}),
        Kind::InvalidArgs,
        "not a regular expression: unclosed group",
    );
    fails_with(
        "match",
        "x",
        json!({"pattern": r"((\w{1000}){1000}){1000}"}),
        Kind::Limit,
        "the regular expression is too large",
    );
    fails_with(
        "match",
        "x",
        json!({"pattern": "x", "flags": "q"}),
        Kind::InvalidArgs,
        "unknown flag 'q', expected some of: i, m, s, x, U",
    );
    // Backtracking engines need 2^40 steps for this one.
    let evil = "a".repeat(40);
    check("match", &evil, json!({"pattern": "^(a+)+$|b"}), json!(true));
    check(
        "match",
        &format!("{evil}!"),
        json!({"pattern": "^(a+)+$"}),
        json!(false),
    );
}

#[test]
fn cutting() {
    for (options, expected) in [
        (json!({"start": 1, "end": 3}), "él"),
        (json!({"start": -2}), "lo"),
        (json!({"end": -1}), "hél"),
        (json!({"start": 3, "end": 1}), ""),
        (json!({"start": 99}), ""),
        (json!({"start": -99, "end": 2}), "hé"),
        (json!({"start": i64::MIN, "end": i64::MAX}), "hélo"),
    ] {
        let expected = expected.to_owned();
        check("substring", "hélo", options, json!(expected));
    }
    check(
        "slice",
        "hello",
        json!({"start": 1, "length": 2}),
        json!("el"),
    );
    check(
        "substring",
        "hello",
        json!({"start": 1.0, "end": "3"}),
        json!("el"),
    );
    fails_with(
        "substring",
        "x",
        json!({"end": 1, "length": 1}),
        Kind::InvalidArgs,
        "give either 'end' or 'length', not both",
    );
    check("truncate", "short", json!({}), json!("short"));
    check(
        "truncate",
        "hello world",
        json!({"max_length": 8}),
        json!("hello..."),
    );
    check(
        "truncate",
        "hello world",
        json!({"max_length": 5, "ellipsis": "…"}),
        json!("hell…"),
    );
    check("truncate", "hello", json!({"max_length": 2}), json!("he"));
    check(
        "truncate",
        "e\u{301}e\u{301}x",
        json!({"max_length": 3, "ellipsis": ""}),
        json!("e\u{301}"),
    );
    check(
        "truncate",
        "one  two three",
        json!({"max_length": 2, "by": "words"}),
        json!("one  two..."),
    );
    check(
        "truncate",
        " one two ",
        json!({"max_length": 2, "by": "words"}),
        json!(" one two "),
    );
    check(
        "truncate",
        "one",
        json!({"max_length": 0, "by": "words", "ellipsis": "-"}),
        json!("-"),
    );
}

#[test]
fn splitting_and_joining() {
    check("split", "a b c", json!({}), json!(["a", "b", "c"]));
    check(
        "split",
        "a,b,c",
        json!({"delimiter": ",", "limit": 2}),
        json!(["a", "b,c"]),
    );
    check(
        "split",
        "a1b22c",
        json!({"delimiter": r"\d+", "regex": true}),
        json!(["a", "b", "c"]),
    );
    check(
        "split",
        "né👨‍👩‍👧",
        json!({"delimiter": ""}),
        json!(["n", "é", "👨‍👩‍👧"]),
    );
    check(
        "split",
        "abc",
        json!({"delimiter": "", "limit": 2}),
        json!(["a", "bc"]),
    );
    check("split", "", json!({"delimiter": ""}), json!([]));
    check(
        "join",
        r#"["a", 1, 2.5, true]"#,
        json!({"delimiter": "-"}),
        json!("a-1-2.5-true"),
    );
    assert_eq!(
        output(json!({"operation": "join", "input": ["a", "b"]})),
        json!("a b")
    );
    assert_eq!(output(json!({"operation": "join", "input": []})), json!(""));
    let empty = Value::from([
        ("operation", "join".into()),
        ("input", Value::Map(Map::new())),
    ]);
    assert_eq!(call_with(op(), empty).unwrap().output, Some("".into()));
    fails_with(
        "join",
        "abc",
        json!({}),
        Kind::InvalidArgs,
        "join needs a list or the JSON text of one as input",
    );
    let error = fails(op(), json!({"operation": "join", "input": ["a", ["b"]]}));
    assert_eq!(error.message(), "item 2 of the list is array");
    let error = fails(op(), json!({"operation": "upper", "input": ["a", "b"]}));
    assert_eq!(
        error.message(),
        "operation 'uppercase' needs a text as input, got array"
    );
    let error = fails(op(), json!({"operation": "upper", "input": 5}));
    assert_eq!(
        error.message(),
        "parameter 'input' must be string or array, got integer (5)"
    );
}

#[test]
fn cleaning() {
    check(
        "sanitize",
        "a\u{0}b\tc\n\u{200B}d\u{202E}é",
        json!({}),
        json!("ab\tc\ndé"),
    );
    check("sanitize", "👨‍👩‍👧", json!({}), json!("👨‍👩‍👧"));
    check(
        "sanitize",
        "é a-1\u{7}",
        json!({"allow": "ascii"}),
        json!(" a-1"),
    );
    check(
        "sanitize",
        "é a-1_",
        json!({"allow": "alnum"}),
        json!("éa1"),
    );
    check(
        "strip_ansi",
        "\u{1B}[1;31mred\u{1B}[0m \u{1B}]0;t\u{7}x\u{1B}]8;;u\u{1B}\\y",
        json!({}),
        json!("red xy"),
    );
    check(
        "sanitize",
        "\u{1B}[1mx",
        json!({"strip_ansi": true}),
        json!("x"),
    );
    check(
        "strip_html",
        "<p class='a'>1 &lt; 2 &amp;&amp; 3 > 2</p><script>if (a<b) {}</script><!-- <b> --><br/>&#233;&#x20AC;&nope; a < b",
        json!({}),
        json!("1 < 2 && 3 > 2é€&nope; a < b"),
    );
    check(
        "normalize_whitespace",
        " a \n\t b\u{A0}c ",
        json!({}),
        json!("a b c"),
    );
    fails_with(
        "sanitize",
        "x",
        json!({"allow": "all"}),
        Kind::InvalidArgs,
        "unknown allow 'all', expected one of: printable, ascii, alnum",
    );
}

#[test]
fn layout() {
    check(
        "indent",
        "a\n\nb\n",
        json!({"spaces": 2}),
        json!("  a\n\n  b\n"),
    );
    check("indent", "a", json!({}), json!("    a"));
    check("dedent", "    a\n      b\n", json!({}), json!("a\n  b\n"));
    check(
        "word_wrap",
        "the quick brown fox",
        json!({"width": 10}),
        json!("the quick\nbrown fox"),
    );
    check(
        "word_wrap",
        "abcdef",
        json!({"width": 4}),
        json!("abcd\nef"),
    );
    check("pad", "é", json!({"width": 3}), json!("é  "));
    check(
        "pad",
        "x",
        json!({"width": 4, "side": "left", "char": "0"}),
        json!("000x"),
    );
    check(
        "pad",
        "x",
        json!({"width": 4, "side": "both", "char": "*"}),
        json!("*x**"),
    );
    check("pad", "long", json!({"width": 2}), json!("long"));
    check("repeat", "ab", json!({"times": 3}), json!("ababab"));
    check("repeat", "ab", json!({"times": 0}), json!(""));
    fails_with(
        "pad",
        "x",
        json!({"width": 4, "char": "ab"}),
        Kind::InvalidArgs,
        "parameter 'char' must be one character",
    );
    fails_with(
        "repeat",
        "x",
        json!({}),
        Kind::InvalidArgs,
        "Missing required parameter 'times' for text_manipulator operation 'repeat'",
    );
}

#[test]
fn the_parameter_text_is_input_or_option() {
    assert_eq!(
        output(json!({"operation": "upper", "text": "a"})),
        json!("A")
    );
    check("append", "a", json!({"text": "b"}), json!("ab"));
    check("prepend", "a", json!({"text": "b"}), json!("ba"));
    let both = json!({"operation": "append", "text": "a", "options": {"text": "b"}});
    assert_eq!(output(both), json!("ab"));
    let error = fails(op(), json!({"operation": "append", "text": "a"}));
    assert_eq!(
        error.message(),
        "Missing required parameter 'input' for text_manipulator operation 'append'"
    );
    let error = fails(op(), json!({"operation": "append", "input": "a"}));
    assert_eq!(
        error.message(),
        "Missing required parameter 'text' for text_manipulator operation 'append'"
    );
}

#[test]
fn counting() {
    let counts = json!({"characters": 20, "graphemes": 19, "bytes": 21, "words": 4, "lines": 2, "sentences": 2});
    let text = "Hello world.\nIt e\u{301}s!";
    check("count", text, json!({}), counts.clone());
    check("analyze", text, json!({}), counts.clone());
    check("word_count", text, json!({}), json!(4));
    let outcome = call(op(), json!({"operation": "word_count", "input": text})).unwrap();
    assert_eq!(outcome.operation, "count");
    assert_eq!(outcome.data.get("counts").unwrap().to_serde_json(), counts);
    assert_eq!(
        output(json!({"operation": "word_count", "input": ""})),
        json!(0)
    );
}

#[test]
fn pipelines() {
    let steps = json!([
        {"operation": "trim"},
        "uppercase",
        {"operation": "split", "options": {"delimiter": ","}},
        {"operation": "join", "delimiter": "+"},
        {"operation": "pipeline", "operations": ["reverse"]},
    ]);
    let outcome = call(
        op(),
        json!({"operation": "pipeline", "input": " a,b ", "operations": steps}),
    )
    .unwrap();
    assert_eq!(outcome.output, Some("B+A".into()));
    assert_eq!(
        outcome.data.to_serde_json(),
        json!({
            "result": "B+A", "operation": "pipeline", "original_length": 5, "result_length": 3,
            "steps": ["trim", "uppercase", "split", "join", "pipeline"],
        })
    );
    let transform =
        json!({"operation": "transform", "text": "a", "options": {"transformations": ["upper"]}});
    assert_eq!(output(transform), json!("A"));
    let fails_at = |steps: serde_json::Value| {
        fails(
            op(),
            json!({"operation": "pipeline", "input": "a", "operations": steps}),
        )
    };
    let error = fails_at(json!(["upper", {"operation": "uper"}]));
    assert!(
        error
            .message()
            .starts_with("step 2: unknown operation 'uper', expected one of: uppercase"),
        "{error:?}"
    );
    assert_eq!(error.hints(), ["did you mean 'upper'?"]);
    let error = fails_at(json!(["split", "upper"]));
    assert_eq!(
        error.message(),
        "step 2: operation 'uppercase' needs a text as input, got array"
    );
    let error = fails_at(json!([{"operation": "upper", "input": "b"}]));
    assert_eq!(error.message(), "step 1: a step takes no 'input'");
    let error = fails_at(json!([{"operation": "upper", "tims": 2}]));
    assert_eq!(
        error.message(),
        "step 1: unknown parameter 'tims' (did you mean 'times'?)"
    );
    assert_eq!(fails_at(json!(vec!["upper"; 1_001])).kind(), Kind::Limit);
    let mut deep = json!(["upper"]);
    for _ in 0..30 {
        deep = json!([{"operation": "pipeline", "operations": deep}]);
    }
    assert_eq!(
        output(json!({"operation": "pipeline", "input": "a", "operations": deep})),
        json!("A")
    );
}

#[test]
fn sizes_are_limited() {
    let big = "a".repeat(MOST_IN + 1);
    fails_with(
        "upper",
        &big,
        json!({}),
        Kind::Limit,
        "parameter 'input' is 10485761 bytes long, more than the limit of 10485760",
    );
    let large = "the result would be larger than the limit of 67108864 bytes";
    fails_with(
        "repeat",
        "ab",
        json!({"times": MOST_OUT / 2 + 1}),
        Kind::Limit,
        large,
    );
    fails_with(
        "pad",
        "a",
        json!({"width": MOST_OUT + 1}),
        Kind::Limit,
        large,
    );
    fails_with(
        "replace",
        &"a".repeat(9000),
        json!({"from": "a", "to": "b".repeat(9000)}),
        Kind::Limit,
        large,
    );
    fails_with(
        "regex_replace",
        &"a".repeat(9000),
        json!({"pattern": ".*", "replacement": "$0".repeat(9000)}),
        Kind::Limit,
        large,
    );
    fails_with(
        "indent",
        &"a\n".repeat(100_000),
        json!({"spaces": 1000}),
        Kind::Limit,
        large,
    );
    fails_with(
        "split",
        &"a".repeat(1_000_001),
        json!({"delimiter": ""}),
        Kind::Limit,
        "the result has more than 1000000 items",
    );
    fails_with(
        "extract",
        &"a".repeat(1_000_001),
        json!({"pattern": "a"}),
        Kind::Limit,
        "the result has more than 1000000 items",
    );
    fails_with(
        "indent",
        "a",
        json!({"spaces": -1}),
        Kind::InvalidArgs,
        "parameter 'spaces' must be between 0 and 1000, got -1",
    );
}

#[test]
fn wrong_parameters_are_named() {
    let check = |args, message: &str| refuses(op(), args, message);
    check(
        json!({"input": "x"}),
        "Missing required parameter 'operation' for text_manipulator",
    );
    check(
        json!({"operation": "upper"}),
        "Missing required parameter 'input' for text_manipulator operation 'uppercase'",
    );
    check(
        json!({"operation": "upper", "inptu": "x"}),
        "unknown parameter 'inptu' (did you mean 'input'?)",
    );
    check(
        json!({"operation": "indent", "input": "x", "spaces": "two"}),
        "parameter 'spaces' must be integer, got string (\"two\")",
    );
    check(
        json!({"operation": "indent", "input": "x", "options": {"spaces": 2.5}}),
        "parameter 'spaces' must be integer, got number (2.5)",
    );
    check(
        json!({"operation": "indent", "input": "x", "options": {"space": 2}}),
        "unknown parameter 'space' (did you mean 'spaces'?)",
    );
    check(
        json!({"operation": "indent", "input": "x", "options": {"input": "y"}}),
        "'input' is not an option",
    );
    check(
        json!({"operation": "indent", "input": "x", "spaces": 1, "options": {"spaces": 2}}),
        "'spaces' and 'options.spaces' differ",
    );
    check(
        json!({"operation": "indent", "input": "x", "options": "y"}),
        "parameter 'options' must be object, got string (\"y\")",
    );
    let bytes = Value::from([
        ("operation", "upper".into()),
        ("input", Value::Bytes(vec![0xFF])),
    ]);
    let error = call_with(op(), bytes).unwrap_err();
    assert_eq!(
        error.message(),
        "operation 'uppercase' needs a text as input, got bytes"
    );
    let outcome = call(
        op(),
        json!({"operation": "upper", "input": "x", "width": 3, "side": "right"}),
    )
    .unwrap();
    assert_eq!(
        outcome.metadata["warnings"],
        vec!["operation 'uppercase' does not use parameter 'width'"].into()
    );
}

#[test]
fn repeated_searches_stop_when_cancelled() {
    // Each of these searches looks at the whole rest of the text: together they take quadratic time.
    let text = "a".repeat(100_000);
    let cx = crate::test_world::cx();
    cx.cancel().cancel(llmspell_core::Cancel::reason("enough"));
    let pattern = ".*[^a]|a";
    for args in [
        json!({"operation": "extract", "input": text, "pattern": pattern}),
        json!({"operation": "regex_replace", "input": text, "pattern": pattern}),
        json!({"operation": "split", "input": text, "delimiter": pattern, "regex": true}),
    ] {
        let call = unfold(args.into()).unwrap();
        assert_eq!(run(&cx, call).unwrap_err().kind(), Kind::Cancelled);
    }
}

#[test]
fn every_operation_takes_every_text() {
    for text in ["", "a", "\u{301}", "\u{0}\u{1B}[", "👨‍👩‍👧 ñ", "<<p &#xFFFFFF;"] {
        for operation in OPERATIONS {
            for named in operation.names {
                let args = json!({
                    "operation": named, "input": text, "pattern": "a", "from": "a", "text": "t",
                    "width": 5, "times": 2, "operations": ["trim"],
                });
                match call(op(), args) {
                    Ok(outcome) => assert_eq!(outcome.operation, operation.names[0]),
                    Err(error) => assert_eq!(
                        (error.kind(), *named),
                        (Kind::InvalidArgs, "join"),
                        "{error:?}"
                    ),
                }
            }
        }
    }
}

proptest! {
    #[test]
    fn letter_case_never_panics_and_identifiers_are_stable(text in "\\PC{0,40}") {
        for operation in ["uppercase", "capitalize", "title_case", "camel_case", "pascal_case", "slug"] {
            call(op(), json!({"operation": operation, "input": text})).unwrap();
        }
        let reversed = output(json!({"operation": "reverse", "input": text}));
        prop_assert_eq!(reversed.as_str().unwrap().chars().count(), text.chars().count());
    }

    #[test]
    fn snake_case_of_plain_words_is_stable(text in "[a-zA-Z0-9 _-]{0,40}") {
        let once = output(json!({"operation": "snake_case", "input": text}));
        let twice = output(json!({"operation": "snake_case", "input": once}));
        prop_assert_eq!(once, twice);
    }

    #[test]
    fn split_and_join_restore_the_text(text in ".{0,40}", delimiter in ".{1,3}") {
        let parts = output(json!({"operation": "split", "input": text, "delimiter": delimiter}));
        let joined = output(json!({"operation": "join", "input": parts, "delimiter": delimiter}));
        prop_assert_eq!(joined, json!(text));
    }

    #[test]
    fn truncating_keeps_its_promise(text in "\\PC{0,40}", most in 0_usize..30, ellipsis in ".{0,4}") {
        let cut = output(json!({"operation": "truncate", "input": text, "max_length": most, "ellipsis": ellipsis}));
        prop_assert!(cut.as_str().unwrap().chars().count() <= most);
    }

    #[test]
    fn cutting_never_panics(text in ".{0,20}", start: i64, end: i64) {
        call(op(), json!({"operation": "substring", "input": text, "start": start, "end": end})).unwrap();
    }
}
