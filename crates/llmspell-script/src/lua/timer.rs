//! A timer of the processor time of a thread, which calls a function on that very thread, whatever it does.

pub(super) use system::Timer;

#[cfg(target_os = "linux")]
mod system {
    use std::mem::{MaybeUninit, zeroed};
    use std::ptr;
    use std::sync::OnceLock;

    /// The signal. By default it does nothing, debuggers pass it on, and hardly anybody uses it for what it was meant for; the
    /// runtime of Go interrupts its threads with it for the same reasons (`sigPreempt` in `runtime/signal_unix.go`).
    const SIGNAL: i32 = libc::SIGURG;

    /// Processor time between two calls, in nanoseconds. The system rounds it up to its own tick.
    const PERIOD: i64 = 5_000_000;

    /// A timer of the thread that started it. It ends when it is dropped, on the same thread.
    pub(in crate::lua) struct Timer(libc::timer_t);

    impl Timer {
        /// Starts a timer that calls `act`, which must be the same function for all timers and do only what a signal
        /// handler may do. Returns `None` if the system does not provide one.
        pub(in crate::lua) fn start(act: fn()) -> Option<Self> {
            static LISTENING: OnceLock<bool> = OnceLock::new();
            let listens = LISTENING.get_or_init(|| {
                // SAFETY: `act` does only what a signal handler may do, by contract.
                unsafe { signal_hook_registry::register(SIGNAL, act) }.is_ok()
            });
            if !listens {
                return None;
            }
            // SAFETY: all bytes zero are a value of both structures, which are filled in as timer_create(2) and
            // timer_settime(2) ask; the timer is set only if it was made.
            unsafe {
                let mut event: libc::sigevent = zeroed();
                event.sigev_notify = libc::SIGEV_THREAD_ID;
                event.sigev_signo = SIGNAL;
                event.sigev_notify_thread_id = libc::gettid();
                let mut made = MaybeUninit::uninit();
                let clock = libc::CLOCK_THREAD_CPUTIME_ID;
                if libc::timer_create(clock, &raw mut event, made.as_mut_ptr()) != 0 {
                    return None;
                }
                let timer = Self(made.assume_init());
                let mut times: libc::itimerspec = zeroed();
                times.it_interval.tv_nsec = PERIOD;
                times.it_value.tv_nsec = PERIOD;
                let is_set = libc::timer_settime(timer.0, 0, &raw const times, ptr::null_mut());
                (is_set == 0).then_some(timer)
            }
        }
    }

    impl Drop for Timer {
        fn drop(&mut self) {
            // SAFETY: the timer was made and is deleted once.
            unsafe { libc::timer_delete(self.0) };
        }
    }
}

#[cfg(not(target_os = "linux"))]
mod system {
    /// There is no such timer.
    pub(in crate::lua) enum Timer {}

    impl Timer {
        pub(in crate::lua) fn start(_: fn()) -> Option<Self> {
            None
        }
    }
}
