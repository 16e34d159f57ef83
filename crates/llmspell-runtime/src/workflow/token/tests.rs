use proptest::prelude::*;

use super::*;

#[track_caller]
fn one(text: &str) -> Token {
    match split(text).as_slice() {
        [Part::Token(token)] => token.clone(),
        other => panic!("{text}: {other:?}"),
    }
}

#[track_caller]
fn canonical(text: &str, expected: &str) {
    assert_eq!(one(text).to_string(), expected);
}

#[test]
fn every_form_of_the_contract() {
    canonical("{{step:fetch:output}}", "{{step:fetch:output}}");
    canonical(
        "{{ step:fetch:output.items[0].id }}",
        "{{step:fetch:output.items[0].id}}",
    );
    canonical(
        "{{step:fanout:eu:price:output}}",
        "{{step:fanout:eu:price:output}}",
    );
    canonical("{{branch:left:count:data}}", "{{branch:left:count:data}}");
    canonical(
        "{{loop:current_item.email | lower}}",
        "{{loop:current_item.email|lower}}",
    );
    canonical(
        "{{loop:parent.current_value}}",
        "{{loop:parent.current_item}}",
    );
    canonical("{{loop.iteration}}", "{{loop:current_index}}");
    canonical("{{steps.a.output.x}}", "{{step:a:output.x}}");
    canonical(
        "{{state:session:42::limit | default:10}}",
        "{{state:session:42::limit|default:10}}",
    );
    canonical("{{state:rows[1]}}", "{{state:rows[1]}}");
    canonical("{{input:}}", "{{input:}}");
    canonical("{{input:a.b[2]}}", "{{input:a.b[2]}}");
    canonical("{{file: data/x.txt }}", "{{file:data/x.txt}}");
    canonical("{{random:-1:6}}", "{{random:-1:6}}");
    canonical(
        "{{step:check:success ? 'ok' : 'failed: {{step:check:error}}'}}",
        "{{step:check:success?'ok':'failed: {{step:check:error}}'}}",
    );
    canonical("{{input:n ? 1 : {{input:m}}}}", "{{input:n?1:{{input:m}}}}");
    canonical(
        "{{step:load:output | json_query:$.rows | length}}",
        "{{step:load:output|json_query:$.rows|length}}",
    );
    canonical("{{input:x | join:, }}", "{{input:x|join:, }}");
}

#[test]
fn tokens_are_quoted_as_they_are_written() {
    let inner = "{{ step: a :output }}";
    let outer = format!("{{{{ input:x ? '{inner}' : 1 }}}}");
    let token = one(&outer);
    assert_eq!(token.written.to_string(), outer);
    let Some(Operand::Text(parts)) = token.choice.map(|choice| choice.0) else {
        panic!("{outer}");
    };
    assert!(matches!(&parts[..], [Part::Token(token)] if token.written.to_string() == inner));
    for malformed in [
        "{{step:a:nothing}}",
        "{{input:x ? 'a' : {{step:a:nothing}}}}",
        "{{step:a:nothing",
    ] {
        let text = format!("{malformed} and");
        let parts = split(&text);
        let whole = if malformed.ends_with('}') {
            malformed
        } else {
            &text
        };
        assert!(
            matches!(&parts[0], Part::Malformed(text, _) if text == whole),
            "{parts:?}"
        );
    }
    let parts = split("{{step:a:nothing }} and {{ {{step:b:output}}");
    assert!(matches!(&parts[0], Part::Malformed(text, _) if text == "{{step:a:nothing }}"));
}

#[test]
fn what_is_no_token_stays() {
    let text = |text: &str| Part::Text(text.to_owned());
    for plain in [
        "Dear {{first_name}}",
        "{{",
        "}}",
        "{{stepping}}",
        "{{ }}",
        "{",
    ] {
        assert_eq!(split(plain), [text(plain)]);
    }
    assert_eq!(split("\\{{input:x}}"), [text("{{input:x}}")]);
    assert!(split("").is_empty());
    let braces = split("{{{input:x}}}");
    assert_eq!(braces.len(), 3);
    assert_eq!((&braces[0], &braces[2]), (&text("{"), &text("}")));
}

#[test]
fn what_starts_like_a_token_is_malformed() {
    for wrong in [
        "{{step:fetch}}",
        "{{step::output}}",
        "{{step:a:outptu}}",
        "{{branch:a:output}}",
        "{{loop:item}}",
        "{{state:}}",
        "{{random:2:1}}",
        "{{random:a:b}}",
        "{{file:}}",
        "{{input:a[x]}}",
        "{{input:a..b}}",
        "{{input:a | shout}}",
        "{{input:a | upper:1}}",
        "{{input:a | join}}",
        "{{input:a ? 'x'}}",
        "{{input:a ? 'x : 'y'}}",
        "{{input:a ? x : 'y'}}",
        "{{input:a",
    ] {
        assert!(
            matches!(split(wrong).first(), Some(Part::Malformed(..))),
            "{wrong}"
        );
    }
    let nested = (0..9).fold("1".to_owned(), |inner, _| {
        format!("{{{{input:a ? {inner} : 1}}}}")
    });
    let deep = split(&nested);
    assert!(matches!(&deep[0], Part::Malformed(_, why) if why.contains("deeper than 8")));
}

fn name() -> impl Strategy<Value = String> {
    "[a-zA-Z0-9_-][a-zA-Z0-9 _äß-]{0,6}[a-zA-Z0-9_]"
}

fn path_of() -> impl Strategy<Value = Path> {
    let piece = prop_oneof![
        name().prop_map(Piece::Name),
        (0..100usize).prop_map(Piece::Index)
    ];
    prop::collection::vec(piece, 0..3)
}

fn place_of(names: std::ops::Range<usize>) -> impl Strategy<Value = Place> {
    let access = prop::sample::select(vec![
        Access::Output,
        Access::Success,
        Access::Error,
        Access::Data,
        Access::Text,
        Access::Duration,
    ]);
    (prop::collection::vec(name(), names), access, path_of()).prop_map(|(names, access, path)| {
        Place {
            names,
            access,
            path,
        }
    })
}

fn reference_of() -> impl Strategy<Value = Reference> {
    let variable = prop::sample::select(vec![Variable::Item, Variable::Index]);
    prop_oneof![
        place_of(1..4).prop_map(Reference::Step),
        place_of(2..4).prop_map(Reference::Branch),
        (0..3usize, variable, path_of()).prop_map(|(parents, variable, path)| Reference::Loop {
            parents,
            variable,
            path
        }),
        (
            prop::option::of("[a-z]{1,4}(:[a-z0-9]{1,4})?"),
            name(),
            path_of()
        )
            .prop_map(|(scope, key, path)| Reference::State { scope, key, path }),
        (name(), path_of()).prop_map(|(first, mut path)| {
            path.insert(0, Piece::Name(first));
            Reference::Input(path)
        }),
        Just(Reference::Input(Vec::new())),
        "[a-z./]{1,8}[a-z]".prop_map(Reference::File),
        (any::<i64>(), any::<i64>()).prop_map(|(a, b)| Reference::Random(a.min(b), a.max(b))),
    ]
}

fn filter_of() -> impl Strategy<Value = Filter> {
    prop_oneof![
        Just(Filter::ToJson),
        Just(Filter::FromJson),
        Just(Filter::Upper),
        Just(Filter::Lower),
        Just(Filter::Trim),
        Just(Filter::Length),
        Just(Filter::First),
        Just(Filter::Last),
        "[$.a-z:]{1,6}".prop_map(Filter::Query),
        "[ ,;:-]{0,3}".prop_map(Filter::Join),
        "[a-z0-9:]{0,5}".prop_map(Filter::Default),
    ]
}

fn token_of() -> impl Strategy<Value = Token> {
    let filters = || prop::collection::vec(filter_of(), 0..3);
    let leaf = (reference_of(), filters()).prop_map(|(reference, filters)| Token {
        reference,
        filters,
        choice: None,
        written: Written(Box::default()),
    });
    leaf.prop_recursive(3, 12, 3, move |inner| {
        let operand = {
            let text = "[^\u{0}]{1,6}".prop_map(Part::Text);
            let parts = (
                prop::option::of(text),
                prop::option::of(inner.clone().prop_map(Part::Token)),
            );
            prop_oneof![
                parts.prop_map(|(text, token)| Operand::Text(
                    text.into_iter().chain(token).collect()
                )),
                any::<i64>().prop_map(|number| Operand::Literal(number.into())),
                any::<bool>().prop_map(|truth| Operand::Literal(truth.into())),
                inner.prop_map(Operand::Token),
            ]
        };
        let operand = operand.boxed();
        (
            reference_of(),
            filters(),
            prop::option::of((operand.clone(), operand)),
        )
            .prop_map(|(reference, filters, choice)| Token {
                reference,
                filters,
                choice: choice.map(Box::new),
                written: Written(Box::default()),
            })
    })
}

proptest! {
    #[test]
    fn printed_and_read_again(token in token_of()) {
        let text = token.to_string();
        prop_assert_eq!(split(&text), vec![Part::Token(token)], "{}", text);
    }

    #[test]
    fn no_text_is_too_strange(text in "(\\PC|[{}:|?'\\\\.]|step:|input:|loop.|random:){0,40}") {
        let once = super::canonical(&text);
        prop_assert_eq!(super::canonical(&once), once);
        split(&format!("{{{{step:{text}}}}}"));
        split(&format!("{{{{input:a ? '{text}' : {text}}}}}"));
    }
}
