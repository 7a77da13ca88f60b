//! How a lap is timed: on this thread, or on several that share the work.

use std::any::Any;
use std::panic::{catch_unwind, AssertUnwindSafe};
use std::sync::{mpsc, Arc, Barrier};
use std::thread;
use std::time::{Duration, Instant};

/// A figure, or why there is none.
pub type Figure = Result<f64, String>;

/// Nanoseconds for each of n operations.
pub fn per_op(took: Duration, n: u64) -> f64 {
    took.as_nanos() as f64 / n as f64
}

/// Does f n times on this thread.
pub fn timed(n: u64, mut f: impl FnMut()) -> f64 {
    let begin = Instant::now();
    for _ in 0..n {
        f();
    }
    per_op(begin.elapsed(), n)
}

/// How many of n operations the thread number i of so many does: the same for all, and one more
/// for the first few if they do not come out even.
pub fn portion(n: u64, threads: usize, i: usize) -> u64 {
    let (threads, i) = (threads as u64, i as u64);
    n / threads + u64::from(i < n % threads)
}

/// Calls work(state, i) on so many threads, i from 0, and returns how long that took, from when
/// all are there to the end of the last.
///
/// The threads meet at a barrier, and starting them is not in the figure. It is on the Go side,
/// where a goroutine takes less than a microsecond; a thread takes tens of them, which would say
/// nothing about locks. The first thread through the barrier begins the time and not the one that
/// called this, which may get to run only when others are at work already.
///
/// If one panics, this returns an error at once. The others may then wait for ever for what it
/// was to do, which is why these are not scoped threads: a scope would wait with them. The run
/// is over anyway.
pub fn share<S, F>(threads: usize, state: &Arc<S>, work: F) -> Result<Duration, String>
where
    S: Send + Sync + 'static,
    F: Fn(&S, usize) + Send + Sync + 'static,
{
    let work = Arc::new(work);
    let barrier = Arc::new(Barrier::new(threads));
    let (results, ended) = mpsc::channel();
    let mut handles = Vec::with_capacity(threads);
    for i in 0..threads {
        let (state, work) = (state.clone(), work.clone());
        let (barrier, results) = (barrier.clone(), results.clone());
        let body = move || {
            barrier.wait();
            let begin = Instant::now();
            let result = catch_unwind(AssertUnwindSafe(|| work(&state, i)));
            let end = Instant::now();
            let _ = results.send(match result {
                Ok(()) => Ok((begin, end)),
                Err(panic) => Err(reason(&*panic)),
            });
        };
        match thread::Builder::new().spawn(body) {
            Ok(handle) => handles.push(handle),
            Err(err) => return Err(format!("thread {}: {err}", i + 1)),
        }
    }
    let mut times = Vec::with_capacity(threads);
    for _ in 0..threads {
        times.push(ended.recv().map_err(|err| err.to_string())??);
    }
    for handle in handles {
        let _ = handle.join(); // so that the next lap does not begin while these go away
    }
    let begin = times.iter().map(|t| t.0).min();
    let end = times.iter().map(|t| t.1).max();
    begin
        .zip(end)
        .map(|(begin, end)| end - begin)
        .ok_or_else(|| "no threads".into())
}

/// Says what a panic said.
pub fn reason(panic: &(dyn Any + Send)) -> String {
    let said = match (panic.downcast_ref::<&str>(), panic.downcast_ref::<String>()) {
        (Some(s), _) => s,
        (_, Some(s)) => s.as_str(),
        _ => "something that is no string",
    };
    format!("panic: {said}")
}

/// Fails a lap that did not do what it was to do.
pub fn check(what: &str, got: u64, want: u64) -> Result<(), String> {
    if got == want {
        Ok(())
    } else {
        Err(format!("{what}: {got}, want {want}"))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::sync::atomic::{AtomicU64, Ordering::Relaxed};
    use std::sync::{Condvar, Mutex};

    #[test]
    fn portions_are_all_of_it() {
        for n in [1, 2, 7, 64, 100, 101] {
            for threads in [1, 2, 3, 8, 100, 200] {
                let all: u64 = (0..threads).map(|i| portion(n, threads, i)).sum();
                assert_eq!(all, n, "{threads} threads");
                let (first, last) = (portion(n, threads, 0), portion(n, threads, threads - 1));
                assert!(
                    first - last <= 1,
                    "{n} on {threads} threads: {first}, {last}"
                );
            }
        }
    }

    #[test]
    fn every_thread_works_once() {
        let done = Arc::new([const { AtomicU64::new(0) }; 16]);
        share(16, &done, |done, i| {
            done[i].fetch_add(1, Relaxed);
        })
        .unwrap();
        assert!(done.iter().all(|d| d.load(Relaxed) == 1));
    }

    #[test]
    fn time_is_that_of_all() {
        // Each thread notes when it was at work. None ends before all have begun.
        let state = Arc::new((Barrier::new(3), Mutex::new(Vec::new())));
        let took = share(3, &state, |(all, times), _| {
            times.lock().unwrap().push(Instant::now());
            all.wait();
            times.lock().unwrap().push(Instant::now());
        });
        let times = state.1.lock().unwrap();
        let first = times.iter().min().unwrap();
        let last = times.iter().max().unwrap();
        assert!(took.unwrap() >= *last - *first);
    }

    #[test]
    fn panic_does_not_hang() {
        let state = Arc::new((Mutex::new(false), Condvar::new()));
        let took = share(3, &state, |(m, changed), i| {
            if i == 1 {
                panic!("number {i}");
            }
            let never = changed.wait_while(m.lock().unwrap(), |done| !*done);
            drop(never);
        });
        assert_eq!(took, Err("panic: number 1".into()));
    }
}
