//! Messages as they arrive at a consumer.

use std::cell::Cell;
use std::time::Duration;

use domain::lane::Lane;
use domain::limits::queue_operations;
use js_sys::{Object, Reflect, Uint8Array};
use wasm_bindgen::prelude::*;
use worker::worker_sys::MessageBatch;

#[wasm_bindgen]
extern "C" {
    /// A queue message, with the count of deliveries that `worker` 0.8.7 does not show
    /// (<https://github.com/cloudflare/workers-rs/issues/1057>).
    type RawMessage;

    #[wasm_bindgen(method, getter)]
    fn id(this: &RawMessage) -> String;
    #[wasm_bindgen(method, getter)]
    fn attempts(this: &RawMessage) -> u32;
    #[wasm_bindgen(method, getter)]
    fn body(this: &RawMessage) -> JsValue;
    #[wasm_bindgen(method, catch)]
    fn ack(this: &RawMessage) -> Result<(), JsValue>;
    #[wasm_bindgen(method, catch)]
    fn retry(this: &RawMessage) -> Result<(), JsValue>;
    #[wasm_bindgen(method, catch, js_name = retry)]
    fn retry_with(this: &RawMessage, options: &Object) -> Result<(), JsValue>;
}

/// One message of a batch. It is acked or retried exactly once, by [`Message::settle`].
pub struct Message {
    raw: RawMessage,
    /// Its id, given by the queue.
    pub id: String,
    /// Which arrival of it this is; the first is 1.
    pub attempts: u32,
    /// Bytes of its body, once that was asked for.
    bytes: Cell<usize>,
}

/// What the queue is to do with a message.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Disposal {
    /// Forget it.
    Ack,
    /// Deliver it again after the queue's delay.
    Retry,
    /// Deliver it again after this long, in whole seconds.
    RetryIn(Duration),
}

/// Says in the log when work on a batch begins and ends, also where a panic ends it: scripts/dev/queues.mjs listens.
#[derive(Debug)]
pub struct BatchSignals<'q>(&'q str);

impl<'q> BatchSignals<'q> {
    /// Work on a batch of this queue begins; it ends when this is dropped.
    pub fn begin(queue: &'q str) -> Self {
        tracing::info!(signal = "batch_begins", queue, "a batch");
        Self(queue)
    }
}

impl Drop for BatchSignals<'_> {
    fn drop(&mut self) {
        tracing::info!(signal = "batch_ends", queue = self.0, "a batch");
    }
}

/// The body of a message.
pub enum Body {
    /// Text, as we send it.
    Text(String),
    /// Anything else, shown as text as well as it can be.
    Other(String),
}

impl Message {
    /// The body. Taken from the runtime when asked for, so that the bodies of a batch need not all be in memory.
    pub fn body(&self) -> Body {
        let body = self.raw.body();
        if let Some(text) = body.as_string() {
            self.bytes.set(text.len());
            return Body::Text(text);
        }
        let bytes = body.dyn_ref::<js_sys::ArrayBuffer>().map(|buffer| Uint8Array::new(buffer));
        match bytes.or_else(|| body.dyn_ref::<Uint8Array>().cloned()) {
            Some(bytes) => {
                self.bytes.set(bytes.length() as usize);
                Body::Other(String::from_utf8_lossy(&bytes.to_vec()).into_owned())
            }
            None => Body::Other(js_sys::JSON::stringify(&body).map_or_else(|_| format!("{body:?}"), String::from)),
        }
    }

    /// Tells the queue what to do with the message. A queue that cannot be told delivers it again: every handler is
    /// made for that, so it is logged and no more.
    pub fn settle(&self, disposal: Disposal) {
        let told = match disposal {
            Disposal::Ack => self.raw.ack(),
            Disposal::Retry => self.raw.retry(),
            Disposal::RetryIn(wait) => delayed_by(wait).and_then(|options| self.raw.retry_with(&options)),
        };
        if let Err(error) = told {
            tracing::error!(message_id = self.id, ?disposal, ?error, "the queue could not be told");
        } else {
            // Each delivery is billed as a read, an ack as a delete.
            tracing::debug!(operations = queue_operations(self.bytes.get()), ?disposal, "queue read");
        }
    }
}

/// <https://developers.cloudflare.com/queues/configuration/javascript-apis/#queueretryoptions>
fn delayed_by(wait: Duration) -> Result<Object, JsValue> {
    let options = Object::new();
    Reflect::set(&options, &"delaySeconds".into(), &(wait.as_secs() as f64).into())?;
    Ok(options)
}

/// The messages of a batch and the name of its queue.
///
/// # Errors
/// What the runtime says if it has none to give.
pub fn read(batch: &MessageBatch) -> Result<(String, Vec<Message>), JsValue> {
    let queue = batch.queue()?.into();
    let messages = batch.messages()?.into_iter().map(|value| {
        let raw: RawMessage = value.unchecked_into();
        Message { id: raw.id(), attempts: raw.attempts(), bytes: Cell::new(0), raw }
    });
    Ok((queue, messages.collect()))
}

/// Lets every message of a batch come again.
pub fn retry_all(batch: &MessageBatch) {
    if let Err(error) = batch.retry_all(JsValue::UNDEFINED) {
        tracing::error!(?error, "the queue could not be told");
    }
}

/// The lane of a queue by its name, `monotask-<lane>`; `None` if it is none of ours.
pub fn lane_of(queue: &str) -> Option<Lane> {
    let name = queue.strip_prefix("monotask-")?;
    Lane::ALL.into_iter().find(|lane| lane.name() == name)
}
