use serde_json::json;

use super::*;
use crate::test_world::{call, call_in, fails};

#[track_caller]
fn rendered(args: serde_json::Value) -> String {
    match call(op(), args.clone()) {
        Ok(outcome) => outcome.primary().as_str().unwrap().to_owned(),
        Err(error) => panic!("{args}: {error:?}"),
    }
}

#[track_caller]
fn jinja(template: &str, context: serde_json::Value) -> String {
    rendered(json!({"input": template, "context": context, "engine": "jinja"}))
}

#[track_caller]
fn bars(template: &str, context: serde_json::Value) -> String {
    rendered(json!({"input": template, "context": context, "engine": "handlebars"}))
}

#[test]
fn data_says_what_was_rendered() {
    let outcome = call(
        op(),
        json!({"input": "Hi {{ name }}{{ x.y }}", "context": {"name": "Ann"}}),
    )
    .unwrap();
    let expected = json!({
        "rendered": "Hi Ann", "result": "Hi Ann", "engine": "jinja", "template_length": 22, "context_size": 1,
        "missing": ["x.y"],
    });
    assert_eq!(outcome.data, expected.into());
    assert_eq!(outcome.primary(), &Value::from("Hi Ann"));
    assert_eq!(outcome.operation, "render");
    assert_eq!(outcome.metadata["message"], "Rendered 6 characters".into());
}

#[test]
fn the_engine_is_told_from_the_text() {
    let engine = |args: serde_json::Value| {
        call(op(), args)
            .unwrap()
            .data
            .get("engine")
            .unwrap()
            .as_str()
            .unwrap()
            .to_owned()
    };
    assert_eq!(engine(json!({"input": "{{#if a}}x{{/if}}"})), "handlebars");
    assert_eq!(engine(json!({"input": "{% if a %}x{% endif %}"})), "jinja");
    assert_eq!(engine(json!({"input": "plain"})), "jinja");
    assert_eq!(
        engine(json!({"input": "{{ '{{#' }}", "auto_detect": false})),
        "jinja"
    );
    assert_eq!(engine(json!({"input": "x", "engine": "HBS"})), "handlebars");
    assert_eq!(engine(json!({"input": "x", "engine": "tera"})), "tera");
    assert_eq!(engine(json!({"input": "x", "engine": "simple"})), "simple");
}

#[test]
fn every_synonym_is_accepted() {
    for template in ["input", "template"] {
        for context in ["context", "variables", "data", "params"] {
            assert_eq!(
                rendered(json!({template: "{{ a }}", context: {"a": 1}})),
                "1"
            );
        }
    }
}

#[test]
fn jinja_has_its_filters() {
    for (template, expected) in [
        ("{{ s|upper }}{{ s|uppercase }}", "HELLO WORLDHELLO WORLD"),
        ("{{ 'AbC'|lower }}{{ 'AbC'|lowercase }}", "abcabc"),
        ("{{ s|title }}", "Hello World"),
        ("[{{ '  x '|trim }}]", "[x]"),
        (
            "{{ nothing|default('d') }}{{ nothing|default(value='e') }}",
            "de",
        ),
        ("{{ l|join(', ') }}{{ l|join(sep='-') }}", "1, 2, 31-2-3"),
        ("{{ l|length }}{{ s|length }}", "311"),
        (
            "{{ s|replace('o', '0') }} {{ s|replace(from='l', to='L') }}",
            "hell0 w0rld heLLo worLd",
        ),
        (
            "{{ 2.567|round(1) }} {{ 2.5|round }} {{ 2.1|round(method='ceil', precision=0) }}",
            "2.6 3 3",
        ),
        (
            "{{ d|date }} {{ d|date(format='%d.%m.%Y %H:%M') }} {{ 0|date('%Y') }}",
            "2026-01-02 02.01.2026 03:04 1970",
        ),
        ("{{ d|date('%H', timezone='Asia/Tokyo') }}", "12"),
        ("{{ m|json }}", "{\"b\":1,\"a\":[true]}"),
        ("{{ 'a b&c/d'|urlencode }}", "a%20b%26c/d"),
        (
            "{{ s|truncate(5) }} {{ s|truncate(length=5, end='..') }}",
            "hello… hello..",
        ),
        ("{{ s|wordwrap(6) }}", "hello\nworld"),
        ("{{ 'Hello, World! 1'|slugify }}", "hello-world-1"),
        (
            "{{ s|wordcount }}{{ '<b>x</b>'|striptags }}{{ l|nth(n=1) }}{{ s|capitalize }}",
            "2x2Hello world",
        ),
        ("{% for k, v in m|items %}{{ k }}{% endfor %}", "ba"),
        (
            "{% if 'x' is starting_with('x') and s is containing('lo w') and m is object %}yes{% endif %}",
            "yes",
        ),
        (
            "{% if s is ending_with('ld') and s is matching('^h.*d$') and 3 is odd %}yes{% endif %}",
            "yes",
        ),
    ] {
        let context = json!({"s": "hello world", "l": [1, 2, 3], "d": "2026-01-02T03:04:05Z", "m": {"b": 1, "a": [true]}});
        for engine in ["jinja", "tera"] {
            assert_eq!(
                rendered(json!({"input": template, "context": context, "engine": engine})),
                expected,
                "{template}"
            );
        }
    }
}

#[test]
fn handlebars_has_them_as_helpers() {
    for (template, expected) in [
        ("{{upper s}}{{uppercase s}}", "HELLO WORLDHELLO WORLD"),
        ("{{lower 'ABC'}}{{lowercase 'ABC'}}", "abcabc"),
        ("{{title s}}|{{trim '  x '}}", "Hello World|x"),
        (
            "{{default nothing 'd'}}{{join l ', '}}{{length l}}",
            "d1, 2, 33",
        ),
        ("{{replace s 'o' '0'}}", "hell0 w0rld"),
        ("{{round 2.567 1}}{{round 2.5}}", "2.63"),
        (
            "{{date d}} {{date d format='%d.%m.%Y'}}",
            "2026-01-02 02.01.2026",
        ),
        (
            "{{json m}}{{urlencode 'a b'}}",
            "{\"b\":1,\"a\":[true]}a%20b",
        ),
        (
            "{{truncate s 5}}|{{wordwrap s 6}}|{{slugify 'A b'}}",
            "hello…|hello\nworld|a-b",
        ),
        (
            "{{#if (eq 1 1)}}a{{/if}}{{#if (ne 1 2)}}b{{/if}}{{#if (lt 1 2)}}c{{/if}}{{#if (gt 2 1)}}d{{/if}}",
            "abcd",
        ),
        ("{{#if (and true (or false (not false)))}}e{{/if}}", "e"),
        ("{{#each l}}{{@index}}{{this}}{{/each}}", "011223"),
        ("{{join (lookup m 'a') ''}}", "true"),
    ] {
        let context = json!({"s": "hello world", "l": [1, 2, 3], "d": "2026-01-02T03:04:05Z", "m": {"b": 1, "a": [true]}});
        assert_eq!(bars(template, context), expected, "{template}");
    }
}

#[test]
fn variables_named_like_helpers_are_variables() {
    assert_eq!(
        bars(
            "{{title}} {{date}} {{json}}",
            json!({"title": "T", "date": "today", "json": 1})
        ),
        "T today 1"
    );
    assert_eq!(
        bars(
            "{{#each xs}}{{title}}{{/each}}",
            json!({"xs": [{"title": "a"}, {"title": "b"}]})
        ),
        "ab"
    );
    assert_eq!(bars("{{now}}", json!({"now": "mine"})), "mine");
}

#[test]
fn missing_values_give_nothing_an_error_or_the_token() {
    let with = |engine: &str, missing: &str, template: &str| {
        call(
            op(),
            json!({"input": template, "engine": engine, "missing": missing, "context": {"a": {"b": 1}, "xs": [{"n": 1}, {}]}}),
        )
    };
    for (engine, template) in [
        ("jinja", "{{ a.b }}[{{ a.c }}{{x.y.z}}]"),
        ("handlebars", "{{ a.b }}[{{ a.c }}{{x.y.z}}]"),
        ("simple", "{{ a.b }}[{{ a.c }}{{x.y.z}}]"),
    ] {
        let empty = with(engine, "empty", template).unwrap();
        assert_eq!(empty.primary().as_str(), Some("1[]"), "{engine}");
        assert_eq!(
            empty.data.get("missing"),
            Some(&json!(["a.c", "x.y.z"]).into()),
            "{engine}"
        );
        let kept = with(engine, "keep", template).unwrap();
        assert_eq!(
            kept.primary().as_str(),
            Some("1[{{ a.c }}{{x.y.z}}]"),
            "{engine}"
        );
        let error = with(engine, "error", template).unwrap_err();
        assert_eq!(error.kind(), Kind::Execution, "{engine}: {error:?}");
        assert_eq!(
            error.details().get("line"),
            Some(&Value::Int(1)),
            "{engine}: {error:?}"
        );
    }
    let keep = |template: &str| {
        with("jinja", "keep", template)
            .unwrap()
            .primary()
            .as_str()
            .unwrap()
            .to_owned()
    };
    assert_eq!(
        keep("{% for x in xs %}{{ x.n }}{{ loop.index }};{% endfor %}"),
        "11;{{ x.n }}2;"
    );
    assert_eq!(
        keep(
            "{{ who|upper }} {{ who|default('d') }} {# {{ who }} #}{% raw %}{{ who }}{% endraw %}"
        ),
        "{{ who|upper }} d {{ who }}"
    );
    assert_eq!(
        keep("a {{- who -}} b {{ '}}' }} {{ {'k': 1}.k }}"),
        "a{{- who -}}b }} 1"
    );
}

#[test]
fn values_are_escaped_on_request() {
    let escape = |engine: &str, how: &str| {
        rendered(
            json!({"input": "{{ v }}", "engine": engine, "autoescape": how, "context": {"v": "<a&\"b\">"}}),
        )
    };
    for engine in ["jinja", "handlebars", "simple"] {
        assert_eq!(escape(engine, "none"), "<a&\"b\">", "{engine}");
        assert!(escape(engine, "html").starts_with("&lt;a&amp;"), "{engine}");
    }
    assert_eq!(escape("simple", "json"), "\"<a&\\\"b\\\">\"");
    assert!(escape("jinja", "json").contains("\\u003c") || escape("jinja", "json").contains('<'));
    let error = fails(
        op(),
        json!({"input": "{{v}}", "engine": "hbs", "autoescape": "json"}),
    );
    assert_eq!(error.kind(), Kind::InvalidArgs);
}

#[test]
fn partials_are_included() {
    assert_eq!(
        rendered(
            json!({"input": "{% include 'p' %}!", "partials": {"p": "<{{ a }}>"}, "context": {"a": 1}})
        ),
        "<1>!"
    );
    assert_eq!(
        rendered(json!({"input": "{{> p}}!", "partials": {"p": "<{{a}}>"}, "context": {"a": 1}})),
        "<1>!"
    );
    let tree = json!({"input": "{{> node}}", "partials": {"node": "{{n}}{{#each kids}}({{> node}}){{/each}}"}, "context": {"n": 1, "kids": [{"n": 2}, {"n": 3}]}});
    assert_eq!(rendered(tree), "1(2)(3)");
    for template in ["{% include 'q' %}", "{{> q}}"] {
        let error = fails(op(), json!({"input": template}));
        assert_eq!(error.kind(), Kind::NotFound, "{error:?}");
        assert_eq!(error.hints(), ["give it in the parameter 'partials'"]);
    }
    let error = fails(op(), json!({"input": "x", "partials": {"p": "{% if %}"}}));
    assert_eq!(error.kind(), Kind::Parse);
    assert!(
        error.message().starts_with("in partial 'p': syntax error"),
        "{error:?}"
    );
    assert_eq!(
        fails(op(), json!({"input": "x", "partials": {"p": 5}})).kind(),
        Kind::InvalidArgs
    );
}

#[test]
fn syntax_errors_have_a_place() {
    let error = fails(op(), json!({"input": "a\n{% if x %}b"}));
    assert_eq!(error.kind(), Kind::Parse);
    assert!(
        error
            .message()
            .starts_with("syntax error: unexpected end of input"),
        "{error:?}"
    );
    assert_eq!(error.details().get("line"), Some(&Value::Int(2)));
    let error = fails(op(), json!({"input": "a\n  {{#if x}}b{{/each}}"}));
    assert_eq!(error.kind(), Kind::Parse);
    assert_eq!(
        error.details().get("line"),
        Some(&Value::Int(2)),
        "{error:?}"
    );
    let error = fails(op(), json!({"input": "a {{ b", "engine": "simple"}));
    assert_eq!(
        error.message(),
        "syntax error: '{{' is never closed at line 1, column 3\n  a {{ b\n    ^"
    );
    assert_eq!(
        fails(op(), json!({"input": "{{ a|upper }}", "engine": "simple"})).kind(),
        Kind::Parse
    );
}

#[test]
fn failures_while_rendering_are_execution_errors() {
    let error = fails(op(), json!({"input": "x {{ 5|join(',') }}"}));
    assert_eq!(error.kind(), Kind::Execution);
    assert!(
        error
            .message()
            .starts_with("join needs a list, got integer at line 1"),
        "{error:?}"
    );
    let error = fails(op(), json!({"input": "{{ 'a'|uper }}"}));
    assert_eq!(error.kind(), Kind::Execution);
    assert_eq!(error.hints(), ["did you mean 'upper'?"], "{error:?}");
    let error = fails(op(), json!({"input": "{{uper 'a'}}", "engine": "hbs"}));
    assert_eq!(error.kind(), Kind::Execution);
    assert_eq!(error.hints(), ["did you mean 'upper'?"], "{error:?}");
    assert_eq!(
        fails(op(), json!({"input": "{{join 5}}", "engine": "hbs"})).kind(),
        Kind::Execution
    );
}

#[test]
fn validate_and_variables() {
    let valid = call(op(), json!({"operation": "validate", "input": "{{ a }}"})).unwrap();
    assert_eq!(
        valid.data.to_serde_json(),
        json!({"valid": true, "error": null, "line": null, "column": null})
    );
    let wrong = call(op(), json!({"operation": "validate", "input": "x\n{{ a"})).unwrap();
    assert_eq!(wrong.primary(), &Value::Bool(false));
    assert_eq!(wrong.data.get("line"), Some(&Value::Int(2)));
    assert!(wrong.data.get("column").unwrap().as_int().is_some());
    let variables = |args: serde_json::Value| call(op(), args).unwrap().primary().to_serde_json();
    assert_eq!(
        variables(
            json!({"operation": "variables", "input": "{{ b }}{{ a.c|upper }}{% for x in xs %}{{ x.y }}{{ range(3) }}{% endfor %}"})
        ),
        json!(["a.c", "b", "xs"])
    );
    assert_eq!(
        variables(
            json!({"operation": "variables", "input": "{{b}}{{upper a.c}}{{#each xs}}{{y}}{{../z}}{{@index}}{{/each}}{{#if (eq q 1)}}{{w}}{{/if}}"})
        ),
        json!(["a.c", "b", "q", "w", "xs", "z"])
    );
    assert_eq!(
        variables(json!({"operation": "variables", "input": "{{b}}{{a.c}}", "engine": "simple"})),
        json!(["a.c", "b"])
    );
}

#[test]
fn the_moment_comes_from_the_context_of_the_call() {
    for (input, engine) in [("{{ now() }}", "jinja"), ("{{now}}", "handlebars")] {
        assert_eq!(
            rendered(json!({"input": input, "engine": engine})),
            "2026-01-02T03:04:05Z"
        );
    }
    assert_eq!(
        rendered(json!({"input": "{{ now(timestamp=true) }}"})),
        "1767323045"
    );
    assert_eq!(rendered(json!({"input": "{{ now()|date('%Y') }}"})), "2026");
    let effect = |input: &str| op().effect_with(&json!({"input": input}).into());
    assert_eq!(effect("{{ now() }}"), Effect::Read);
    assert_eq!(effect("{{ a }}"), Effect::Pure);
}

#[test]
fn template_environment_leak_is_not_possible() {
    assert_eq!(
        jinja("system('rm -rf /') {{ 1 }}", json!({})),
        "system('rm -rf /') 1"
    );
    for template in [
        "{{ env('PATH') }}",
        "{{ get_env(name='PATH') }}",
        "{{ debug() }}",
        "{% include '/etc/passwd' %}",
        "{% extends '../x' %}",
        "{{ ''.__class__.mro() }}",
    ] {
        let error = fails(op(), json!({"input": template}));
        assert!(
            matches!(error.kind(), Kind::Execution | Kind::NotFound),
            "{template}: {error:?}"
        );
    }
    for template in ["{{> /etc/passwd}}", "{{log 'x'}}"] {
        assert!(
            call(op(), json!({"input": template, "engine": "hbs"})).is_err(),
            "{template}"
        );
    }
}

#[test]
fn templates_come_from_files_and_texts_go_to_files() {
    let dir = tempfile::tempdir().unwrap();
    std::fs::write(dir.path().join("page.html"), "<b>{{ name }}</b>").unwrap();
    let render = |args| call_in(dir.path(), op(), args);
    let outcome = render(json!({
        "path": "page.html", "context": {"name": "a&b"}, "target_path": "out/page.html",
    }));
    let outcome = outcome.unwrap();
    assert_eq!(outcome.primary().as_str(), Some("<b>a&amp;b</b>"));
    let written = std::fs::read_to_string(dir.path().join("out/page.html")).unwrap();
    assert_eq!(written, "<b>a&amp;b</b>");
    let outside = render(json!({"path": "../x"})).unwrap_err();
    assert_eq!(outside.kind(), Kind::Denied);
    let outside = render(json!({"input": "x", "target_path": "/etc/x"})).unwrap_err();
    assert_eq!(outside.kind(), Kind::Denied);
    let missing = render(json!({"path": "none.txt"})).unwrap_err();
    assert_eq!(missing.kind(), Kind::NotFound);
}

#[test]
fn template_denial_of_service_ends_with_a_limit() {
    let limit = |args: serde_json::Value| {
        let error = fails(op(), args.clone());
        assert_eq!(error.kind(), Kind::Limit, "{args}: {error:?}");
        error.message().to_owned()
    };
    let endless = "{% for a in range(10000) %}{% for b in range(10000) %}{% for c in range(10000) %}{% endfor %}{% endfor %}{% endfor %}";
    assert_eq!(
        limit(json!({"input": endless})),
        "the template takes more than 10000000 steps"
    );
    limit(json!({"input": "{% macro f() %}{{ f() }}{% endmacro %}{{ f() }}"}));
    limit(
        json!({"input": "{% include 'a' %}", "partials": {"a": "{% include 'b' %}", "b": "{% include 'a' %}"}}),
    );
    assert_eq!(
        limit(json!({"input": "{{> a}}", "partials": {"a": "{{> b}}", "b": "{{> a}}"}})),
        "partials are nested deeper than 64 levels"
    );
    let wide = "x".repeat(100_000);
    let filling = limit(
        json!({"input": "{% for a in range(1000) %}{{ w }}{% endfor %}", "context": {"w": wide}}),
    );
    assert_eq!(filling, "the rendered text is longer than 16777216 bytes");
    let items: Vec<i32> = (0..1000).collect();
    limit(json!({"input": "{{#each i}}{{../w}}{{/each}}", "context": {"w": wide, "i": items}}));
    let nested = |open: &str, close: &str| open.repeat(5_000) + &close.repeat(5_000);
    limit(json!({"input": nested("{% if a %}", "{% endif %}")}));
    limit(json!({"input": nested("{{#if a}}", "{{/if}}")}));
    limit(json!({"input": "x".repeat((1 << 20) + 1)}));
    limit(json!({"input": "x", "context": {"a": "x".repeat(10 << 20)}}));
    let deep = "(".repeat(5_000) + &")".repeat(5_000);
    assert!(call(op(), json!({"input": format!("{{{{ {deep} }}}}")})).is_err());
}

#[test]
fn arguments_are_checked() {
    assert_eq!(
        fails(op(), json!({})).message(),
        "Missing required parameter 'input' for template_engine operation 'render'"
    );
    assert_eq!(
        fails(op(), json!({"input": "x", "contxt": {}})).message(),
        "unknown parameter 'contxt' (did you mean 'context'?)"
    );
    assert_eq!(
        fails(op(), json!({"input": "x", "context": "y"})).message(),
        "parameter 'context' must be object, got string (\"y\")"
    );
    assert_eq!(
        fails(op(), json!({"input": "x", "engine": "mustache"})).kind(),
        Kind::InvalidArgs
    );
    assert_eq!(
        fails(op(), json!({"input": "x", "missing": "zero"})).kind(),
        Kind::InvalidArgs
    );
    assert_eq!(
        fails(op(), json!({"input": "x", "now": 5})).message(),
        "unknown parameter 'now'"
    );
    let warned = call(
        op(),
        json!({"operation": "validate", "input": "x", "missing": "keep"}),
    )
    .unwrap();
    assert_eq!(warned.metadata["warnings"].as_list().unwrap().len(), 1);
}

#[test]
fn files_include_what_is_below_their_directory() {
    let dir = tempfile::tempdir().unwrap();
    let put = |name: &str, text: &str| {
        let path = dir.path().join(name);
        std::fs::create_dir_all(path.parent().unwrap()).unwrap();
        std::fs::write(path, text).unwrap();
    };
    put("out.txt", "secret");
    put("tpl/part.txt", "part {{ x }}{% include 'sub/deep.txt' %}");
    put("tpl/sub/deep.txt", " deep {{ now() | date('%Y') }}");
    put("tpl/base.html", "<{% block b %}{% endblock %}>");
    put("tpl/bar.hbs", "[{{x}}{{> sub/inner}}]");
    put("tpl/sub/inner.hbs", "inner");
    std::os::unix::fs::symlink("../out.txt", dir.path().join("tpl/link.txt")).unwrap();
    std::os::unix::fs::symlink("sub/deep.txt", dir.path().join("tpl/near.txt")).unwrap();
    let render = |text: &str, more: serde_json::Value| {
        let name = if text.contains("{{>") {
            "tpl/main.hbs"
        } else {
            "tpl/main.html"
        };
        put(name, text);
        let mut args = json!({"path": name, "context": {"x": 1, "name": "bar"}});
        args.as_object_mut()
            .unwrap()
            .extend(more.as_object().unwrap().clone());
        let outcome = call_in(dir.path(), op(), args)?;
        Ok::<_, Error>(outcome.primary().as_str().unwrap().to_owned())
    };
    for (text, expected) in [
        ("{% include 'part.txt' %}", "part 1 deep 2026"),
        ("{% include './near.txt' %}", " deep 2026"),
        (
            "{% extends 'base.html' %}{% block b %}{{ x }}{% endblock %}",
            "<1>",
        ),
        (
            "{% set n = 'sub/deep' %}{% include n ~ '.txt' %}",
            " deep 2026",
        ),
        (
            "{% include 'none.txt' ignore missing %}-{% include ['none.txt', 'part.txt'] %}",
            "-part 1 deep 2026",
        ),
        ("{{> bar}}", "[1inner]"),
        ("{{> bar.hbs}}", "[1inner]"),
        ("{{> (lookup this \"name\")}}", "[1inner]"),
        ("{{#> none}}else{{/none}}{{> sub/inner}}", "elseinner"),
    ] {
        assert_eq!(render(text, json!({})).unwrap(), expected, "{text}");
    }
    let own = json!({"partials": {"part.txt": "own"}});
    assert_eq!(render("{% include 'part.txt' %}", own).unwrap(), "own");
    let absolute = format!(
        "{{% include '{}' %}}",
        dir.path().join("tpl/part.txt").display()
    );
    for text in [
        "{% include '../out.txt' %}",
        "{% include 'sub/../../out.txt' %}",
        "{% include 'link.txt' %}",
        "{{> ../out.txt}}",
        absolute.as_str(),
    ] {
        let error = render(text, json!({})).unwrap_err();
        assert_eq!(error.kind(), Kind::Denied, "{text}: {error:?}");
    }
    for text in ["{% include 'none.txt' %}", "{{> none}}"] {
        let error = render(text, json!({})).unwrap_err();
        assert_eq!(error.kind(), Kind::NotFound, "{text}: {error:?}");
        assert!(
            error
                .hints()
                .contains(&"or put it below the directory of the template".into())
        );
    }
}

#[test]
fn files_that_are_included_are_bounded() {
    let dir = tempfile::tempdir().unwrap();
    let render = |text: &str| {
        std::fs::write(dir.path().join("main.txt"), text).unwrap();
        call_in(dir.path(), op(), json!({"path": "main.txt"})).unwrap_err()
    };
    std::fs::write(dir.path().join("large.txt"), "x".repeat(MAX_TEMPLATE)).unwrap();
    let error = render("{% include 'large.txt' %}");
    assert_eq!(error.kind(), Kind::Limit, "{error:?}");
    std::fs::write(dir.path().join("binary.txt"), [0xff]).unwrap();
    assert_eq!(render("{% include 'binary.txt' %}").kind(), Kind::Parse);
    let many = "{% for n in range(100) %}{% include 'none' ~ n ignore missing %}{% endfor %}";
    assert_eq!(
        render(many).message(),
        "the template includes more than 64 files"
    );
    // One that includes itself.
    assert_eq!(render("{% include 'main.txt' %}").kind(), Kind::Limit);
}

#[test]
fn a_text_and_a_file_are_not_both_given() {
    let error = fails(op(), json!({"input": "x", "path": "y"}));
    assert_eq!(error.kind(), Kind::InvalidArgs);
    assert_eq!(error.message(), "'path' and 'input' are both given");
}

#[test]
fn functions_are_not_written_out() {
    let outcome = call(
        op(),
        json!({"input": "{{ range }}{{ dict }}{{ namespace }}|{{ now }}"}),
    )
    .unwrap();
    assert_eq!(outcome.primary().as_str(), Some("|2026-01-02T03:04:05Z"));
    assert_eq!(
        outcome.data.get("missing").unwrap().to_serde_json(),
        json!(["range", "dict", "namespace"])
    );
    let kept = rendered(json!({"input": "{{ range }} {{ range(3) | length }}", "missing": "keep"}));
    assert_eq!(kept, "{{ range }} 3");
    let error = fails(op(), json!({"input": "{{ range }}", "missing": "error"}));
    assert_eq!(error.kind(), Kind::Execution);
    let now = |template: &str| rendered(json!({"input": template, "engine": "tera"}));
    assert_eq!(
        now("{{ now | date(format='%Y') }} {{ now() }}"),
        "2026 2026-01-02T03:04:05Z"
    );
    assert_eq!(
        rendered(json!({"input": "{{ now }}{{ range }}", "context": {"now": "n", "range": "r"}})),
        "nr"
    );
    assert_eq!(
        rendered(json!({"input": "{{ range | default('x') }}"})),
        "x"
    );
}

#[test]
fn tera_has_its_filters() {
    let context = json!({
        "s": "it's \"a\" \\", "l": [3, 1, 2], "m": [{"k": 1, "n": {"v": "a"}}, {"k": 2}, {"k": 1}],
        "h": "<p> <b>x</b>\n </p>", "o": {"a": 5},
    });
    for (template, expected) in [
        ("{{ s | addslashes }}", "it\\'s \\\"a\\\" \\\\"),
        (
            "[{{ ' x ' | trim_start }}][{{ ' x ' | trim_end }}]",
            "[x ][ x]",
        ),
        ("{{ '//a/b//' | trim_start_matches(pat='//') }}", "a/b//"),
        ("{{ '//a/b//' | trim_end_matches(pat='//') }}", "//a/b"),
        ("{{ 'a\r\nb\nc' | linebreaksbr }}", "a<br>b<br>c"),
        ("{{ h | spaceless }}", "<p><b>x</b></p>"),
        (
            "{% for k, g in m | group_by(attribute='k') | items %}{{ k }}:{{ g | length }} {% endfor %}",
            "1:2 2:1 ",
        ),
        (
            "{{ m | filter(attribute='k', value=1) | length }}{{ m | filter(attribute='n.v') | length }}",
            "21",
        ),
        (
            "{{ l | concat(with=[4, 5]) | json }}{{ l | concat(with=6) | json }}",
            "[3,1,2,4,5][3,1,2,6]",
        ),
        (
            "{{ '/a b' | urlencode_strict }} {{ '/a b' | urlencode }}",
            "%2Fa%20b /a%20b",
        ),
        (
            "{{ 1 | pluralize }}{{ 2 | pluralize }} {{ 1 | pluralize(singular='y', plural='ies') }}",
            "s y",
        ),
        (
            "{{ 123456789 | filesizeformat }} {{ 1024 | filesizeformat(binary=true) }} {{ 5 | filesizeformat }}",
            "117.74 MB 1 KiB 5 B",
        ),
        ("{{ '<a \"b\">' | escape_xml }}", "&lt;a &quot;b&quot;&gt;"),
        (
            "{{ o | get(key='a') }}{{ o | get(key='b', default='d') }}",
            "5d",
        ),
        ("{{ 5 | as_str ~ 'x' }}", "5x"),
        ("{{ 'a-b-c' | split(pat='-') | join(sep='+') }}", "a+b+c"),
        (
            "{{ l | slice(start=1, end=3) | json }}{{ l | slice(start=-1) | json }}{{ l | slice(end=1) | json }}",
            "[1,2][2][3]",
        ),
        ("{{ 'a\nb\n\nc' | indent(prefix='> ') }}", "a\n> b\n\n> c"),
        (
            "{{ 'a\n\nc' | indent(prefix='> ', first=true, blank=true) }}",
            "> a\n> \n> c",
        ),
        (
            "{% for i in range(end=5, start=1, step_by=2) %}{{ i }}{% endfor %}{% for i in range(end=2) %}{{ i }}{% endfor %}",
            "1301",
        ),
        ("{% for i in range(2, 4) %}{{ i }}{% endfor %}", "23"),
        ("{{ 'Éa, b!' | slugify }}", "ea-b"),
    ] {
        let args = json!({"input": template, "context": context, "engine": "tera"});
        assert_eq!(rendered(args), expected, "{template}");
    }
    for template in [
        "{{ l | split }}",
        "{{ o | get(key='b') }}",
        "{{ -1 | filesizeformat }}",
        "{{ 'x' | filter(attribute='k') }}",
        "{% for i in range(start=1) %}{% endfor %}",
        "{% for i in range(end=1000000) %}{% endfor %}",
        "{% for i in range(end=5, step_by=0) %}{% endfor %}",
    ] {
        let error = fails(
            op(),
            json!({"input": template, "context": context, "engine": "tera"}),
        );
        assert_eq!(error.kind(), Kind::Execution, "{template}: {error:?}");
    }
    let jinja = fails(
        op(),
        json!({"input": "{{ 'x' | addslashes }}", "engine": "jinja"}),
    );
    assert_eq!(jinja.kind(), Kind::Execution);
}
