//! The thread of a script polls each call once, and leaves it to the runtime's threads if it is not ready.

use std::cell::Cell;
use std::pin::Pin;
use std::task::{Context, Poll, Waker};

thread_local! {
    static FOREGROUND: Cell<bool> = const { Cell::new(false) };
}

/// Polls a call once on the thread of a script. The call is then to be polled elsewhere, whether it was woken or not.
pub fn poll_in_foreground<F: Future + ?Sized>(call: Pin<&mut F>) -> Poll<F::Output> {
    /// Also a panic ends it.
    struct Before(bool);
    impl Drop for Before {
        fn drop(&mut self) {
            FOREGROUND.set(self.0);
        }
    }
    let _before = Before(FOREGROUND.replace(true));
    call.poll(&mut Context::from_waker(Waker::noop()))
}

/// Returns whether this is such a poll. What is never ready at once and costs more than a suspension should then return
/// `Pending` and do its work at the next poll, so that the calls of one script are made on all cores.
pub fn is_foreground() -> bool {
    FOREGROUND.get()
}

#[cfg(test)]
mod tests {
    use std::future::poll_fn;
    use std::panic::{AssertUnwindSafe, catch_unwind};
    use std::pin::pin;

    use super::*;

    #[test]
    fn only_the_poll_itself_is_in_the_foreground() {
        let mut seen = pin!(poll_fn(|_| Poll::Ready(is_foreground())));
        assert_eq!(poll_in_foreground(seen.as_mut()), Poll::Ready(true));
        assert_eq!(
            seen.poll(&mut Context::from_waker(Waker::noop())),
            Poll::Ready(false)
        );
        let mut raising = pin!(poll_fn(|_| -> Poll<()> { panic!("in the first poll") }));
        assert!(catch_unwind(AssertUnwindSafe(|| poll_in_foreground(raising.as_mut()))).is_err());
        assert!(!is_foreground());
    }

    #[test]
    fn polls_within_polls_do_not_end_it() {
        let mut outer = pin!(poll_fn(|_| {
            let inner = poll_in_foreground(pin!(poll_fn(|_| Poll::Ready(()))));
            assert!(inner.is_ready());
            Poll::Ready(is_foreground())
        }));
        assert_eq!(poll_in_foreground(outer.as_mut()), Poll::Ready(true));
    }
}
