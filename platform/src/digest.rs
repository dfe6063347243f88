//! SHA-256 by the runtime: over a body of 16 MiB many times as fast as in wasm.

use js_sys::{ArrayBuffer, Function, Promise, Reflect, Uint8Array, global};
use wasm_bindgen::JsCast;
use wasm_bindgen_futures::JsFuture;
use worker::Result;

/// The SHA-256 of `pieces` one after the other, in hexadecimal.
///
/// # Errors
/// What the runtime says.
pub async fn sha256_hex(pieces: &[&[u8]]) -> Result<String> {
    let total: usize = pieces.iter().map(|piece| piece.len()).sum();
    let input = Uint8Array::new_with_length(u32::try_from(total).unwrap_or(u32::MAX));
    let mut at = 0;
    for piece in pieces {
        let end = at + piece.len() as u32;
        input.subarray(at, end).copy_from(piece);
        at = end;
    }
    let subtle = Reflect::get(&Reflect::get(&global(), &"crypto".into())?, &"subtle".into())?;
    let digest: Function = Reflect::get(&subtle, &"digest".into())?.dyn_into()?;
    let promise: Promise = digest.call2(&subtle, &"SHA-256".into(), &input)?.dyn_into()?;
    let hash: ArrayBuffer = JsFuture::from(promise).await?.dyn_into()?;
    Ok(Uint8Array::new(&hash).to_vec().iter().map(|byte| format!("{byte:02x}")).collect())
}
