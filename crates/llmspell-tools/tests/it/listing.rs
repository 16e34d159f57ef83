use std::collections::HashSet;
use std::sync::Arc;
use std::time::Duration;

use llmspell_core::{Level, Op};

fn tools() -> Vec<Arc<Op>> {
    llmspell_tools::modules()
        .into_iter()
        .flat_map(|module| module.ops)
        .collect()
}

fn tool(name: &str) -> Arc<Op> {
    tools().into_iter().find(|op| op.verb() == name).unwrap()
}

#[test]
fn every_tool_is_described() {
    let mut names = HashSet::new();
    for op in tools() {
        let name = op.verb();
        assert!(names.insert(name.to_owned()), "{name} is listed twice");
        assert_eq!(op.name(), format!("tool:{name}"));
        assert!(!op.docs().is_empty(), "{name}");
        assert!(
            !op.docs().contains("[`"),
            "{name}: a person cannot follow links"
        );
        assert_eq!(op.tool_info().unwrap().version, "1.0.0", "{name}");
        for field in op.shape().fields() {
            assert!(
                !field.doc.is_empty(),
                "{name}.{} is not documented",
                field.name
            );
            for synonym in &field.synonyms {
                let own = op
                    .shape()
                    .fields()
                    .iter()
                    .any(|other| other.name == *synonym);
                assert!(!own, "{name}.{synonym} is a parameter and a synonym");
            }
        }
    }
}

#[test]
fn the_schema_lists_the_operations() {
    for op in tools() {
        let operations = &op.tool_info().unwrap().operations;
        match op.shape().field("operation") {
            Some(field) => assert_eq!(&field.choices, operations, "{}", op.verb()),
            None => assert!(operations.is_empty(), "{}", op.verb()),
        }
    }
}

#[test]
fn models_see_canonical_names_only() {
    for op in tools() {
        let schema = op.shape().json_schema().to_string();
        assert!(!schema.contains("x-synonyms"), "{}", op.verb());
    }
    let schema = tool("json_processor").shape().json_schema();
    assert_eq!(schema["required"], serde_json::json!(["input"]));
    assert!(schema["properties"].get("json").is_none());
}

#[test]
fn limits_and_levels_are_those_of_the_overview() {
    for (name, category, seconds) in [
        ("calculator", "utility", 5),
        ("data_validation", "utility", 10),
        ("template_engine", "utility", 5),
        ("json_processor", "data", 30),
    ] {
        let op = tool(name);
        let info = op.tool_info().unwrap();
        assert_eq!(
            (info.category.as_str(), info.timeout),
            (category, Duration::from_secs(seconds)),
            "{name}"
        );
        assert_eq!(info.level, Level::Safe, "{name}");
    }
}

#[test]
fn tools_that_send_requests_share_parameters() {
    for (name, seconds) in [
        ("http_request", 30),
        ("graphql_query", 30),
        ("api_tester", 30),
        ("webhook_caller", 120),
    ] {
        let op = tool(name);
        let info = op.tool_info().unwrap();
        assert_eq!(
            (info.category.as_str(), info.level, info.timeout),
            ("api", Level::Restricted, Duration::from_secs(seconds)),
            "{name}"
        );
        for shared in [
            "headers",
            "auth",
            "follow_redirects",
            "max_redirects",
            "retry",
            "user_agent",
            "max_bytes",
        ] {
            let found = op.shape().field(shared);
            assert_eq!(found.map(|field| &*field.name), Some(shared), "{name}");
        }
        // In GraphQL, a query is the document.
        let query = op.shape().field("query").unwrap();
        let expected = match name {
            "graphql_query" => "input",
            _ => "query",
        };
        assert_eq!(query.name, expected);
    }
}
