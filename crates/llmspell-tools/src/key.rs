//! Where a key or another member of an account comes from.

use llmspell_core::Cx;

/// The places that may say a key, in the order in which they are asked: the call, the configuration, the variable that the
/// configuration names, `LLMSPELL_API_KEY_SERVICE`, the variables of the service itself. An empty text says nothing.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Key<'a> {
    /// What a parameter of the call says.
    pub(crate) given: Option<&'a str>,
    /// What the configuration says.
    pub(crate) written: Option<&'a str>,
    /// The variable that the configuration names, as `api_key_env` does.
    pub(crate) variable: Option<&'a str>,
    /// The `SERVICE` of `LLMSPELL_API_KEY_SERVICE`, for what is an API key.
    pub(crate) service: Option<&'a str>,
    /// The variables that the service itself names, best first.
    pub(crate) own: &'a [&'a str],
}

impl Key<'_> {
    /// Returns what the first place says.
    pub(crate) fn find(&self, cx: &Cx) -> Option<String> {
        let said = |text: &str| !text.is_empty();
        let written = [self.given, self.written].into_iter().flatten();
        if let Some(text) = written.into_iter().find(|text| said(text)) {
            return Some(text.to_owned());
        }
        let general = self
            .service
            .map(|service| format!("LLMSPELL_API_KEY_{service}"));
        let variables = self.variable.into_iter().chain(general.as_deref());
        let mut variables = variables.chain(self.own.iter().copied());
        let setting = |name| {
            cx.host()
                .environment
                .setting(name)
                .filter(|text| said(text))
        };
        variables.find_map(setting)
    }

    /// As [`find`](Self::find), for what must never be shown; `name` stands for it where it is struck out.
    pub(crate) fn secret(&self, cx: &Cx, name: &str) -> Option<String> {
        let found = self.find(cx)?;
        cx.host().secrets.add(name, &found);
        Some(found)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::test_world::Place;

    #[test]
    fn the_first_place_that_says_something_wins() {
        let cx = Place::default()
            .variable("MINE", "named")
            .variable("LLMSPELL_API_KEY_BRAVE", "general")
            .variable("BRAVE_KEY", "own")
            .variable("EMPTY", "")
            .cx();
        let mut key = Key {
            given: Some("given"),
            written: Some("written"),
            variable: Some("MINE"),
            service: Some("BRAVE"),
            own: &["BRAVE_OLD_KEY", "BRAVE_KEY"],
        };
        let check =
            |key: &Key<'_>, wanted: &str| assert_eq!(key.find(&cx).as_deref(), Some(wanted));
        check(&key, "given");
        key.given = Some("");
        check(&key, "written");
        key.written = None;
        check(&key, "named");
        key.variable = Some("EMPTY");
        check(&key, "general");
        key.service = None;
        check(&key, "own");
        key.own = &[];
        assert_eq!(key.find(&cx), None);
    }
}
