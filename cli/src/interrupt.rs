//! What is said when Ctrl-C ends the command.

use std::sync::{Mutex, Once, PoisonError};

use crate::exit::Exit;

type LastWords = Box<dyn FnOnce() + Send>;

static LAST_WORDS: Mutex<Option<LastWords>> = Mutex::new(None);
static HANDLER: Once = Once::new();

/// From now on Ctrl-C says this before it ends the command. Without a handler the signal ends the process all the
/// same, with the same exit code.
pub(crate) fn on_interrupt(say: impl FnOnce() + Send + 'static) {
    *LAST_WORDS.lock().unwrap_or_else(PoisonError::into_inner) = Some(Box::new(say));
    HANDLER.call_once(|| {
        let _ = ctrlc::set_handler(|| {
            let last_words = LAST_WORDS.lock().unwrap_or_else(PoisonError::into_inner).take();
            if let Some(say) = last_words {
                say();
            }
            std::process::exit(Exit::Interrupted as i32);
        });
    });
}
