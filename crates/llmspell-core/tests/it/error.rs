use llmspell_core::{Error, Kind, Value, nearest};

#[test]
fn the_table_of_kinds_is_consistent() {
    for &kind in Kind::ALL {
        assert_eq!(Kind::from_name(kind.name()), Some(kind));
        assert!(kind.exit_code() > 0 && !kind.told().is_empty());
    }
}

#[test]
fn an_error_survives_its_object_form() {
    let error = Error::new(Kind::RateLimited, "slow down")
        .op("model.complete")
        .op("agent.execute")
        .with("retry_after_ms", 700)
        .hint("wait");
    let again = Error::from_value(&error.to_value());
    assert_eq!(again, error);
    assert_eq!(again.to_string(), "model.complete: slow down");
    assert!(again.is_retryable());
}

#[test]
fn other_words_change_nothing_else() {
    let error = Error::new(Kind::Io, "no")
        .op("t")
        .with("path", "a")
        .hint("look");
    let told = error.transient(true).reworded("a: no");
    assert_eq!(told.to_string(), "t: a: no");
    assert_eq!(told.details().get("path"), Some(&"a".into()));
    assert_eq!(told.hints(), ["look"]);
    assert!(told.is_retryable());
}

#[test]
fn an_unknown_stored_kind_is_never_taken_for_another() {
    let stored = llmspell_core::value::from_json(r#"{"kind":"quantum","message":"x"}"#).unwrap();
    assert_eq!(Error::from_value(&stored).kind(), Kind::Corrupt);
    assert_eq!(Error::from_value(&Value::Null).kind(), Kind::Corrupt);
}

#[test]
fn the_long_form_tells_everything() {
    let cause = std::io::Error::other("disk on fire");
    let error = Error::new(Kind::Io, "cannot write")
        .op("state.set")
        .with("key", "a")
        .hint("free some space")
        .source(cause);
    assert_eq!(
        format!("{error:?}"),
        "error[io]: state.set: cannot write\n  key: \"a\"\n  help: free some space\n  caused by: disk on fire"
    );
    assert_eq!(
        error.clone().details().get("cause"),
        Some(&Value::from("disk on fire"))
    );
}

#[test]
fn only_transient_failures_are_retried() {
    assert!(!Error::new(Kind::Remote, "400").is_retryable());
    assert!(
        Error::new(Kind::Remote, "503")
            .transient(true)
            .is_retryable()
    );
    assert!(
        !Error::new(Kind::Timeout, "late")
            .transient(false)
            .is_retryable()
    );
    assert!(
        !Error::new(Kind::Denied, "no")
            .transient(true)
            .is_retryable()
    );
}

#[test]
fn the_nearest_name_comes_first() {
    assert_eq!(
        nearest("contnt", ["content", "context", "path"])[0],
        "content"
    );
    assert_eq!(nearest("web-scraper", ["web_scraper"]), ["web_scraper"]);
    assert!(nearest("zzz", ["content"]).is_empty());
}

#[test]
fn that_arguments_have_the_wrong_shape_is_for_the_runtime_only() {
    let error = Error::new(Kind::InvalidArgs, "missing").misshapen();
    assert!(!error.to_value().to_string().contains("misshapen"));
    assert!(Error::from_value(&error.to_record()).is_misshapen());
    assert!(!Error::from_value(&error.to_value()).is_misshapen());
}
