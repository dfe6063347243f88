//! What `worker` 0.8.7 lacks of a Durable Object's storage.

use std::panic::AssertUnwindSafe;

use domain::time::Timestamp;
use js_sys::{Date, Object, Promise};
use wasm_bindgen::prelude::*;
use worker::{Result, State};

#[wasm_bindgen]
extern "C" {
    #[wasm_bindgen(extends = Object)]
    type RawStorage;

    #[wasm_bindgen(method, catch, js_name = transactionSync)]
    fn transaction_sync(
        this: &RawStorage,
        body: &mut dyn FnMut() -> std::result::Result<JsValue, JsValue>,
    ) -> std::result::Result<JsValue, JsValue>;

    #[wasm_bindgen(method, catch, js_name = setAlarm)]
    fn set_alarm(this: &RawStorage, at: &Date) -> std::result::Result<Promise, JsValue>;
}

fn raw(state: &State) -> std::result::Result<RawStorage, JsValue> {
    js_sys::Reflect::get(state.as_raw(), &"storage".into()).map(JsCast::unchecked_into)
}

/// Runs `body` in one transaction: all of its statements take effect, or none if it fails or panics. Statements
/// outside of one are not atomic, not even those of one string.
///
/// # Errors
/// What `body` or the runtime says.
pub fn transaction<T>(state: &State, mut body: impl FnMut() -> Result<T>) -> Result<T> {
    let mut output = None;
    // For a Worker that unwinds: a panic ends the transaction and comes out as an error, and nothing is read after it.
    let mut body = AssertUnwindSafe(|| match body() {
        Ok(value) => {
            output = Some(value);
            Ok(JsValue::UNDEFINED)
        }
        Err(error) => Err(error.into()),
    });
    raw(state)?.transaction_sync(&mut move || (*body)())?;
    output.ok_or_else(|| worker::Error::RustError("the transaction did not run".to_owned()))
}

/// Sets the object's alarm, in the same turn: called before the rows are written and not awaited in between, it
/// takes effect with them or not at all. A time that has passed is at once; the runtime takes any but zero.
///
/// # Errors
/// What the runtime says.
pub fn set_alarm(state: &State, at: Timestamp) -> Result<Promise> {
    Ok(raw(state)?.set_alarm(&Date::new(&JsValue::from_f64(at.as_millis().max(1) as f64)))?)
}
