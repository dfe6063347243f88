//! When code dies: a panic ends one call, an allocation that fails takes the whole instance of a Worker with it.
//!
//! Workers unwind: a panic is caught where a call enters, and the others in the same instance go on. The state of a Durable
//! Object may be half changed by then, so that object is aborted: its callers get an error at once, the platform tries its
//! alarm again, and what the turn had not yet flushed is rolled back.
//!
//! Running out of memory cannot be caught, and the runtime does not notice: whatever is under way in that instance stays
//! pending, callers of a Durable Object hang, its alarm is wedged, a batch of a queue blocks its lane. So everything under
//! way is on a list here, and the last thing the dying instance does is to have each entry told: objects are aborted,
//! batches and requests are rejected (batches come again).

use std::alloc::{GlobalAlloc, Layout, System};
use std::cell::RefCell;
use std::future::Future;
use std::panic::{AssertUnwindSafe, PanicHookInfo, resume_unwind, set_hook};
use std::sync::Once;

use futures_util::future::FutureExt;
use js_sys::{Function, Promise, Reflect, global};
use wasm_bindgen::{JsCast, JsValue};
use wasm_bindgen_futures::spawn_local;
use worker::worker_sys::Context;
use worker::{Response, State, web_sys};

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

/// Runs `future` as code of the object that `state` belongs to: if it panics or its instance dies, the object is aborted.
pub async fn guarded<F: Future>(state: &State, future: F) -> F::Output {
    let state = JsValue::from(state.as_raw());
    let abort = Reflect::get(&state, &"abort".into()).and_then(|abort| abort.dyn_into::<Function>());
    let abort = abort.ok().map(|abort| abort.bind1(&state, &"its code died".into()));
    let entry = abort.clone().map(Entry::add);
    let ended = AssertUnwindSafe(future).catch_unwind().await;
    drop(entry);
    ended.unwrap_or_else(|panic| {
        abort.into_iter().for_each(|abort| say(&abort.into()));
        resume_unwind(panic)
    })
}

/// Runs `future` as one request of a Worker: if it dies, or panics, its caller gets an error at once. Where the caller hangs
/// up it still runs to its end, for up to 30 seconds, so that what it holds is given back.
/// <https://developers.cloudflare.com/workers/runtime-apis/context/#waituntil>
pub fn request(context: &Context, future: impl Future<Output = worker::Result<Response>> + 'static) -> Promise {
    let answered = ending(async move { future.await.map(|response| web_sys::Response::from(response).into()) });
    if let Err(error) = context.wait_until(&answered) {
        tracing::error!(?error, "a request may end before its end");
    }
    answered
}

/// Runs `future` as one invocation of a Worker, which the runtime waits for: if it dies, or panics, the invocation fails.
pub fn invocation(future: impl Future<Output = ()> + 'static) -> Promise {
    ending(async move {
        future.await;
        Ok(JsValue::UNDEFINED)
    })
}

/// A promise of what `future` ends with. It is rejected if that panics, or its instance dies.
fn ending(future: impl Future<Output = worker::Result<JsValue>> + 'static) -> Promise {
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
            Ok(Ok(value)) => resolve.call1(&JsValue::UNDEFINED, &value),
            Ok(Err(error)) => reject.call1(&JsValue::UNDEFINED, &error.into()),
            Err(_) => reject.call1(&JsValue::UNDEFINED, &"a panic".into()),
        };
        if let Err(error) = told {
            tracing::error!(?error, "an invocation could not be ended");
        }
    }));
    promise
}

/// Logs panics without their message, which may quote a payload.
pub(crate) fn log_panics() {
    static SET: Once = Once::new();
    // The hook before is not called: it prints the message.
    SET.call_once(|| set_hook(Box::new(on_panic)));
}

fn on_panic(info: &PanicHookInfo<'_>) {
    let place = info.location().map(ToString::to_string).unwrap_or_default();
    tracing::error!(place, "panic");
}

fn say_last_words() {
    let entries =
        UNDER_WAY.with(|entries| entries.try_borrow_mut().map(|mut entries| std::mem::take(&mut entries.last_words)));
    for (_, last_words) in entries.unwrap_or_default() {
        say(&last_words);
    }
}

/// Calls `last_words` in a microtask: called from inside the code that dies, the whole Worker would stay dead.
fn say(last_words: &JsValue) {
    let queue = Reflect::get(&global(), &"queueMicrotask".into()).and_then(|queue| queue.dyn_into::<Function>());
    if let Err(error) = queue.and_then(|queue| queue.call1(&JsValue::UNDEFINED, last_words)) {
        worker::console_log!("{{\"level\":\"ERROR\",\"message\":\"what is under way could not be ended: {error:?}\"}}");
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
