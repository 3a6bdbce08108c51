//! How much processor time the calling thread has used.

use std::time::Duration;

/// Processor time of the calling thread since it began, user and system together; `None` where the
/// platform does not say. It costs a system call: for once a second, not for each packet.
#[must_use]
pub fn thread_cpu_time() -> Option<Duration> {
    imp::thread_cpu_time()
}

#[cfg(any(target_os = "linux", target_os = "android", target_os = "macos", target_os = "freebsd"))]
mod imp {
    use std::time::Duration;

    use rustix::time::{ClockId, clock_gettime};

    pub(super) fn thread_cpu_time() -> Option<Duration> {
        let time = clock_gettime(ClockId::ThreadCPUTime);
        Some(Duration::new(time.tv_sec.try_into().ok()?, time.tv_nsec.try_into().ok()?))
    }
}

#[cfg(not(any(
    target_os = "linux",
    target_os = "android",
    target_os = "macos",
    target_os = "freebsd"
)))]
mod imp {
    pub(super) fn thread_cpu_time() -> Option<std::time::Duration> {
        None
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_time_of_a_thread_never_goes_back() {
        let Some(before) = thread_cpu_time() else { return };
        let after = thread_cpu_time().unwrap();
        assert!(after >= before);
    }
}
