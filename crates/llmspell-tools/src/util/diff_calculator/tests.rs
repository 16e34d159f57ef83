use llmspell_core::Kind;
use proptest::prelude::*;
use serde_json::json;

use super::*;
use crate::test_world::{call, call_in, fails, joined, refuses};

const OLD: &str = "one\ntwo\nthree\nfour\nfive\nsix\nseven\neight\nnine\n";
const NEW: &str = "one\n2\nthree\nfour\nfive\nsix\nseven\nnine\nten";

fn output(args: serde_json::Value) -> serde_json::Value {
    call(op(), args).unwrap().primary().to_serde_json()
}

fn shown(old: &str, new: &str, extra: serde_json::Value) -> serde_json::Value {
    let args = joined(json!({"old_text": old, "new_text": new}), &extra);
    output(args)
}

#[test]
fn the_unified_format_is_that_of_diff() {
    // Made with `diff -U1 --label old --label new`.
    let expected = "--- old\n+++ new\n@@ -1,3 +1,3 @@\n one\n-two\n+2\n three\n@@ -7,3 +7,3 @@\n seven\n-eight\n nine\n+ten\n\\ No newline at end of file\n";
    assert_eq!(
        shown(OLD, NEW, json!({"context_lines": 1})),
        json!(expected)
    );
    let whole = shown(
        OLD,
        NEW,
        json!({"old_label": "a.txt", "new_label": "b\ntxt"}),
    );
    let whole = whole.as_str().unwrap();
    assert!(
        whole.starts_with("--- a.txt\n+++ b txt\n@@ -1,9 +1,9 @@\n one\n"),
        "{whole}"
    );
    assert_eq!(
        shown("", "a\n", json!({})),
        json!("--- old\n+++ new\n@@ -0,0 +1 @@\n+a\n")
    );
    assert_eq!(
        shown("a\nb\nc\n", "a\nc\n", json!({"context_lines": 0})),
        json!("--- old\n+++ new\n@@ -2 +1,0 @@\n-b\n")
    );
    assert_eq!(shown("a\n", "a\n", json!({})), json!(""));
}

#[test]
fn the_context_format_is_that_of_diff() {
    // Made with `diff -C1`.
    let expected = "*** old\n--- new\n***************\n*** 1,3 ****\n  one\n! two\n  three\n--- 1,3 ----\n  one\n! 2\n  three\n***************\n*** 7,9 ****\n  seven\n- eight\n  nine\n--- 7,9 ----\n  seven\n  nine\n+ ten\n\\ No newline at end of file\n";
    assert_eq!(
        shown(OLD, NEW, json!({"context_lines": 1, "format": "context"})),
        json!(expected)
    );
}

#[test]
fn other_formats() {
    let (old, new) = ("a\nthe old line\nz\n", "a\nthe new line\nz\nmore\n");
    assert_eq!(
        shown(old, new, json!({"format": "inline"})),
        json!("a\nthe [-old-]{+new+} line\nz\n{+more+}\n")
    );
    assert_eq!(
        shown(old, new, json!({"format": "simple"})),
        json!("-2: the old line\n+2: the new line\n+4: more\n")
    );
    assert_eq!(
        shown(old, new, json!({"format": "side-by-side"})),
        json!(
            "a              a\nthe old line | the new line\nz              z\n             > more\n"
        )
    );
    assert_eq!(
        shown("<a>\nx\n", "<a>\n\"y\"\n", json!({"format": "HTML"})),
        json!("<pre class=\"diff\">&lt;a&gt;\n<del>x\n</del><ins>&quot;y&quot;\n</ins></pre>\n")
    );
    assert_eq!(
        shown(
            "a\nx\n",
            "a\ny\nz\n",
            json!({"format": "json", "type": "text"})
        ),
        json!([
            {"op": "equal", "old_start": 1, "new_start": 1, "old": ["a\n"], "new": ["a\n"]},
            {"op": "replace", "old_start": 2, "new_start": 2, "old": ["x\n"], "new": ["y\n", "z\n"]},
        ])
    );
}

#[test]
fn words_and_characters() {
    assert_eq!(
        shown(
            "the quick fox",
            "the slow fox",
            json!({"granularity": "word"})
        ),
        json!("the [-quick-]{+slow+} fox")
    );
    assert_eq!(
        shown("kitten", "sitting", json!({"granularity": "char"})),
        json!("[-k-]{+s+}itt[-e-]{+i+}n{+g+}")
    );
    assert_eq!(
        shown(
            "né",
            "ne\u{301}",
            json!({"granularity": "chars", "format": "simple"})
        ),
        json!("-2: é\n+2: e\u{301}\n")
    );
    let error = fails(
        op(),
        json!({"old": "a", "new": "b", "granularity": "word", "format": "unified"}),
    );
    assert_eq!(
        error.message(),
        "format 'unified' shows lines and needs granularity 'line'"
    );
}

#[test]
fn the_figures() {
    let outcome = call(
        op(),
        json!({"operation": "text_diff", "left": OLD, "right": NEW, "format": "simple"}),
    )
    .unwrap();
    assert_eq!(
        outcome.data.to_serde_json(),
        json!({
            "type": "text", "format": "simple",
            "diff": "-2: two\n+2: 2\n-8: eight\n+9: ten\n", "output": "-2: two\n+2: 2\n-8: eight\n+9: ten\n",
            "identical": false, "similarity": 14.0 / 18.0,
            "stats": {"old_lines": 9, "new_lines": 9, "added": 2, "removed": 2, "changed": 1},
        })
    );
    assert_eq!(outcome.operation, "diff");
    let equal = call(op(), json!({"old": "", "new": ""})).unwrap();
    assert_eq!(equal.data.get("identical"), Some(&true.into()));
    assert_eq!(equal.data.get("similarity"), Some(&1.0.into()));
}

#[test]
fn what_may_differ() {
    let identical = |old: &str, new: &str, option: &str| {
        let outcome = call(op(), json!({"old": old, "new": new, option: true})).unwrap();
        outcome
            .data
            .get("identical")
            .and_then(Value::as_bool)
            .unwrap()
    };
    assert!(identical("a  b\n", " a b \r\n", "ignore_whitespace"));
    assert!(identical("STRASSE É\n", "strasse é\n", "ignore_case"));
    assert!(identical("a\nb\n", "a\n\n \nb\n", "ignore_blank_lines"));
    assert!(identical("a\n\nb\n", "a\nb\n", "ignore_blank_lines"));
    assert!(!identical("a\n\nb\n", "a\nc\n", "ignore_blank_lines"));
    assert!(!identical("A\n", "b\n", "ignore_case"));
    let patch = shown(
        "a\nB \nc\n",
        "a\n\nb\nd\n",
        json!({"ignore_whitespace": true, "ignore_case": true, "ignore_blank_lines": true}),
    );
    assert_eq!(
        patch,
        json!("--- old\n+++ new\n@@ -1,3 +1,3 @@\n a\n B \n-c\n+d\n")
    );
}

#[test]
fn data_is_compared_by_path() {
    let old = json!({"name": "x", "list": [1, 2, 3], "gone": null, "deep": {"a.b": [{"c": 1}]}, "same": 1});
    let new = json!({"name": "y", "list": [1, 5], "deep": {"a.b": [{"c": true}]}, "same": 1.0, "fresh": {}});
    let outcome = call(op(), json!({"old_json": old, "new_json": new})).unwrap();
    let diff = json!({
        "added": {"fresh": {}},
        "removed": {"list[2]": 3, "gone": null},
        "modified": {
            "name": {"old": "x", "new": "y"},
            "list[1]": {"old": 2, "new": 5},
            "deep[\"a.b\"][0].c": {"old": 1, "new": true},
        },
        "unchanged": ["list[0]", "same"],
    });
    assert_eq!(
        outcome.data.to_serde_json(),
        json!({
            "type": "json",
            "diff": diff,
            "output": "~ name: \"x\" -> \"y\"\n~ list[1]: 2 -> 5\n- list[2]: 3\n- gone: null\n~ deep[\"a.b\"][0].c: 1 -> true\n+ fresh: {}\n",
            "summary": {"added": 1, "removed": 2, "modified": 3, "unchanged": 2},
            "patch": [
                {"op": "replace", "path": "/name", "value": "y"},
                {"op": "replace", "path": "/list/1", "value": 5},
                {"op": "remove", "path": "/list/2"},
                {"op": "remove", "path": "/gone"},
                {"op": "replace", "path": "/deep/a.b/0/c", "value": true},
                {"op": "add", "path": "/fresh", "value": {}},
            ],
            "identical": false,
        })
    );
    assert_eq!(outcome.primary().to_serde_json(), diff);
    let root = call(
        op(),
        json!({"operation": "json_diff", "old": "1", "new": "[2]"}),
    )
    .unwrap();
    assert_eq!(
        root.primary().get("modified").unwrap().to_serde_json(),
        json!({"$": {"old": 1, "new": [2]}})
    );
    let empty = call(op(), json!({"old_json": {}, "new_json": []})).unwrap();
    assert_eq!(empty.data.get("identical"), Some(&true.into()));
    let empty = call(
        op(),
        json!({"old": "{\"a\": {}}", "new": "{\"a\": []}", "type": "json"}),
    )
    .unwrap();
    assert_eq!(
        empty.primary().get("modified").unwrap().to_serde_json(),
        json!({"a": {"old": {}, "new": []}})
    );
}

#[test]
fn which_kind_is_compared() {
    let kind =
        |args: serde_json::Value| call(op(), args).unwrap().data.get("type").cloned().unwrap();
    assert_eq!(kind(json!({"old": "{}", "new": "{}"})), "text".into());
    assert_eq!(
        kind(json!({"old": "{}", "new": "{}", "type": "json"})),
        "json".into()
    );
    assert_eq!(
        kind(json!({"old": {"a": 1}, "new": {"a": 2}})),
        "json".into()
    );
    for operation in ["json", "json_diff", "JSON-diff"] {
        assert_eq!(
            kind(json!({"operation": operation, "left": "1", "right": "2"})),
            "json".into()
        );
    }
    assert_eq!(
        kind(json!({"operation": "compare", "old_json": "{\"a\": 1}", "new_json": {"a": 1}})),
        "json".into()
    );
    assert_eq!(
        kind(json!({"operation": "text", "old_text": "a", "new_text": "b"})),
        "text".into()
    );
}

#[test]
fn lists_are_paired_as_asked() {
    let table = |mode: &str, old: serde_json::Value, new: serde_json::Value| {
        let outcome = call(
            op(),
            json!({"old_json": old, "new_json": new, "array_mode": mode}),
        )
        .unwrap();
        let part = |name| outcome.primary().get(name).unwrap().to_serde_json();
        json!([part("added"), part("removed"), part("modified")])
    };
    let (old, new) = (json!([1, 2, 3]), json!([0, 1, 2, 3]));
    assert_eq!(
        table("lcs", old.clone(), new.clone()),
        json!([{"[0]": 0}, {}, {}])
    );
    assert_eq!(table("Index", old, new)[0], json!({"[3]": 3}));
    let old = json!([{"id": 1, "v": "a"}, {"id": 2, "v": "b"}, {"id": 3}]);
    let new = json!([{"id": 4}, {"id": 2, "v": "c"}, {"id": 1, "v": "a"}]);
    assert_eq!(
        table("key:id", old, new),
        json!([{"[0]": {"id": 4}}, {"[2]": {"id": 3}}, {"[1].v": {"old": "b", "new": "c"}}])
    );
    for bad in ["key:", "sorted"] {
        let error = fails(
            op(),
            json!({"old_json": 1, "new_json": 1, "array_mode": bad}),
        );
        assert_eq!(
            error.message(),
            format!("unknown array_mode '{bad}', expected one of: index, lcs, key:NAME")
        );
    }
}

#[test]
fn paths_and_small_differences_are_ignored() {
    let old = json!({"a": {"b": [{"c": 1, "d": 1.0}, {"c": 2, "d": 2.0}]}, "x y": 1});
    let new = json!({"a": {"b": [{"c": 5, "d": 1.001}, {"c": 6, "d": 2.2}]}, "x y": 2});
    let diff = |extra: serde_json::Value| {
        let args = joined(json!({"old_json": old, "new_json": new}), &extra);
        let outcome = call(op(), args).unwrap();
        outcome
            .primary()
            .get("modified")
            .unwrap()
            .as_map()
            .unwrap()
            .keys()
            .cloned()
            .collect::<Vec<_>>()
    };
    assert_eq!(
        diff(json!({"ignore_paths": ["a.b[*].c", "$[\"x y\"]"], "float_tolerance": 0.01})),
        ["a.b[1].d"]
    );
    assert_eq!(diff(json!({"ignore_paths": "*"})), Vec::<String>::new());
    assert_eq!(
        diff(json!({"ignore_paths": ["a.b[0]", "x y"]})),
        ["a.b[1].c", "a.b[1].d"]
    );
    for bad in ["a[", "a[x]", "a..b", "[\"a\"", "a."] {
        let error = fails(
            op(),
            json!({"old_json": 1, "new_json": 1, "ignore_paths": [bad]}),
        );
        assert_eq!(error.kind(), Kind::InvalidArgs, "{bad}");
    }
    let error = fails(
        op(),
        json!({"old_json": 1, "new_json": 1, "float_tolerance": -1}),
    );
    assert_eq!(
        error.message(),
        "parameter 'float_tolerance' must not be negative, got -1"
    );
}

#[test]
fn texts_are_patched() {
    let apply = |input: &str, patch: &str| {
        call(
            op(),
            json!({"operation": "apply", "input": input, "patch": patch}),
        )
    };
    let patch = shown(OLD, NEW, json!({"context_lines": 1}));
    let patch = patch.as_str().unwrap();
    let outcome = apply(OLD, patch).unwrap();
    assert_eq!(
        outcome.data.to_serde_json(),
        json!({"result": NEW, "applied": 2, "rejected": []})
    );
    // The text has moved by two lines.
    let moved = apply(&format!("x\ny\n{OLD}"), patch).unwrap();
    assert_eq!(moved.output, Some(format!("x\ny\n{NEW}").into()));
    // The second hunk does not fit any more.
    let partly = apply("one\ntwo\nthree\n", patch).unwrap();
    assert_eq!(partly.output, Some("one\n2\nthree\n".into()));
    assert_eq!(
        partly.data.get("rejected").unwrap().to_serde_json(),
        json!([{"hunk": 2, "line": 7, "reason": "the lines to change are not there", "expected": "seven\neight\nnine\n"}])
    );
    assert_eq!(
        partly.metadata["warnings"],
        vec!["1 of 2 hunks could not be applied"].into()
    );
    let git = "diff --git a/f b/f\nindex 1..2 100644\n--- a/f\n+++ b/f\n@@ -1,2 +1 @@ fn x()\n a\n-b\n\\ No newline at end of file\n";
    assert_eq!(apply("a\nb", git).unwrap().output, Some("a\n".into()));
    assert_eq!(apply("a", "").unwrap().output, Some("a".into()));
    for (bad, message) in [
        ("hello", "not a unified diff: no '@@' heading in line 1"),
        (
            "@@ -1 +1 @@\n-a\n",
            "not a unified diff: an incomplete hunk in line 2",
        ),
        (
            "@@ -1 +1 @@\n-a\n-b\n",
            "not a unified diff: an unexpected line in line 3",
        ),
        (
            "@@ -x +1 @@\n",
            "not a unified diff: a bad '@@' heading in line 1",
        ),
        (
            "--- a\n+++ b\n@@ -1 +1 @@\n-a\n+b\n--- c\n+++ d\n",
            "not a unified diff: a second file in line 6",
        ),
    ] {
        let error = apply("a\n", bad).unwrap_err();
        assert_eq!((error.kind(), error.message()), (Kind::Parse, message));
    }
}

#[test]
fn data_is_patched() {
    let apply = |input: serde_json::Value, patch: serde_json::Value| {
        call(
            op(),
            json!({"operation": "patch", "input": input, "patch": patch}),
        )
    };
    // RFC 6902, appendix A.
    for (input, patch, expected) in [
        (
            json!({"foo": "bar"}),
            json!([{"op": "add", "path": "/baz", "value": "qux"}]),
            json!({"baz": "qux", "foo": "bar"}),
        ),
        (
            json!({"foo": ["bar", "baz"]}),
            json!([{"op": "add", "path": "/foo/1", "value": "qux"}]),
            json!({"foo": ["bar", "qux", "baz"]}),
        ),
        (
            json!({"baz": "qux", "foo": "bar"}),
            json!([{"op": "remove", "path": "/baz"}]),
            json!({"foo": "bar"}),
        ),
        (
            json!({"foo": {"a": 1}, "b": {}}),
            json!([{"op": "move", "from": "/foo/a", "path": "/b/c"}]),
            json!({"foo": {}, "b": {"c": 1}}),
        ),
        (
            json!({"/": 9, "~1": 10}),
            json!([{"op": "test", "path": "/~01", "value": 10}]),
            json!({"/": 9, "~1": 10}),
        ),
        (
            json!({"foo": ["bar"]}),
            json!([{"op": "add", "path": "/foo/-", "value": [1]}]),
            json!({"foo": ["bar", [1]]}),
        ),
        // RFC 7396.
        (
            json!({"a": "b", "c": {"d": "e", "f": "g"}}),
            json!({"a": "z", "c": {"f": null}}),
            json!({"a": "z", "c": {"d": "e"}}),
        ),
        (
            json!("{\"a\": 1}"),
            json!("[{\"op\": \"replace\", \"path\": \"/a\", \"value\": 2}]"),
            json!({"a": 2}),
        ),
    ] {
        assert_eq!(
            apply(input, patch).unwrap().primary().to_serde_json(),
            expected
        );
    }
    let failed = apply(
        json!({"a": 1}),
        json!([{"op": "add", "path": "/b", "value": 2}, {"op": "test", "path": "/a", "value": 3}]),
    )
    .unwrap();
    assert_eq!(
        failed.data.to_serde_json(),
        json!({"result": {"a": 1}, "applied": 0, "rejected": [{"operation": 2, "path": "/a", "reason": "value did not match"}]})
    );
    for bad in [
        json!([{"op": "jump", "path": "/a"}]),
        json!([{"op": "add", "path": "a", "value": 1}]),
        json!([1]),
        json!("7"),
    ] {
        let args = json!({"operation": "apply", "input": {}, "patch": bad, "type": "json"});
        assert_eq!(fails(op(), args).kind(), Kind::InvalidArgs, "{bad}");
    }
    let error = fails(
        op(),
        json!({"operation": "apply", "input": "{", "patch": []}),
    );
    assert_eq!(error.kind(), Kind::Parse);
}

#[test]
fn patches_cannot_explode() {
    let apply = |patch: Vec<serde_json::Value>| {
        fails(
            op(),
            json!({"operation": "apply", "input": {"a": [1, 2]}, "patch": patch}),
        )
    };
    let doubling: Vec<_> = (0..40)
        .map(|place| json!({"op": "copy", "from": "/a", "path": format!("/a/{}", place % 2)}))
        .collect();
    assert_eq!(apply(doubling).kind(), Kind::Limit);
    let wide: Vec<_> = (0..40)
        .map(|place| json!({"op": "copy", "from": "", "path": format!("/b{place}")}))
        .collect();
    let error = apply(wide);
    assert_eq!(
        (error.kind(), error.message()),
        (
            Kind::Limit,
            "the patched data would have more than 2000000 values"
        )
    );
    let many = vec![json!({"op": "test", "path": "", "value": 1}); 10_001];
    assert_eq!(
        apply(many).message(),
        "a patch has at most 10000 operations"
    );
}

#[test]
fn merging() {
    let merge = |base: &str, ours: &str, theirs: &str| {
        call(
            op(),
            json!({"operation": "merge3", "base_text": base, "left": ours, "right": theirs}),
        )
        .unwrap()
    };
    let clean = merge("a\nb\nc\nd\n", "A\nb\nc\nd\n", "a\nb\nc\nd\ne\n");
    assert_eq!(
        clean.data.to_serde_json(),
        json!({"result": "A\nb\nc\nd\ne\n", "conflicts": [], "has_conflicts": false})
    );
    assert_eq!(
        merge("a\nb\n", "a\nx\n", "a\nx\n").output,
        Some("a\nx\n".into())
    );
    assert_eq!(
        merge("a\nb\nc\n", "a\nc\n", "a\nb\nc\n").output,
        Some("a\nc\n".into())
    );
    let conflict = call(
        op(),
        json!({
            "operation": "merge3", "base_text": "a\nb\nc", "old_text": "a\nours\nc", "new_text": "a\ntheirs\nc",
            "new_label": "branch",
        }),
    )
    .unwrap();
    assert_eq!(
        conflict.data.to_serde_json(),
        json!({
            "result": "a\n<<<<<<< ours\nours\n=======\ntheirs\n>>>>>>> branch\nc",
            "conflicts": [{"line": 2, "base": "b\n", "ours": "ours\n", "theirs": "theirs\n"}],
            "has_conflicts": true,
        })
    );
    let unterminated = merge("", "x", "y");
    assert_eq!(
        unterminated.output,
        Some("<<<<<<< ours\nx\n=======\ny\n>>>>>>> theirs\n".into())
    );
}

#[test]
fn wrong_parameters_are_named() {
    let check = |args, message: &str| refuses(op(), args, message);
    let needs = |operation: &str, parameter: &str| {
        format!(
            "Missing required parameter '{parameter}' for diff_calculator operation '{operation}'"
        )
    };
    check(json!({}), &needs("diff", "old_text"));
    check(json!({"old": "a"}), &needs("diff", "new_text"));
    check(json!({"old_json": 1}), &needs("diff", "new_json"));
    check(
        json!({"operation": "apply", "input": "a"}),
        &needs("apply", "patch"),
    );
    check(
        json!({"operation": "merge3", "old": "a", "new": "b"}),
        &needs("merge3", "base_text"),
    );
    check(
        json!({"old": "a", "new": 5}),
        "parameter 'new_text' must be string, got integer",
    );
    check(
        json!({"old": "a", "left": "b", "new": "c"}),
        "'old_text' and 'left' mean the same and differ",
    );
    check(
        json!({"old": "a", "new": "b", "context": 2}),
        "unknown parameter 'context' (did you mean 'context_lines'?)",
    );
    check(
        json!({"old": "a", "new": "b", "context_lines": -1}),
        "parameter 'context_lines' must be between 0 and 1000000, got -1",
    );
    check(
        json!({"old": "a", "new": "b", "ignore_case": "maybe"}),
        "parameter 'ignore_case' must be boolean, got string (\"maybe\")",
    );
    check(
        json!({"old": "a", "new": "b", "format": "ed"}),
        "unknown format 'ed', expected one of: unified, context, inline, simple, side_by_side, html, json",
    );
    check(
        json!({"operation": "undo"}),
        "unknown operation 'undo', expected one of: diff, apply, merge3",
    );
    let outcome = call(op(), json!({"old": "a", "new": "b", "array_mode": "lcs"})).unwrap();
    assert_eq!(
        outcome.metadata["warnings"],
        vec!["operation 'diff' does not use parameter 'array_mode'"].into()
    );
}

#[test]
fn sizes_are_limited() {
    let many_lines = "\n".repeat(2_000_001);
    let error = fails(op(), json!({"old": many_lines, "new": ""}));
    assert_eq!(
        (error.kind(), error.message()),
        (Kind::Limit, "a text has more than 2000000 lines")
    );
    let long = "ab".repeat(1_000_001);
    let outcome = call(op(), json!({"old": long, "new": "", "granularity": "char"})).unwrap();
    assert_eq!(
        outcome.metadata["warnings"],
        vec!["there are too many chars, lines were compared"].into()
    );
    let error = fails(op(), json!({"old": "a".repeat(MOST_IN + 1), "new": ""}));
    assert_eq!(error.kind(), Kind::Limit);
}

fn any_json() -> impl Strategy<Value = serde_json::Value> {
    let leaf = prop_oneof![
        Just(serde_json::Value::Null),
        any::<bool>().prop_map(Into::into),
        (0..4_i64).prop_map(Into::into),
        "[ab~/. ]{0,2}".prop_map(Into::into),
    ];
    leaf.prop_recursive(3, 24, 5, |inner| {
        prop_oneof![
            proptest::collection::vec(inner.clone(), 0..5).prop_map(Into::into),
            proptest::collection::btree_map("[ab~/. ]{0,2}", inner, 0..4).prop_map(|members| {
                members
                    .into_iter()
                    .collect::<serde_json::Map<_, _>>()
                    .into()
            }),
        ]
    })
}

/// Forgets whether an empty table is a list, as the comparison does.
fn plain_form(value: &serde_json::Value) -> serde_json::Value {
    match value {
        serde_json::Value::Object(members) if members.is_empty() => json!([]),
        serde_json::Value::Object(members) => members
            .iter()
            .map(|(name, value)| (name.clone(), plain_form(value)))
            .collect::<serde_json::Map<_, _>>()
            .into(),
        serde_json::Value::Array(items) => items.iter().map(plain_form).collect(),
        value => value.clone(),
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(100))]

    #[test]
    fn a_unified_diff_applies(old in "([ab\r]?\n){0,12}[ab]?", new in "([ab\r]?\n){0,12}[ab]?", context in 0_usize..4) {
        let patch = shown(&old, &new, json!({"context_lines": context}));
        let outcome = call(op(), json!({"operation": "apply", "input": old, "patch": patch})).unwrap();
        prop_assert_eq!(outcome.output, Some(new.into()));
    }

    #[test]
    fn a_json_patch_applies(old in any_json(), new in any_json(), mode in 0_usize..2) {
        let mode = ["index", "lcs"][mode];
        let outcome = call(op(), json!({"type": "json", "old_json": [old], "new_json": [new], "array_mode": mode})).unwrap();
        let patch = outcome.data.get("patch").unwrap().to_serde_json();
        let patched = output(json!({"operation": "apply", "input": [old], "patch": patch}));
        prop_assert_eq!(plain_form(&patched), plain_form(&json!([new])));
        let identical = outcome.data.get("identical").and_then(Value::as_bool).unwrap();
        prop_assert_eq!(identical, plain_form(&old) == plain_form(&new));
    }

    #[test]
    fn a_keyed_patch_applies_up_to_order(old in proptest::collection::btree_map(0..6, 0..3, 0..6), new in proptest::collection::btree_map(0..6, 0..3, 0..6)) {
        let list = |items: &std::collections::BTreeMap<i32, i32>| items.iter().map(|(id, v)| json!({"id": id, "v": v})).collect::<Vec<_>>();
        let args = json!({"old_json": list(&old), "new_json": list(&new), "array_mode": "key:id"});
        let patch = call(op(), args).unwrap().data.get("patch").unwrap().to_serde_json();
        let patched = output(json!({"operation": "apply", "input": list(&old), "patch": patch}));
        let mut patched = patched.as_array().unwrap().clone();
        patched.sort_by_key(|item| item["id"].as_i64());
        prop_assert_eq!(patched, list(&new));
    }

    #[test]
    fn merging_with_an_unchanged_side_takes_the_other(base in "([abc]\n){0,8}", other in "([abc]\n){0,8}") {
        for (ours, theirs) in [(&base, &other), (&other, &base), (&other, &other)] {
            let args = json!({"operation": "merge3", "base_text": base, "old_text": ours, "new_text": theirs});
            prop_assert_eq!(output(args), json!(other));
        }
    }

    #[test]
    fn every_format_takes_every_text(old in "\\PC{0,20}\n?\\PC{0,9}", new in "\\PC{0,20}\n?\\PC{0,9}") {
        for format in FORMATS {
            for granularity in GRANULARITIES {
                let args = json!({"old": old, "new": new, "format": format[0], "granularity": granularity[0], "ignore_blank_lines": true});
                if let Err(error) = call(op(), args) {
                    prop_assert_eq!(error.kind(), Kind::InvalidArgs);
                }
            }
        }
    }

    #[test]
    fn applying_never_panics(input in "[ab\n]{0,20}", patch in "(@@ -[0-9]{1,20}(,[0-9])? \\+[0-3](,[0-3])? @@\n)?([ +\\\\-]?[ab]?\n){0,6}") {
        if let Err(error) = call(op(), json!({"operation": "apply", "input": input, "patch": patch})) {
            prop_assert_eq!(error.kind(), Kind::Parse);
        }
    }
}

#[test]
fn files_are_compared() {
    let dir = tempfile::tempdir().unwrap();
    std::fs::write(dir.path().join("a.txt"), "one\n").unwrap();
    std::fs::write(dir.path().join("b.txt"), "two\n").unwrap();
    let call = |input| call_in(dir.path(), op(), input);
    let outcome = call(json!({"old_file": "a.txt", "new_file": "b.txt"})).unwrap();
    let diff = outcome.output.unwrap();
    assert_eq!(
        diff.as_str().unwrap(),
        "--- a.txt\n+++ b.txt\n@@ -1 +1 @@\n-one\n+two\n"
    );
    let mixed = call(json!({"old_text": "two\n", "new_file": "b.txt"})).unwrap();
    assert_eq!(mixed.data.get("identical"), Some(&true.into()));
    let both = call(json!({"old_text": "", "old_file": "a.txt", "new_text": ""})).unwrap_err();
    assert_eq!(both.kind(), Kind::InvalidArgs);
    let outside = call(json!({"old_file": "/etc/passwd", "new_file": "b.txt"})).unwrap_err();
    assert_eq!(outside.kind(), Kind::Denied);
}
