use std::sync::Arc;

use llmspell_core::{Estimate, Kind, Ledger, Limits, Usage};

fn request(tokens: u64, cost_usd: Option<f64>) -> Estimate {
    Estimate {
        tokens,
        cost_usd,
        requests: 1,
        tool_calls: 0,
    }
}

fn run_within(limits: Limits) -> Arc<Ledger> {
    Ledger::new("the run", limits, None)
}

fn one_request() -> Limits {
    Limits {
        requests: Some(1),
        ..Limits::default()
    }
}

#[test]
fn parallel_calls_cannot_overshoot() {
    let limits = Limits {
        tokens: Some(100),
        ..Limits::default()
    };
    let run = run_within(limits);
    let first = run.reserve(request(60, None)).unwrap();
    let error = run.reserve(request(60, None)).unwrap_err();
    assert_eq!(error.kind(), Kind::Limit);
    assert_eq!(
        error.message(),
        "the run would exceed its limit of 100 tokens"
    );
    first.settle(&Usage {
        input_tokens: Some(10),
        output_tokens: Some(5),
        ..Usage::default()
    });
    assert_eq!(run.spent().tokens, 15);
    assert!(run.reserve(request(85, None)).is_ok());
}

#[test]
fn an_abandoned_reservation_gives_its_room_back() {
    let run = run_within(one_request());
    drop(run.reserve(request(1, Some(0.5))).unwrap());
    assert_eq!(run.spent().requests, 0);
    assert_eq!(run.spent().cost_usd, Some(0.0));
}

#[test]
fn the_account_above_is_charged_too_and_a_refusal_there_charges_nothing() {
    let run = run_within(one_request());
    let agent = Ledger::new("agent 'a'", Limits::default(), Some(run.clone()));
    agent
        .reserve(request(5, None))
        .unwrap()
        .settle(&Usage::default());
    let error = agent.reserve(request(5, None)).unwrap_err();
    assert_eq!(
        error.details().get("account").unwrap().as_str(),
        Some("the run")
    );
    assert_eq!((agent.spent().requests, run.spent().requests), (1, 1));
}

#[test]
fn an_unknown_price_is_refused_under_a_cost_limit() {
    let run = run_within(Limits {
        cost_usd: Some(1.0),
        ..Limits::default()
    });
    assert_eq!(
        run.reserve(request(1, None)).unwrap_err().kind(),
        Kind::Limit
    );
    let lenient = Limits {
        cost_usd: Some(1.0),
        deny_unpriced: Some(false),
        ..Limits::default()
    };
    assert!(
        Ledger::new("the run", lenient, None)
            .reserve(request(1, None))
            .is_ok()
    );
    assert!(
        run.reserve(Estimate {
            tool_calls: 1,
            ..Estimate::default()
        })
        .is_ok()
    );
}
