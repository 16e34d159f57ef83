//! The facts that a hook is told, which are made when somebody looks at them.

use std::fmt;
use std::ops::{Deref, DerefMut};
use std::sync::{Arc, OnceLock};

use llmspell_core::Map;

/// The members of `data` in a hook's context: a [`Map`] that is made at the first look.
///
/// Most hooks look at a few points of what they are called for, or at none; what an operation would have to copy for
/// them is copied only then.
#[derive(Clone, Default)]
pub struct Facts<'a> {
    make: Option<&'a (dyn Fn() -> Map + Sync)>,
    made: OnceLock<Arc<Map>>,
    changed: bool,
}

impl<'a> Facts<'a> {
    /// Says how the facts are made.
    pub(crate) fn of(make: &'a (dyn Fn() -> Map + Sync)) -> Self {
        Self {
            make: Some(make),
            ..Self::default()
        }
    }

    /// Returns whether anybody may have changed them.
    pub(crate) fn is_changed(&self) -> bool {
        self.changed
    }

    /// Returns the facts as they are now, to be kept beyond the call.
    pub(crate) fn share(&self) -> Arc<Map> {
        self.made().clone()
    }

    fn made(&self) -> &Arc<Map> {
        let make = || self.make.map_or_else(Map::new, |make| make());
        self.made.get_or_init(|| Arc::new(make()))
    }

    /// Returns the facts as they are now.
    pub fn into_map(self) -> Map {
        match self.made.into_inner() {
            Some(made) => Arc::unwrap_or_clone(made),
            None => self.make.map_or_else(Map::new, |make| make()),
        }
    }
}

impl Deref for Facts<'_> {
    type Target = Map;

    fn deref(&self) -> &Map {
        self.made()
    }
}

impl DerefMut for Facts<'_> {
    fn deref_mut(&mut self) -> &mut Map {
        self.changed = true;
        self.made();
        let made = self.made.get_mut();
        Arc::make_mut(made.expect("the facts were made in the line above"))
    }
}

impl From<Map> for Facts<'_> {
    fn from(facts: Map) -> Self {
        Self {
            made: OnceLock::from(Arc::new(facts)),
            ..Self::default()
        }
    }
}

impl fmt::Debug for Facts<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        (**self).fmt(f)
    }
}

#[cfg(test)]
mod tests {
    use std::sync::atomic::{AtomicUsize, Ordering};

    use super::*;

    #[test]
    fn facts_are_made_once_and_only_if_somebody_looks() {
        let made = AtomicUsize::new(0);
        let make = || {
            made.fetch_add(1, Ordering::Relaxed);
            Map::from([("a", 1.into())])
        };
        let mut facts = Facts::of(&make);
        assert_eq!(made.load(Ordering::Relaxed), 0);
        assert_eq!(facts.get("a"), Some(&1.into()));
        assert!(!facts.is_changed());
        facts.insert("b", 2.into());
        assert!(facts.is_changed());
        assert_eq!(made.load(Ordering::Relaxed), 1);
        assert_eq!(facts.into_map().len(), 2);
        let untouched = Facts::of(&make);
        assert_eq!(untouched.into_map().len(), 1);
    }
}
