//! A panic inside a Durable Object must not hang its caller or wedge its alarm.
//!
//! It does by default: a wasm panic leaves the object's promise pending for ever. So every call is polled under
//! [`guarded`], which notes whose turn it is, and the panic hook aborts that object: the caller gets an error at
//! once, the alarm is tried again by the platform, and what the turn had not yet flushed is rolled back.

use std::alloc::{GlobalAlloc, Layout, System};
use std::cell::RefCell;
use std::future::Future;
use std::panic::{PanicHookInfo, set_hook};
use std::pin::{Pin, pin};
use std::sync::Once;
use std::task::{Context, Poll};

use js_sys::{Function, Reflect, global};
use wasm_bindgen::{JsCast, JsValue};
use worker::State;

thread_local! {
    /// The object whose code runs now.
    static RUNNING: RefCell<Option<JsValue>> = const { RefCell::new(None) };
}

/// Runs `future` as code of the object that `state` belongs to.
pub async fn guarded<F: Future>(state: &State, future: F) -> F::Output {
    Guarded { state: JsValue::from(state.as_raw()), future: pin!(future) }.await
}

struct Guarded<'f, F> {
    state: JsValue,
    future: Pin<&'f mut F>,
}

impl<F: Future> Future for Guarded<'_, F> {
    type Output = F::Output;

    fn poll(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<F::Output> {
        RUNNING.with(|running| *running.borrow_mut() = Some(self.state.clone()));
        let polled = self.future.as_mut().poll(context);
        RUNNING.with(|running| *running.borrow_mut() = None);
        polled
    }
}

/// Logs panics and aborts the object that panicked, if one did.
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
    abort_running();
}

fn abort_running() {
    let running = RUNNING.with(|running| running.try_borrow_mut().ok().and_then(|mut running| running.take()));
    if let Some(Err(error)) = running.map(|state| abort_soon(&state)) {
        worker::console_log!("{{\"level\":\"ERROR\",\"message\":\"the object could not be aborted: {error:?}\"}}");
    }
}

/// The allocator of a Worker that has objects. Running out of memory is no panic, and would hang the caller and wedge
/// the alarm all the same: so it aborts the object too.
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
        abort_running();
    }
    pointer
}

/// Aborts the object in a microtask: called from inside the panic, the whole Worker would stay dead.
fn abort_soon(state: &JsValue) -> Result<(), JsValue> {
    let abort: Function = Reflect::get(state, &"abort".into())?.dyn_into()?;
    let bound = abort.bind1(state, &"panic in the object".into());
    let queue: Function = Reflect::get(&global(), &"queueMicrotask".into())?.dyn_into()?;
    queue.call1(&JsValue::UNDEFINED, &bound).map(drop)
}
