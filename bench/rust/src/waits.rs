//! Threads that wait for each other: a Mutex with a Condvar.

use std::collections::VecDeque;
use std::sync::atomic::{AtomicU64, Ordering::Relaxed};
use std::sync::{Arc, Condvar, Mutex};

use crate::lap::{check, per_op, portion, share, Figure};

/// Two that take turns: thread 0 counts from even numbers, thread 1 from odd ones.
#[derive(Default)]
struct Turns {
    turn: Mutex<u64>,
    changed: Condvar,
}

impl Turns {
    #[inline(never)]
    fn take(&self, who: u64) {
        let turn = self.turn.lock().unwrap();
        let mut turn = self.changed.wait_while(turn, |t| *t % 2 != who).unwrap();
        *turn += 1;
        drop(turn); // first: the other would wake up only to wait for the lock
        self.changed.notify_one();
    }
}

/// A bounded queue.
#[derive(Default)]
struct Queue {
    items: Mutex<VecDeque<u64>>,
    not_full: Condvar,
    not_empty: Condvar,
}

impl Queue {
    const BOUND: usize = 64;

    fn new() -> Queue {
        Queue {
            items: Mutex::new(VecDeque::with_capacity(Queue::BOUND)),
            ..Queue::default()
        }
    }

    #[inline(never)]
    fn put(&self, item: u64) {
        let items = self.items.lock().unwrap();
        let mut items = self
            .not_full
            .wait_while(items, |q| q.len() >= Queue::BOUND)
            .unwrap();
        items.push_back(item);
        drop(items);
        self.not_empty.notify_one();
    }

    #[inline(never)]
    fn take(&self) -> u64 {
        let items = self.items.lock().unwrap();
        let mut items = self.not_empty.wait_while(items, |q| q.is_empty()).unwrap();
        let item = items.pop_front().unwrap();
        drop(items);
        self.not_full.notify_one();
        item
    }
}

/// Turns/2
pub fn turns(n: u64) -> Figure {
    let turns = Arc::new(Turns::default());
    let took = share(2, &turns, move |turns, i| {
        for _ in 0..portion(n, 2, i) {
            turns.take(i as u64);
        }
    })?;
    let taken = *turns.turn.lock().map_err(|err| err.to_string())?;
    check("turns", taken, n)?;
    Ok(per_op(took, n))
}

/// Queue/PRODUCERSxCONSUMERS
pub fn queue(producers: usize, consumers: usize, n: u64) -> Figure {
    let all = Arc::new((Queue::new(), AtomicU64::new(0)));
    let took = share(producers + consumers, &all, move |(queue, sum), i| {
        if i < producers {
            for item in items(n, producers, i) {
                queue.put(item);
            }
        } else {
            let mut own = 0u64;
            for _ in 0..portion(n, consumers, i - producers) {
                own = own.wrapping_add(queue.take());
            }
            sum.fetch_add(own, Relaxed);
        }
    })?;
    let (queue, sum) = &*all;
    let left = queue.items.lock().map_err(|err| err.to_string())?.len();
    check("items left", left as u64, 0)?;
    let want = u128::from(n) * u128::from(n - 1) / 2;
    check("sum", sum.load(Relaxed), want as u64)?; // both wrap around
    Ok(per_op(took, n))
}

/// The items of producer i. All together they are 0 to n - 1.
fn items(n: u64, producers: usize, i: usize) -> std::ops::Range<u64> {
    let begin = (0..i).map(|j| portion(n, producers, j)).sum();
    begin..begin + portion(n, producers, i)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_item_is_taken_once() {
        const N: u64 = 10_000;
        for (producers, consumers) in [(1, 1), (4, 4), (3, 1), (1, 5)] {
            let all = Arc::new((Queue::new(), Mutex::new(Vec::new())));
            share(producers + consumers, &all, move |(queue, taken), i| {
                if i < producers {
                    for item in items(N, producers, i) {
                        queue.put(item);
                    }
                } else {
                    let own: Vec<u64> = (0..portion(N, consumers, i - producers))
                        .map(|_| queue.take())
                        .collect();
                    taken.lock().unwrap().extend(own);
                }
            })
            .unwrap();
            let mut taken = all.1.lock().unwrap().clone();
            taken.sort_unstable();
            assert!(taken.into_iter().eq(0..N), "{producers}x{consumers}");
        }
    }

    #[test]
    fn queue_is_bounded_and_in_order() {
        let all = Arc::new((Queue::new(), AtomicU64::new(0)));
        share(2, &all, |(queue, longest), i| {
            for item in 0..5_000 {
                if i == 0 {
                    queue.put(item);
                } else {
                    let len = queue.items.lock().unwrap().len() as u64;
                    longest.fetch_max(len, Relaxed);
                    assert_eq!(queue.take(), item);
                }
            }
        })
        .unwrap();
        assert!(all.1.load(Relaxed) <= Queue::BOUND as u64);
    }
}
