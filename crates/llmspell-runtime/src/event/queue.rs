//! The bounded queue of one subscription.

use std::collections::VecDeque;
use std::sync::Arc;

use super::message::{Event, Priority};
use super::options::Overflow;

/// How much memory the events of one queue take at most (bytes). A single event may take more.
pub(super) const MOST_BYTES: usize = 64 << 20;

/// Events that wait to be received, first come first served; a full queue drops those of the lowest priority first.
///
/// It is full with so many events, or with events of so many bytes.
#[derive(Debug)]
pub(super) struct Queue {
    /// One row for each priority.
    rows: [Row; 4],
    arrived: u64,
    length: usize,
    bytes: usize,
    capacity: usize,
    most_bytes: usize,
}

/// The events of one priority, each with the order of arrival.
#[derive(Debug, Default)]
struct Row {
    events: VecDeque<(u64, Arc<Event>)>,
    bytes: usize,
}

/// What happened to an event.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Pushed {
    /// It waits.
    Kept,
    /// It waits, so many others were dropped for it.
    Displaced(u64),
    /// It was dropped.
    Dropped,
    /// There is no room, and the publisher is to be told or to wait.
    Full,
}

impl Queue {
    pub(super) fn new(capacity: usize, most_bytes: usize) -> Self {
        Self {
            rows: Default::default(),
            arrived: 0,
            length: 0,
            bytes: 0,
            capacity,
            most_bytes,
        }
    }

    pub(super) fn len(&self) -> usize {
        self.length
    }

    /// Adds an event, or does what the strategy says if there is no room.
    pub(super) fn push(&mut self, event: Arc<Event>, overflow: Overflow) -> Pushed {
        if self.has_room(self.length, self.bytes, &event) {
            self.append(event);
            return Pushed::Kept;
        }
        let priority = event.priority as usize;
        let (rows, oldest) = match overflow {
            Overflow::Block | Overflow::Reject => return Pushed::Full,
            Overflow::DropOldest => (priority + 1, true),
            Overflow::DropNewest => (priority, false),
        };
        self.displace(event, rows, oldest)
    }

    /// Returns whether an event has room beside so many events of so many bytes. One always has.
    fn has_room(&self, length: usize, bytes: usize, event: &Event) -> bool {
        length == 0
            || length < self.capacity && bytes.saturating_add(event.bytes) <= self.most_bytes
    }

    /// Adds an event in place of others of the first `rows`; drops it if all of these would not make room.
    fn displace(&mut self, event: Arc<Event>, rows: usize, oldest: bool) -> Pushed {
        let kept = &self.rows[rows..];
        let length = kept.iter().map(|row| row.events.len()).sum();
        let bytes = kept.iter().map(|row| row.bytes).sum();
        if !self.has_room(length, bytes, &event) {
            return Pushed::Dropped;
        }
        let mut gone = 0;
        while !self.has_room(self.length, self.bytes, &event) {
            self.take(self.lowest(), oldest);
            gone += 1;
        }
        self.append(event);
        Pushed::Displaced(gone)
    }

    fn append(&mut self, event: Arc<Event>) {
        self.arrived += 1;
        self.length += 1;
        self.bytes += event.bytes;
        let row = &mut self.rows[event.priority as usize];
        row.bytes += event.bytes;
        row.events.push_back((self.arrived, event));
    }

    /// Takes the oldest or the newest event of a row.
    fn take(&mut self, row: usize, oldest: bool) -> Option<Arc<Event>> {
        let row = &mut self.rows[row];
        let (_, event) = match oldest {
            true => row.events.pop_front(),
            false => row.events.pop_back(),
        }?;
        row.bytes -= event.bytes;
        self.bytes -= event.bytes;
        self.length -= 1;
        Some(event)
    }

    /// Returns the lowest priority in the queue.
    fn lowest(&self) -> usize {
        let used = self.rows.iter().position(|row| !row.events.is_empty());
        used.unwrap_or(Priority::Critical as usize)
    }

    fn first(&self) -> Option<usize> {
        let heads = self.rows.iter().enumerate();
        heads
            .filter_map(|(at, row)| Some((row.events.front()?.0, at)))
            .min()
            .map(|(_, row)| row)
    }

    /// Returns the number on the bus of the event that is next.
    pub(super) fn next(&self) -> Option<u64> {
        let row = self.first()?;
        Some(self.rows[row].events.front()?.1.sequence)
    }

    /// Takes the event that is next.
    pub(super) fn pop(&mut self) -> Option<Arc<Event>> {
        let row = self.first()?;
        self.take(row, true)
    }

    /// Forgets all, and returns how many there were.
    pub(super) fn clear(&mut self) -> usize {
        self.rows = Default::default();
        self.bytes = 0;
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

    const NO_LIMIT: usize = usize::MAX;

    fn event(sequence: u64, priority: Priority, bytes: usize) -> Arc<Event> {
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
            bytes,
            more: None,
        })
    }

    fn after(overflow: Overflow, priorities: &[Priority]) -> (Vec<u64>, Vec<Pushed>) {
        let mut queue = Queue::new(3, NO_LIMIT);
        let numbered = (1..).zip(priorities);
        let pushed = numbered.map(|(n, priority)| queue.push(event(n, *priority, 1), overflow));
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
        assert_eq!(pushed, [Kept, Kept, Kept, Displaced(1), Displaced(1)]);
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

    /// Pushes events of these priorities and sizes into a queue of 10 bytes.
    fn after_bytes(overflow: Overflow, events: &[(Priority, usize)]) -> (Vec<u64>, Option<Pushed>) {
        let mut queue = Queue::new(100, 10);
        let numbered = (1..).zip(events);
        let pushed = numbered.map(|(n, (priority, bytes))| {
            let pushed = queue.push(event(n, *priority, *bytes), overflow);
            let held = queue.rows.iter().flat_map(|row| &row.events);
            let (mut count, mut sum) = (0, 0);
            held.for_each(|(_, event)| (count, sum) = (count + 1, sum + event.bytes));
            assert_eq!((queue.length, queue.bytes), (count, sum));
            assert!(sum <= 10 || count == 1, "{count} events of {sum} bytes");
            pushed
        });
        let last = pushed.last();
        let left = std::iter::from_fn(|| queue.pop()).map(|event| event.sequence);
        let left = left.collect();
        assert_eq!(queue.rows.iter().map(|row| row.bytes).sum::<usize>(), 0);
        (left, last)
    }

    #[test]
    fn a_queue_is_full_with_bytes_as_with_events() {
        use Priority::{High, Low, Normal};
        use Pushed::{Displaced, Dropped, Full, Kept};
        let four = [(Normal, 4), (Normal, 4), (Normal, 2), (Normal, 5)];
        let (oldest, newest) = (Overflow::DropOldest, Overflow::DropNewest);
        assert_eq!(after_bytes(oldest, &four), (vec![3, 4], Some(Displaced(2))));
        assert_eq!(after_bytes(newest, &four), (vec![1, 2, 3], Some(Dropped)));
        for overflow in [Overflow::Block, Overflow::Reject] {
            let (left, last) = after_bytes(overflow, &four);
            assert_eq!((left, last), (vec![1, 2, 3], Some(Full)));
        }
        // One always fits, however large, and takes no other's place for nothing.
        for overflow in [oldest, newest, Overflow::Block, Overflow::Reject] {
            assert_eq!(after_bytes(overflow, &[(Low, 99)]), (vec![1], Some(Kept)));
        }
        let beside = [(High, 6), (Normal, 2), (Normal, 5)];
        assert_eq!(after_bytes(oldest, &beside), (vec![1, 2], Some(Dropped)));
        let lower = [(High, 4), (Low, 3), (Low, 3), (Normal, 6)];
        assert_eq!(
            after_bytes(newest, &lower),
            (vec![1, 4], Some(Displaced(2)))
        );
        let large = [(Normal, 4), (Low, 4), (Normal, 99)];
        assert_eq!(after_bytes(oldest, &large), (vec![3], Some(Displaced(2))));
        assert_eq!(after_bytes(newest, &large), (vec![1, 2], Some(Dropped)));
    }
}
