// Ends the supervisor with the process that started it (`make`).
import { catchesInterrupt } from './processes.mjs';

const POLL_MILLISECONDS = 300;

/** Calls `stop` once when the parent is gone, or was interrupted and now waits for us. */
export function followParent(stop) {
  const parent = process.ppid;
  const caughtAtStart = catchesInterrupt(parent);
  const timer = setInterval(() => {
    // make does not pass on a SIGINT that was sent to it alone. It resets its handler and waits for its children.
    const interrupted = caughtAtStart && catchesInterrupt(parent) === false;
    if (process.ppid === parent && !interrupted) return;
    clearInterval(timer);
    stop();
  }, POLL_MILLISECONDS);
  timer.unref();
}
