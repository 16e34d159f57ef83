//! What the code of a run sees of the world beside its calls: the time, the environment.
//!
//! A run that is resumed sees the same again, place by place: a place is a call and what is looked at below it, and has as
//! many sights as were had there, in their order. They are too small and too many for an entry each, so they wait for the
//! next entry of a call and are written before it, those of one place in one `saw` entry.
//!
//! Each place remembers [`MOST`] sights. What is seen beyond them is not written, and a run that is resumed sees the present
//! there. A place with fewer than [`FEW`] is forgotten once they are written and counts anew, so the bound holds for what looks
//! faster than calls are made.

use std::collections::{HashMap, VecDeque};

use llmspell_core::{CallId, Value};
use parking_lot::Mutex;

/// Most sights of a place that are written (count): a loop that waits for a time must not fill the store.
const MOST: usize = 10_000;

/// Sights of a place that has fewer are not counted on once they are written, so that places need no memory.
const FEW: usize = 100;

/// The sights of a run.
#[derive(Debug, Default)]
pub(super) struct Sights(Mutex<Inner>);

#[derive(Debug, Default)]
struct Inner {
    places: HashMap<CallId, Place>,
    /// Those with something to write.
    fresh: Vec<CallId>,
}

#[derive(Debug)]
struct Place {
    what: &'static str,
    parent: CallId,
    /// What was seen by earlier processes and not by this one.
    known: VecDeque<Value>,
    fresh: Vec<Value>,
    seen: usize,
}

/// What is to be written of a place.
#[derive(Debug, PartialEq)]
pub(super) struct Fresh {
    pub(super) what: &'static str,
    pub(super) place: CallId,
    pub(super) parent: CallId,
    pub(super) values: Value,
}

impl Sights {
    /// Takes over what earlier processes saw.
    pub(super) fn of(known: HashMap<CallId, VecDeque<Value>>) -> Self {
        let place = |(place, known)| {
            let known = Place {
                what: "",
                parent: CallId::ROOT,
                known,
                fresh: Vec::new(),
                seen: 0,
            };
            (place, known)
        };
        Self(Mutex::new(Inner {
            places: known.into_iter().map(place).collect(),
            fresh: Vec::new(),
        }))
    }

    /// Returns what is seen at a place, and whether it was seen there before.
    pub(super) fn see(
        &self,
        (what, place, parent): (&'static str, CallId, CallId),
        look: impl FnOnce() -> Value,
    ) -> (Value, bool) {
        let mut inner = self.0.lock();
        let inner = &mut *inner;
        let at = inner.places.entry(place).or_insert_with(|| Place {
            what,
            parent,
            known: VecDeque::new(),
            fresh: Vec::new(),
            seen: 0,
        });
        at.seen += 1;
        if let Some(known) = at.known.pop_front() {
            return (known, true);
        }
        let value = look();
        if at.seen <= MOST {
            if at.fresh.is_empty() {
                (at.what, at.parent) = (what, parent);
                inner.fresh.push(place);
            }
            at.fresh.push(value.clone());
        }
        (value, false)
    }

    /// Returns what an earlier process saw next at a place, if it saw more there than this one has.
    pub(super) fn recall(&self, place: CallId) -> Option<Value> {
        self.0.lock().places.get_mut(&place)?.known.pop_front()
    }

    /// Returns whether anything is to be written.
    pub(super) fn is_empty(&self) -> bool {
        self.0.lock().fresh.is_empty()
    }

    /// Takes what is to be written.
    pub(super) fn take(&self) -> Vec<Fresh> {
        let mut inner = self.0.lock();
        let Inner { places, fresh } = &mut *inner;
        let taken = fresh.drain(..).filter_map(|place| {
            let at = places.get_mut(&place)?;
            let taken = Fresh {
                what: at.what,
                place,
                parent: at.parent,
                values: std::mem::take(&mut at.fresh).into(),
            };
            if at.seen < FEW {
                places.remove(&place);
            }
            Some(taken)
        });
        taken.collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const HERE: (&str, CallId, CallId) = ("clock", CallId([1; 16]), CallId::ROOT);

    fn see(sights: &Sights, number: i64) -> (i64, bool) {
        let (value, known) = sights.see(HERE, || number.into());
        (value.as_int().unwrap(), known)
    }

    #[test]
    fn what_was_seen_is_written_once_and_seen_again() {
        let sights = Sights::default();
        assert!(sights.is_empty());
        assert_eq!((see(&sights, 3), see(&sights, 5)), ((3, false), (5, false)));
        let written = sights.take();
        assert_eq!(written.len(), 1);
        assert_eq!(written[0].values, Value::List(vec![3.into(), 5.into()]));
        assert!(sights.is_empty() && sights.take().is_empty());

        let known = VecDeque::from([Value::from(3), 5.into()]);
        let again = Sights::of(HashMap::from([(HERE.1, known)]));
        assert_eq!((see(&again, 7), see(&again, 8)), ((3, true), (5, true)));
        assert_eq!(again.recall(HERE.1), None);
        assert_eq!(see(&again, 9), (9, false));
        assert_eq!(again.take()[0].values, Value::List(vec![9.into()]));
    }

    #[test]
    fn a_place_remembers_so_many() {
        let sights = Sights::default();
        let mut written = 0;
        for number in 0..MOST as i64 + 10 {
            assert_eq!(see(&sights, number), (number, false));
            if number % 1000 == 999 {
                let taken = sights.take();
                written += taken[0].values.as_list().unwrap().len();
            }
        }
        assert_eq!(written, MOST);
        assert!(sights.is_empty());
    }

    #[test]
    fn places_that_were_written_need_no_memory() {
        let sights = Sights::default();
        for number in 0..100_u8 {
            sights.see(("clock", CallId([number; 16]), CallId::ROOT), || 1.into());
        }
        assert_eq!(sights.take().len(), 100);
        assert!(sights.0.lock().places.is_empty());
    }
}
