//! What it costs to have a lock or a shared value at all.

use std::hint::black_box;
use std::sync::atomic::AtomicUsize;
use std::sync::{Arc, Mutex, RwLock};

use crate::lap::{timed, Figure};

#[inline(never)]
fn new_mutex() {
    drop(black_box(Box::new(Mutex::new(0u64))));
}

#[inline(never)]
fn new_arc() {
    drop(black_box(Arc::new(0u64)));
}

/// Create/mutex: on the heap, where it is in Go once it is shared.
pub fn create_mutex(n: u64) -> Figure {
    Ok(timed(n, new_mutex))
}

/// Create/arc
pub fn create_arc(n: u64) -> Figure {
    Ok(timed(n, new_arc))
}

/// Size/mutex: bytes of a lock, its value included.
pub fn size_mutex() -> f64 {
    size_of::<Mutex<u64>>() as f64
}

/// Size/rwlock: the same.
pub fn size_rwlock() -> f64 {
    size_of::<RwLock<u64>>() as f64
}

/// Size/arc: bytes on the heap, however many own the value: the counts of Arcs and of Weaks, and
/// the value.
pub fn size_arc() -> f64 {
    (2 * size_of::<AtomicUsize>() + size_of::<u64>()) as f64
}

/// Size/handle: bytes of one owner.
pub fn size_handle() -> f64 {
    size_of::<Arc<u64>>() as f64
}
