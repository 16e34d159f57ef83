//! The bounded queue of one subscription.

use std::collections::VecDeque;
use std::sync::Arc;

use super::message::{Event, Priority};
use super::options::Overflow;

/// Events that wait to be received, first come first served; a full queue drops those of the lowest priority first.
#[derive(Debug)]
pub(super) struct Queue {
    /// One row for each priority, each with the order of arrival.
    rows: [VecDeque<(u64, Arc<Event>)>; 4],
    arrived: u64,
    length: usize,
    capacity: usize,
}

/// What happened to an event.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Pushed {
    /// It waits.
    Kept,
    /// It waits, another one was dropped for it.
    Displaced,
    /// It was dropped.
    Dropped,
    /// There is no room, and the publisher is to be told or to wait.
    Full,
}

impl Queue {
    pub(super) fn new(capacity: usize) -> Self {
        Self {
            rows: Default::default(),
            arrived: 0,
            length: 0,
            capacity,
        }
    }

    pub(super) fn len(&self) -> usize {
        self.length
    }

    /// Adds an event, or does what the strategy says if there is no room.
    pub(super) fn push(&mut self, event: Arc<Event>, overflow: Overflow) -> Pushed {
        if self.length < self.capacity {
            self.append(event);
            return Pushed::Kept;
        }
        let lowest = self.lowest();
        match overflow {
            Overflow::Block | Overflow::Reject => Pushed::Full,
            Overflow::DropOldest if lowest <= event.priority as usize => {
                self.rows[lowest].pop_front();
                self.displace(event)
            }
            Overflow::DropNewest if lowest < event.priority as usize => {
                self.rows[lowest].pop_back();
                self.displace(event)
            }
            Overflow::DropOldest | Overflow::DropNewest => Pushed::Dropped,
        }
    }

    fn displace(&mut self, event: Arc<Event>) -> Pushed {
        self.length -= 1;
        self.append(event);
        Pushed::Displaced
    }

    fn append(&mut self, event: Arc<Event>) {
        self.arrived += 1;
        self.length += 1;
        self.rows[event.priority as usize].push_back((self.arrived, event));
    }

    /// Returns the lowest priority in the queue.
    fn lowest(&self) -> usize {
        let used = self.rows.iter().position(|row| !row.is_empty());
        used.unwrap_or(Priority::Critical as usize)
    }

    fn first(&self) -> Option<usize> {
        let heads = self.rows.iter().enumerate();
        heads
            .filter_map(|(row, events)| Some((events.front()?.0, row)))
            .min()
            .map(|(_, row)| row)
    }

    /// Returns the number on the bus of the event that is next.
    pub(super) fn next(&self) -> Option<u64> {
        let row = self.first()?;
        Some(self.rows[row].front()?.1.sequence)
    }

    /// Takes the event that is next.
    pub(super) fn pop(&mut self) -> Option<Arc<Event>> {
        let row = self.first()?;
        let (_, event) = self.rows[row].pop_front()?;
        self.length -= 1;
        Some(event)
    }

    /// Forgets all, and returns how many there were.
    pub(super) fn clear(&mut self) -> usize {
        self.rows.iter_mut().for_each(|row| *row = VecDeque::new());
        std::mem::take(&mut self.length)
    }
}

#[cfg(test)]
mod tests {
    use uuid::Uuid;

    use super::super::language::EventLanguage;
    use super::super::message::Publisher;
    use super::*;
    use llmspell_core::Value;

    fn event(sequence: u64, priority: Priority) -> Arc<Event> {
        Arc::new(Event {
            sequence,
            id: Uuid::nil(),
            kind: "x".into(),
            data: Value::Null.into(),
            micros: 0,
            correlation: Uuid::nil(),
            source: Publisher {
                component: "test".into(),
                instance: "test".into(),
                language: EventLanguage::Rust,
            },
            priority,
            more: None,
        })
    }

    fn after(overflow: Overflow, priorities: &[Priority]) -> (Vec<u64>, Vec<Pushed>) {
        let mut queue = Queue::new(3);
        let numbered = (1..).zip(priorities);
        let pushed = numbered.map(|(n, priority)| queue.push(event(n, *priority), overflow));
        let pushed = pushed.collect();
        let left = std::iter::from_fn(|| queue.pop()).map(|event| event.sequence);
        (left.collect(), pushed)
    }

    #[test]
    fn the_oldest_or_the_newest_goes() {
        use Pushed::{Displaced, Dropped, Full, Kept};
        let same = [Priority::Normal; 5];
        let (left, pushed) = after(Overflow::DropOldest, &same);
        assert_eq!(left, [3, 4, 5]);
        assert_eq!(pushed, [Kept, Kept, Kept, Displaced, Displaced]);
        let (left, pushed) = after(Overflow::DropNewest, &same);
        assert_eq!(left, [1, 2, 3]);
        assert_eq!(pushed, [Kept, Kept, Kept, Dropped, Dropped]);
        for overflow in [Overflow::Block, Overflow::Reject] {
            let (left, pushed) = after(overflow, &same);
            assert_eq!(left, [1, 2, 3]);
            assert_eq!(pushed, [Kept, Kept, Kept, Full, Full]);
        }
    }

    #[test]
    fn lower_priorities_go_first_and_order_stays() {
        use Priority::{Critical, High, Low, Normal};
        let (left, _) = after(Overflow::DropOldest, &[High, Low, Normal, Normal, Low]);
        assert_eq!(left, [1, 3, 4]);
        let (left, _) = after(Overflow::DropNewest, &[Low, Low, High, Critical]);
        assert_eq!(left, [1, 3, 4]);
        let (left, _) = after(Overflow::DropNewest, &[High, High, High, Low]);
        assert_eq!(left, [1, 2, 3]);
    }
}
