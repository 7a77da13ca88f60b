//! Keeps the main thread on one processor. Threads that it starts meanwhile stay there too, so
//! only laps of one thread are to be done pinned.

#[cfg(target_os = "linux")]
#[allow(unsafe_code)] // the only place: the standard library cannot do this
mod sys {
    /// As large as glibc's and musl's cpu_set_t: 1024 processors.
    pub type Set = [usize; 1024 / usize::BITS as usize];

    extern "C" {
        fn sched_getaffinity(pid: i32, size: usize, set: *mut Set) -> i32;
        fn sched_setaffinity(pid: i32, size: usize, set: *const Set) -> i32;
    }

    pub fn get() -> Option<Set> {
        let mut set = Set::default();
        // SAFETY: set is valid for writes of the size that is passed. 0 is this thread.
        let failed = unsafe { sched_getaffinity(0, size_of::<Set>(), &mut set) };
        (failed == 0).then_some(set)
    }

    pub fn set(set: &Set) -> bool {
        // SAFETY: set is valid for reads of the size that is passed. 0 is this thread.
        unsafe { sched_setaffinity(0, size_of::<Set>(), set) == 0 }
    }

    pub fn only(cpu: usize) -> Option<Set> {
        let mut set = Set::default();
        let bits = usize::BITS as usize;
        *set.get_mut(cpu / bits)? = 1 << (cpu % bits);
        Some(set)
    }
}

#[cfg(not(target_os = "linux"))]
mod sys {
    pub type Set = ();

    pub fn get() -> Option<Set> {
        None
    }

    pub fn set(_: &Set) -> bool {
        false
    }

    pub fn only(_: usize) -> Option<Set> {
        None
    }
}

/// What the thread was allowed before it was pinned, if it is.
#[derive(Default)]
pub struct Affinity {
    before: Option<sys::Set>,
}

impl Affinity {
    /// Keeps this thread on a processor, and tells whether it could.
    pub fn pin(&mut self, cpu: usize) -> bool {
        let (Some(now), Some(one)) = (sys::get(), sys::only(cpu)) else {
            return false;
        };
        if !sys::set(&one) {
            return false;
        }
        self.before.get_or_insert(now); // that of the first pin, if there are several
        true
    }

    /// Undoes that.
    pub fn unpin(&mut self) {
        if let Some(before) = self.before.take() {
            sys::set(&before);
        }
    }
}

#[cfg(all(test, target_os = "linux"))]
mod tests {
    use super::*;

    #[test]
    fn unpin_restores() {
        let before = sys::get().unwrap();
        let word = before.iter().position(|&w| w != 0).unwrap();
        let cpu = word * usize::BITS as usize + before[word].trailing_zeros() as usize;

        let mut affinity = Affinity::default();
        assert!(affinity.pin(cpu));
        assert!(affinity.pin(cpu));
        assert_eq!(sys::get(), sys::only(cpu));
        affinity.unpin();
        assert_eq!(sys::get(), Some(before));
        affinity.unpin(); // has no effect
        assert_eq!(sys::get(), Some(before));
    }

    #[test]
    fn no_such_processor() {
        let before = sys::get();
        let mut affinity = Affinity::default();
        assert!(!affinity.pin(1023)); // if you have that many, this test is wrong
        assert!(!affinity.pin(usize::MAX));
        assert_eq!(sys::get(), before);
    }
}
