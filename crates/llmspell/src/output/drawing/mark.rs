//! What became of a step, in words and signs.

use std::time::Duration;

use llmspell_runtime::workflow::{Mark, MarkState};

use crate::cmd::running::duration;

/// Returns a line with the sign of a mark before it and its words behind it; the line itself without a mark.
pub(super) fn told(line: String, mark: Option<&Mark>) -> String {
    match mark {
        Some(mark) => format!("{} {line}, {}", sign(mark.state), words(mark)),
        None => line,
    }
}

/// Returns the sign of a state, as the live tree of a run shows it.
fn sign(state: MarkState) -> &'static str {
    match state {
        MarkState::Done => "✓",
        MarkState::Failed => "✗",
        MarkState::Skipped => "–",
        MarkState::NotReached => "·",
        MarkState::Running => "•",
        MarkState::Interrupted => "!",
    }
}

/// Returns what became of a step: `done in 12 ms`, `failed after 3 attempts in 1.2 s: timeout`, `3 done, 1 failed in 4 ms`.
pub(super) fn words(mark: &Mark) -> String {
    let open = matches!(mark.state, MarkState::Running | MarkState::Interrupted);
    let took = duration(Duration::from_millis(mark.duration_ms));
    let times = [
        (mark.done, "done"),
        (mark.failed, "failed"),
        (mark.skipped, "skipped"),
    ];
    let ends = mark.done + mark.failed + mark.skipped;
    let mut words = match (ends, open) {
        (0, _) => mark.state.name().replace('_', " "),
        (1, false) => mark.state.name().to_owned(),
        _ => {
            let open = open.then(|| mark.state.name().to_owned());
            let times = times.iter().filter(|(count, _)| *count > 0);
            let times = times.map(|(count, word)| format!("{count} {word}"));
            times.chain(open).collect::<Vec<_>>().join(", ")
        }
    };
    if mark.attempts > mark.done + mark.failed {
        words.push_str(&format!(" after {} attempts", mark.attempts));
    }
    if mark.done + mark.failed > 0 {
        words.push_str(&format!(" in {took}"));
    }
    if let Some(kind) = &mark.error {
        words.push_str(&format!(": {kind}"));
    }
    words
}

/// Returns the colours of a state, of a light fill and a dark line; nothing for what never began.
pub(super) fn colors(state: MarkState) -> Option<(&'static str, &'static str)> {
    match state {
        MarkState::Done => Some(("#d9f2d9", "#2e7d32")),
        MarkState::Failed => Some(("#fbdada", "#c62828")),
        MarkState::Skipped => Some(("#eeeeee", "#757575")),
        MarkState::Running => Some(("#dbe9fb", "#1565c0")),
        MarkState::Interrupted => Some(("#fdebc8", "#ef6c00")),
        MarkState::NotReached => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn mark(state: MarkState) -> Mark {
        Mark {
            state,
            ..Mark::default()
        }
    }

    #[test]
    fn marks_in_words() {
        assert_eq!(words(&mark(MarkState::NotReached)), "not reached");
        assert_eq!(words(&mark(MarkState::Interrupted)), "interrupted");
        let mut one = Mark {
            done: 1,
            attempts: 1,
            duration_ms: 12,
            ..mark(MarkState::Done)
        };
        assert_eq!(words(&one), "done in 12 ms");
        one.attempts = 3;
        assert_eq!(words(&one), "done after 3 attempts in 12 ms");
        let failed = Mark {
            failed: 1,
            attempts: 3,
            duration_ms: 1_200,
            error: Some("timeout".to_owned()),
            ..mark(MarkState::Failed)
        };
        assert_eq!(words(&failed), "failed after 3 attempts in 1.2 s: timeout");
        let skipped = Mark {
            skipped: 1,
            ..mark(MarkState::Skipped)
        };
        assert_eq!(words(&skipped), "skipped");
    }

    #[test]
    fn several_ends_are_counted() {
        let mut many = Mark {
            done: 2,
            failed: 1,
            skipped: 1,
            attempts: 3,
            duration_ms: 9,
            error: Some("parse".to_owned()),
            ..mark(MarkState::Failed)
        };
        assert_eq!(words(&many), "2 done, 1 failed, 1 skipped in 9 ms: parse");
        many.state = MarkState::Running;
        assert_eq!(
            words(&many),
            "2 done, 1 failed, 1 skipped, running in 9 ms: parse"
        );
        let told = told(
            "a: tool calculator".to_owned(),
            Some(&mark(MarkState::NotReached)),
        );
        assert_eq!(told, "· a: tool calculator, not reached");
    }
}
