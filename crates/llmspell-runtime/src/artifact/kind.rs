//! Types of artifacts.

/// The types that the runtime knows.
pub(crate) const AGENT_OUTPUT: &str = "agent_output";
pub(crate) const TOOL_RESULT: &str = "tool_result";
pub(super) const USER_INPUT: &str = "user_input";
pub(super) const SYSTEM_GENERATED: &str = "system_generated";

/// Returns a type as it reads back: a known one in snake case, however it was written; any other text as it is.
pub fn kind(given: &str) -> String {
    let plain = |text: &str| -> String {
        let letters = text
            .chars()
            .filter(|letter| !matches!(letter, '_' | '-' | ' '));
        letters.collect::<String>().to_ascii_lowercase()
    };
    let wanted = plain(given);
    let known = [AGENT_OUTPUT, TOOL_RESULT, USER_INPUT, SYSTEM_GENERATED];
    let known = known.into_iter().find(|known| plain(known) == wanted);
    known.unwrap_or(given).to_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn known_types_in_any_spelling_and_own_ones() {
        for (given, expected) in [
            ("agent_output", "agent_output"),
            ("AgentOutput", "agent_output"),
            ("TOOL_RESULT", "tool_result"),
            ("user-input", "user_input"),
            ("systemGenerated", "system_generated"),
            ("My Chart", "My Chart"),
            ("", ""),
        ] {
            assert_eq!(kind(given), expected);
        }
    }
}
