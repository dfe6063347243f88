//! Reads a stream of bytes in pieces as large as its reader wants. `worker` reads what comes, 4 KB at a time, which takes
//! three times as long.

use js_sys::{Object, Promise, Reflect, Uint8Array};
use wasm_bindgen::prelude::*;
use wasm_bindgen_futures::JsFuture;

#[wasm_bindgen]
extern "C" {
    #[wasm_bindgen(extends = Object)]
    type RawStream;

    #[wasm_bindgen(method, catch, js_name = getReader)]
    fn get_reader(this: &RawStream, options: &JsValue) -> Result<RawReader, JsValue>;

    #[derive(Debug)]
    #[wasm_bindgen(extends = Object)]
    type RawReader;

    /// The runtime's own: resolves once `least` bytes are there, or the stream has ended.
    /// <https://developers.cloudflare.com/workers/runtime-apis/streams/readablestreambyobreader/#methods>
    #[wasm_bindgen(method, catch, js_name = readAtLeast)]
    fn read_at_least(this: &RawReader, least: u32, into: Uint8Array) -> Result<Promise, JsValue>;
}

/// Pieces of a stream.
#[derive(Debug)]
pub struct Pieces {
    reader: RawReader,
    bytes: u32,
}

impl Pieces {
    /// Reads `stream`, a `ReadableStream` of bytes, in pieces of `bytes`; only the last one is shorter.
    ///
    /// # Errors
    /// What the runtime says.
    pub fn of(stream: impl Into<JsValue>, bytes: u32) -> worker::Result<Self> {
        let options = Object::new();
        Reflect::set(&options, &"mode".into(), &"byob".into())?;
        let stream: RawStream = stream.into().unchecked_into();
        Ok(Self { reader: stream.get_reader(&options)?, bytes })
    }

    /// The next piece; `None` at the end.
    ///
    /// # Errors
    /// What the runtime says: the stream broke off.
    pub async fn next(&mut self) -> worker::Result<Option<Uint8Array>> {
        let read = self.reader.read_at_least(self.bytes, Uint8Array::new_with_length(self.bytes))?;
        let read = JsFuture::from(read).await?;
        let piece: Option<Uint8Array> = Reflect::get(&read, &"value".into())?.dyn_into().ok();
        Ok(piece.filter(|piece| piece.length() > 0))
    }
}
