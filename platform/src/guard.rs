//! When code dies: a panic that aborts, or an allocation that fails, takes the whole instance of a Worker with it.
//!
//! The runtime does not notice: whatever is under way in that instance stays pending, callers of a Durable Object hang, its
//! alarm is wedged, a batch of a queue blocks its lane. So everything under way is on a list here, and the last thing the
//! dying instance does is to have each entry told: objects are aborted (their callers get an error at once, their alarm is
//! tried again by the platform, and what their turn had not yet flushed is rolled back), batches are rejected (they come
//! again).

use std::alloc::{GlobalAlloc, Layout, System};
use std::cell::RefCell;
use std::future::Future;
use std::panic::{AssertUnwindSafe, PanicHookInfo, set_hook};
use std::sync::Once;

use futures_util::future::FutureExt;
use js_sys::{Function, Promise, Reflect, global};
use wasm_bindgen::{JsCast, JsValue};
use wasm_bindgen_futures::spawn_local;
use worker::State;

thread_local! {
    /// What to call for each thing under way, should this instance die.
    static UNDER_WAY: RefCell<Entries> = const { RefCell::new(Entries { next: 0, last_words: Vec::new() }) };
}

struct Entries {
    next: u64,
    last_words: Vec<(u64, JsValue)>,
}

/// An entry of the list; taken off it when dropped.
struct Entry(u64);

impl Entry {
    fn add(last_words: impl Into<JsValue>) -> Self {
        UNDER_WAY.with_borrow_mut(|entries| {
            entries.next += 1;
            entries.last_words.push((entries.next, last_words.into()));
            Self(entries.next)
        })
    }
}

impl Drop for Entry {
    fn drop(&mut self) {
        UNDER_WAY.with_borrow_mut(|entries| entries.last_words.retain(|(entry, _)| *entry != self.0));
    }
}

/// Runs `future` as code of the object that `state` belongs to: if it dies the object is aborted.
pub async fn guarded<F: Future>(state: &State, future: F) -> F::Output {
    let state = JsValue::from(state.as_raw());
    let abort = Reflect::get(&state, &"abort".into()).and_then(|abort| abort.dyn_into::<Function>());
    let _entry = abort.ok().map(|abort| Entry::add(abort.bind1(&state, &"its instance died".into())));
    future.await
}

/// Runs `future` as one invocation of a Worker, which the runtime waits for: if it dies, or panics, the invocation fails.
pub fn invocation(future: impl Future<Output = ()> + 'static) -> Promise {
    let mut ends = None;
    let mut keep = AssertUnwindSafe(|resolve: Function, reject: Function| ends = Some((resolve, reject)));
    let promise = Promise::new(&mut move |resolve, reject| (*keep)(resolve.unchecked_into(), reject.unchecked_into()));
    // The closure is called before `new` returns.
    let Some((resolve, reject)) = ends else { return promise };
    let fail = reject.bind1(&JsValue::UNDEFINED, &"its instance died".into());
    let entry = Entry::add(fail);
    spawn_local(AssertUnwindSafe(async move {
        let ended = AssertUnwindSafe(future).catch_unwind().await;
        drop(entry);
        let told = match ended {
            Ok(()) => resolve.call0(&JsValue::UNDEFINED),
            Err(_) => reject.call1(&JsValue::UNDEFINED, &"a panic".into()),
        };
        if let Err(error) = told {
            tracing::error!(?error, "an invocation could not be ended");
        }
    }));
    promise
}

/// Logs panics, and has everything under way told where a panic is the end.
pub(crate) fn log_panics() {
    static SET: Once = Once::new();
    SET.call_once(|| {
        // The hook before is not called: a panic's message may quote a payload.
        set_hook(Box::new(on_panic));
    });
}

fn on_panic(info: &PanicHookInfo<'_>) {
    let place = info.location().map(ToString::to_string).unwrap_or_default();
    tracing::error!(place, "panic");
    if cfg!(panic = "abort") {
        say_last_words();
    }
}

/// In microtasks: called from inside the panic, the whole Worker would stay dead.
fn say_last_words() {
    let entries =
        UNDER_WAY.with(|entries| entries.try_borrow_mut().map(|mut entries| std::mem::take(&mut entries.last_words)));
    let queue = Reflect::get(&global(), &"queueMicrotask".into()).and_then(|queue| queue.dyn_into::<Function>());
    for (_, last_words) in entries.unwrap_or_default() {
        let said = queue.as_ref().map_err(Clone::clone).and_then(|queue| queue.call1(&JsValue::UNDEFINED, &last_words));
        if let Err(error) = said {
            worker::console_log!(
                "{{\"level\":\"ERROR\",\"message\":\"what is under way could not be ended: {error:?}\"}}"
            );
        }
    }
}

/// The system's allocator. Running out of memory is no panic, and is the end all the same.
#[derive(Debug)]
pub struct GuardedAllocator;

#[expect(unsafe_code, reason = "an allocator cannot be written without; it only passes on to the system's")]
// SAFETY: every call is passed on unchanged to `System`, which keeps the contract.
unsafe impl GlobalAlloc for GuardedAllocator {
    unsafe fn alloc(&self, layout: Layout) -> *mut u8 {
        // SAFETY: as above.
        checked(unsafe { System.alloc(layout) })
    }

    unsafe fn dealloc(&self, pointer: *mut u8, layout: Layout) {
        // SAFETY: as above.
        unsafe { System.dealloc(pointer, layout) }
    }

    unsafe fn realloc(&self, pointer: *mut u8, layout: Layout, size: usize) -> *mut u8 {
        // SAFETY: as above.
        checked(unsafe { System.realloc(pointer, layout, size) })
    }
}

fn checked(pointer: *mut u8) -> *mut u8 {
    if pointer.is_null() {
        say_last_words();
    }
    pointer
}
