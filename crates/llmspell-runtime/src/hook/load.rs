//! What a run takes of the machine: memory of its script, time of the processor.

use std::collections::VecDeque;
use std::convert::Infallible;
use std::time::Duration;

use llmspell_core::{Cx, Heap, Map};

use super::fire::system;
use super::hooks::Hooks;
use super::point::{Named, Point};

/// Longest time between two looks.
const EVERY: Duration = Duration::from_millis(500);

/// Share of its limit from which on the memory of a script is nearly used up, in percent.
const MEMORY_HIGH: u64 = 80;

/// Share under which it must fall before that is told again, in percent.
const MEMORY_LOW: u64 = 70;

/// Calls the hooks of `MemoryUsageHigh` and `CpuUsageHigh` when there is reason to. Goes on until it is dropped.
///
/// `heap` says what the script has. The time of the processor is that of the whole process. A hook that the script itself
/// registered is called when the script next waits. While nobody registered at these points, nothing is measured.
pub async fn watch_load(cx: &Cx, heap: impl Fn() -> Option<Heap>) -> Infallible {
    let Ok(hooks) = cx.part::<Hooks>() else {
        return std::future::pending().await;
    };
    let window = Duration::from_millis(hooks.options.cpu_window_ms.max(1));
    let points = [Named::MemoryUsageHigh, Named::CpuUsageHigh];
    let points = points.map(|point| Point::Named(point).bit());
    let clock = cx.host().clock.clone();
    let most = hooks.options.cpu_high_percent;
    let mut load = Load::default();
    loop {
        clock.sleep(EVERY.min(window / 4)).await;
        if !hooks.any(points[0] | points[1]) {
            load = Load::default();
            continue;
        }
        if let Some(heap) = heap()
            && let Some(percent) = load.memory(heap)
        {
            let data = Map::from([
                ("used_bytes", heap.used.into()),
                ("limit_bytes", heap.limit.into()),
                ("percent", percent.into()),
            ]);
            system(cx, Named::MemoryUsageHigh, || data).await;
        }
        if let Some(percent) = load.processor(clock.monotonic(), clock.processor(), window, most) {
            let data = Map::from([
                ("percent", percent.into()),
                ("window_seconds", window.as_secs_f64().into()),
            ]);
            system(cx, Named::CpuUsageHigh, || data).await;
        }
    }
}

/// What was seen, and what was told of it.
#[derive(Default)]
struct Load {
    is_full: bool,
    is_busy: bool,
    /// When how much time of the processor was used: the newest look before the window, and those within it.
    looks: VecDeque<(Duration, Duration)>,
}

impl Load {
    /// Returns the percentage of its limit that a script has, when it just became high.
    fn memory(&mut self, heap: Heap) -> Option<u64> {
        let percent = heap.used.saturating_mul(100) / heap.limit.max(1);
        let was = self.is_full;
        self.is_full = match was {
            true => percent >= MEMORY_LOW,
            false => percent > MEMORY_HIGH,
        };
        (self.is_full && !was).then_some(percent)
    }

    /// Returns the percentage of a core that was used in a window, when it just became high.
    fn processor(
        &mut self,
        now: Duration,
        used: Duration,
        window: Duration,
        most: f64,
    ) -> Option<f64> {
        self.looks.push_back((now, used));
        let begin = now.saturating_sub(window);
        while self.looks.get(1).is_some_and(|(at, _)| *at <= begin) {
            self.looks.pop_front();
        }
        let (since, before) = *self.looks.front()?;
        let span = now.saturating_sub(since);
        if span < window {
            return None;
        }
        let share = used.saturating_sub(before).as_secs_f64() / span.as_secs_f64();
        let was = std::mem::replace(&mut self.is_busy, share * 100.0 > most);
        (self.is_busy && !was).then(|| (share * 1000.0).round() / 10.0)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn memory_is_told_once_until_it_has_fallen() {
        let mut load = Load::default();
        let told =
            [10, 80, 81, 95, 75, 85, 69, 82].map(|used| load.memory(Heap { used, limit: 100 }));
        let nothing = None;
        assert_eq!(
            told,
            [
                nothing,
                nothing,
                Some(81),
                nothing,
                nothing,
                nothing,
                nothing,
                Some(82)
            ]
        );
    }

    /// Looks each half second at a run that used so many milliseconds of the processor since the last look.
    fn looks(used: &[u64]) -> Vec<Option<f64>> {
        let (mut load, mut sum) = (Load::default(), 0);
        let looks = used.iter().zip(0_u64..).map(|(used, at)| {
            sum += used;
            let (now, used) = (Duration::from_millis(500 * at), Duration::from_millis(sum));
            load.processor(now, used, Duration::from_secs(2), 90.0)
        });
        looks.collect()
    }

    #[test]
    fn a_run_is_busy_when_it_was_for_the_whole_window() {
        assert_eq!(looks(&[0, 500, 500, 500]), [None; 4]);
        assert_eq!(
            looks(&[0, 500, 500, 500, 490, 500])[4..],
            [Some(99.5), None]
        );
        assert_eq!(looks(&[0, 500, 500, 100, 500]), [None; 5]);
        let again = looks(&[0, 1000, 1000, 1000, 1000, 0, 0, 0, 0, 500, 500, 500, 500]);
        let told: Vec<_> = again.into_iter().flatten().collect();
        assert_eq!(told, [200.0, 100.0]);
    }
}
