//! Arc and Weak.

use std::hint::black_box;
use std::sync::atomic::{AtomicBool, Ordering::Relaxed};
use std::sync::{Arc, RwLock, Weak};
use std::thread;
use std::time::Duration;

use crate::lap::{check, per_op, portion, reason, share, timed, Figure};

// black_box keeps the compiler from looking into the handle between its making and its drop.

#[inline(never)]
fn clone(a: &Arc<u64>) {
    drop(black_box(Arc::clone(a)));
}

#[inline(never)]
fn upgrade(w: &Weak<u64>) {
    drop(black_box(w.upgrade()));
}

#[inline(never)]
fn downgrade(a: &Arc<u64>) {
    drop(black_box(Arc::downgrade(a)));
}

/// What many read and one replaces.
struct Config {
    a: u64,
    s: String,
}

impl Config {
    fn new(a: u64) -> Arc<Config> {
        let s = format!("configuration {a}");
        Arc::new(Config { a, s })
    }
}

/// The current configuration. The standard library has no Arc that can be swapped atomically:
/// this is how it is done without another crate.
struct Current(RwLock<Arc<Config>>);

impl Current {
    #[inline(never)]
    fn load(&self) -> Arc<Config> {
        self.0.read().unwrap().clone()
    }

    #[inline(never)]
    fn store(&self, config: Arc<Config>) {
        let old = std::mem::replace(&mut *self.0.write().unwrap(), config);
        drop(old); // without the lock: this may be its last owner
    }
}

/// Count/clone
pub fn count_clone(n: u64) -> Figure {
    let a = Arc::new(7);
    let took = timed(n, || clone(black_box(&a)));
    check("owners", Arc::strong_count(&a) as u64, 1)?;
    Ok(took)
}

/// Count/upgrade
pub fn count_upgrade(n: u64) -> Figure {
    let a = Arc::new(7);
    let w = Arc::downgrade(&a);
    let took = timed(n, || upgrade(black_box(&w)));
    check("owners", Arc::strong_count(&a) as u64, 1)?;
    Ok(took)
}

/// Count/downgrade
pub fn count_downgrade(n: u64) -> Figure {
    let a = Arc::new(7);
    let took = timed(n, || downgrade(black_box(&a)));
    check("weak handles", Arc::weak_count(&a) as u64, 0)?;
    Ok(took)
}

#[inline(never)]
fn take(current: &Current) {
    let config = current.load();
    black_box(config.a);
}

/// Count/load
pub fn count_load(n: u64) -> Figure {
    let current = Current(RwLock::new(Config::new(0)));
    let took = timed(n, || take(black_box(&current)));
    check("owners", Arc::strong_count(&current.load()) as u64, 2)?;
    Ok(took)
}

/// Owners/THREADS
pub fn owners(threads: usize, n: u64) -> Figure {
    let a = Arc::new(Arc::new(7));
    let took = share(threads, &a, move |a, i| {
        for _ in 0..portion(n, threads, i) {
            clone(a);
        }
    })?;
    check("owners", Arc::strong_count(&*a) as u64, 1)?;
    Ok(per_op(took, n))
}

/// Swap/READERS
pub fn swap(readers: usize, n: u64) -> Figure {
    let current = Arc::new(Current(RwLock::new(Config::new(0))));
    let stop = Arc::new(AtomicBool::new(false));
    let writer = {
        let (current, stop) = (current.clone(), stop.clone());
        let body = move || {
            let mut stored = 0;
            while !stop.load(Relaxed) {
                thread::sleep(Duration::from_millis(1));
                stored += 1;
                current.store(Config::new(stored));
            }
            stored
        };
        thread::Builder::new()
            .spawn(body)
            .map_err(|err| format!("writer: {err}"))?
    };
    let took = share(readers, &current, move |current, i| {
        for _ in 0..portion(n, readers, i) {
            let config = current.load();
            black_box(config.a);
        }
    });
    stop.store(true, Relaxed); // also if a reader failed
    let stored = writer.join().map_err(|panic| reason(&*panic))?;
    let took = took?;
    let last = current.load();
    check("stored", last.a, stored)?;
    if last.s != Config::new(stored).s {
        return Err(format!("text of configuration {stored}: {:?}", last.s));
    }
    check("owners", Arc::strong_count(&last) as u64, 2)?; // and that in current
    Ok(per_op(took, n))
}
