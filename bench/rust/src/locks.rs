//! Mutex and RwLock, alone and between threads.

use std::collections::HashMap;
use std::hint::black_box;
use std::sync::{Arc, Mutex, OnceLock, RwLock};
use std::time::Instant;

use crate::lap::{check, per_op, portion, share, timed, Figure};

/// The keys of a map are 0 to KEYS - 1.
const KEYS: u64 = 64;

/// Who shares an RwLock.
const RW_THREADS: usize = 8;

type Map = HashMap<u64, u64>;

fn filled() -> Map {
    (0..KEYS).map(|k| (k, 0)).collect()
}

// The functions that are not inlined stand for the methods of a service that lock. The Go side
// has the same.

#[inline(never)]
fn increment(m: &Mutex<u64>) {
    *m.lock().unwrap() += 1;
}

#[inline(never)]
fn try_increment(m: &Mutex<u64>) {
    if let Ok(mut v) = m.try_lock() {
        *v += 1;
    }
}

#[inline(never)]
fn increment_and_spin(m: &Mutex<u64>, steps: u64) {
    let mut v = m.lock().unwrap();
    *v += 1;
    black_box(spin(steps));
}

#[inline(never)]
fn increment_key(m: &Mutex<Map>, key: u64) {
    *m.lock().unwrap().entry(key).or_insert(0) += 1;
}

#[inline(never)]
fn get_key(m: &Mutex<Map>, key: u64) -> Option<u64> {
    m.lock().unwrap().get(&key).copied()
}

#[inline(never)]
fn read(l: &RwLock<u64>) -> u64 {
    *l.read().unwrap()
}

#[inline(never)]
fn write(l: &RwLock<u64>) {
    *l.write().unwrap() += 1;
}

#[inline(never)]
fn read_key(l: &RwLock<Map>, key: u64) -> Option<u64> {
    l.read().unwrap().get(&key).copied()
}

#[inline(never)]
fn write_key(l: &RwLock<Map>, key: u64) {
    *l.write().unwrap().entry(key).or_insert(0) += 1;
}

/// Takes a time that does not depend on other threads: each step needs the one before it. The
/// shift keeps the compiler from making one step of several, which it does of x * 5 + 1 alone;
/// black_box in each step would too, but by way of memory, and then a step takes sometimes longer
/// and sometimes less.
#[inline(never)]
fn spin(steps: u64) -> u64 {
    let mut x = steps;
    for _ in 0..steps {
        x = (x ^ (x >> 7)).wrapping_mul(5).wrapping_add(1);
    }
    x
}

/// Returns how many steps of spin take about 200 ns. It finds that out once: call it before
/// anything is measured.
pub fn spin_steps() -> u64 {
    static STEPS: OnceLock<u64> = OnceLock::new();
    *STEPS.get_or_init(|| {
        const RUN: u64 = 100_000;
        let fastest = (0..50)
            .map(|_| {
                let begin = Instant::now();
                black_box(spin(black_box(RUN)));
                begin.elapsed()
            })
            .min()
            .unwrap_or_default();
        (200.0 / per_op(fastest, RUN)).round().clamp(1.0, 1e6) as u64
    })
}

/// Lock/increment
pub fn lock_increment(n: u64) -> Figure {
    let m = Mutex::new(0);
    let took = timed(n, || increment(black_box(&m)));
    check("increments", read_mutex(&m)?, n)?;
    Ok(took)
}

/// Lock/try
pub fn lock_try(n: u64) -> Figure {
    let m = Mutex::new(0);
    let took = timed(n, || try_increment(black_box(&m)));
    check("increments", read_mutex(&m)?, n)?;
    Ok(took)
}

/// Contended/empty/THREADS
pub fn contended_empty(threads: usize, n: u64) -> Figure {
    let m = Arc::new(Mutex::new(0));
    let took = share(threads, &m, move |m, i| {
        for _ in 0..portion(n, threads, i) {
            increment(m);
        }
    })?;
    check("increments", read_mutex(&m)?, n)?;
    Ok(per_op(took, n))
}

/// Contended/200ns/THREADS
pub fn contended_200ns(threads: usize, n: u64) -> Figure {
    let m = Arc::new(Mutex::new(0));
    let steps = spin_steps();
    let took = share(threads, &m, move |m, i| {
        for _ in 0..portion(n, threads, i) {
            increment_and_spin(m, steps);
        }
    })?;
    check("increments", read_mutex(&m)?, n)?;
    Ok(per_op(took, n))
}

/// Contended/map/THREADS
pub fn contended_map(threads: usize, n: u64) -> Figure {
    let m = Arc::new(Mutex::new(filled()));
    let took = share(threads, &m, move |m, i| {
        for k in 0..portion(n, threads, i) {
            increment_key(m, k % KEYS);
        }
    })?;
    let all = m.lock().map_err(|err| err.to_string())?.values().sum();
    check("increments", all, n)?;
    Ok(per_op(took, n))
}

/// RW/read
pub fn rw_read(n: u64) -> Figure {
    let l = RwLock::new(7);
    Ok(timed(n, || {
        black_box(read(black_box(&l)));
    }))
}

/// RW/write
pub fn rw_write(n: u64) -> Figure {
    let l = RwLock::new(0);
    let took = timed(n, || write(black_box(&l)));
    check("writes", *l.read().map_err(|err| err.to_string())?, n)?;
    Ok(took)
}

/// RW/READS: of 100 operations so many read.
pub fn rw_mix(reads: u64, n: u64) -> Figure {
    let l = Arc::new(RwLock::new(filled()));
    let took = share(RW_THREADS, &l, move |l, i| {
        for op in operations(n, i) {
            if is_write(op, reads) {
                write_key(l, op % KEYS);
            } else {
                black_box(read_key(l, op % KEYS));
            }
        }
    })?;
    let all = l.read().map_err(|err| err.to_string())?.values().sum();
    check("writes", all, writes(reads, n))?;
    Ok(per_op(took, n))
}

/// RW-mutex/READS: the same with a Mutex.
pub fn mutex_mix(reads: u64, n: u64) -> Figure {
    let m = Arc::new(Mutex::new(filled()));
    let took = share(RW_THREADS, &m, move |m, i| {
        for op in operations(n, i) {
            if is_write(op, reads) {
                increment_key(m, op % KEYS);
            } else {
                black_box(get_key(m, op % KEYS));
            }
        }
    })?;
    let all = m.lock().map_err(|err| err.to_string())?.values().sum();
    check("writes", all, writes(reads, n))?;
    Ok(per_op(took, n))
}

/// The numbers of the operations of thread i. They begin elsewhere for each, so that the threads
/// do not all write at the same time.
fn operations(n: u64, i: usize) -> std::ops::Range<u64> {
    let begin = i as u64 * 13;
    begin..begin + portion(n, RW_THREADS, i)
}

fn is_write(op: u64, reads: u64) -> bool {
    op % 100 >= reads
}

/// How many operations of all threads write.
fn writes(reads: u64, n: u64) -> u64 {
    // Of the numbers below x, these write.
    let below = |x: u64| x / 100 * (100 - reads) + (x % 100).saturating_sub(reads);
    (0..RW_THREADS)
        .map(|i| operations(n, i))
        .map(|r| below(r.end) - below(r.start))
        .sum()
}

fn read_mutex(m: &Mutex<u64>) -> Result<u64, String> {
    m.lock().map(|v| *v).map_err(|err| err.to_string())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn writes_are_counted_right() {
        for reads in [0, 50, 90, 99, 100] {
            for n in [1, 7, 100, 1234] {
                let counted = (0..RW_THREADS)
                    .flat_map(|i| operations(n, i))
                    .filter(|&op| is_write(op, reads))
                    .count();
                assert_eq!(writes(reads, n), counted as u64, "{reads} of 100, {n}");
            }
        }
    }

    #[test]
    fn lost_increment_is_found() {
        assert!(check("increments", 9, 10).is_err());
    }

    #[test]
    fn try_does_not_wait() {
        let m = Mutex::new(5);
        let held = m.lock().unwrap();
        try_increment(&m);
        drop(held);
        assert_eq!(read_mutex(&m), Ok(5));
        try_increment(&m);
        assert_eq!(read_mutex(&m), Ok(6));
    }

    #[test]
    fn poisoned_lap_is_an_error() {
        let m = Arc::new(Mutex::new(0u64));
        let took = share(4, &m, |m, i| {
            let held = m.lock().unwrap();
            assert!(i != 2, "thread {i} fails with the lock");
            drop(held);
        });
        assert!(took.unwrap_err().starts_with("panic: "));
        assert!(read_mutex(&m).unwrap_err().contains("poisoned"));
    }
}
