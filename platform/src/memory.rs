//! The memory of this instance.

/// Bytes of linear memory. It never shrinks, so this is the most that was in use so far; 0 off wasm.
pub fn memory() -> usize {
    #[cfg(target_arch = "wasm32")]
    let pages = std::arch::wasm32::memory_size(0);
    #[cfg(not(target_arch = "wasm32"))]
    let pages = 0;
    pages * 65_536
}
