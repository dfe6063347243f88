//! Sending to queues: Text, in batches as large as the platform takes.

use domain::calls::OutgoingMessage;
use domain::limits::{MESSAGE_METADATA_BYTES, SEND_BATCH_BYTES, SEND_BATCH_MESSAGES, queue_operations};
use futures_util::stream::{self, StreamExt, TryStreamExt};
use js_sys::{Array, Object, Reflect};
use wasm_bindgen::{JsCast, JsValue};
use wasm_bindgen_futures::JsFuture;
use worker::worker_sys::Queue as RawQueue;
use worker::{Env, Queue};

use crate::retry::retry;

/// Batches that are on their way at once: the connections that one invocation may have open.
const AT_ONCE: usize = domain::limits::OPEN_CONNECTIONS;

/// Sends `messages`, each tried a few times. Their order is not kept.
///
/// # Errors
/// The first batch that could not be sent; others may have been.
pub async fn send(env: &Env, messages: impl IntoIterator<Item = OutgoingMessage>) -> Result<(), worker::Error> {
    let batches = Batches { messages: messages.into_iter(), next: None };
    stream::iter(batches).map(|batch| send_batch(env, batch)).buffer_unordered(AT_ONCE).try_collect().await
}

/// Messages of one queue that fit one `sendBatch`.
struct Batch {
    binding: &'static str,
    messages: Array,
    /// Write operations that the platform bills for them.
    operations: usize,
}

/// Cuts a run of messages into batches. A message is handed to the runtime when its batch is cut, so that the
/// memory here holds one at a time.
struct Batches<I> {
    messages: I,
    next: Option<OutgoingMessage>,
}

impl<I: Iterator<Item = OutgoingMessage>> Iterator for Batches<I> {
    type Item = Result<Batch, JsValue>;

    fn next(&mut self) -> Option<Self::Item> {
        let first = self.next.take().or_else(|| self.messages.next())?;
        let to = first.to;
        let mut bytes = first.body.len() + MESSAGE_METADATA_BYTES;
        let mut batch = Batch { binding: to.binding(), messages: Array::new(), operations: 0 };
        if let Err(error) = push(&mut batch, &first) {
            return Some(Err(error));
        }
        for message in self.messages.by_ref() {
            bytes += message.body.len() + MESSAGE_METADATA_BYTES;
            let fits = bytes <= SEND_BATCH_BYTES && (batch.messages.length() as usize) < SEND_BATCH_MESSAGES;
            if message.to != to || !fits {
                self.next = Some(message);
                break;
            }
            if let Err(error) = push(&mut batch, &message) {
                return Some(Err(error));
            }
        }
        Some(Ok(batch))
    }
}

fn push(batch: &mut Batch, message: &OutgoingMessage) -> Result<(), JsValue> {
    let entry = Object::new();
    Reflect::set(&entry, &"body".into(), &message.body.as_str().into())?;
    Reflect::set(&entry, &"contentType".into(), &"text".into())?;
    if message.delay_seconds > 0 {
        Reflect::set(&entry, &"delaySeconds".into(), &message.delay_seconds.into())?;
    }
    batch.messages.push(&entry);
    batch.operations += queue_operations(message.body.len());
    Ok(())
}

async fn send_batch(env: &Env, batch: Result<Batch, JsValue>) -> Result<(), worker::Error> {
    let batch = batch?;
    let queue: Queue = env.queue(batch.binding)?;
    let raw: RawQueue = JsValue::from(queue).unchecked_into();
    let result = retry(
        "queue",
        |_: &worker::Error| false,
        || async {
            let sent = raw.send_batch(batch.messages.clone(), JsValue::UNDEFINED)?;
            JsFuture::from(sent).await.map(drop).map_err(worker::Error::from)
        },
    );
    result.await?;
    tracing::debug!(
        queue = batch.binding,
        messages = batch.messages.length(),
        operations = batch.operations,
        "queue writes"
    );
    Ok(())
}
