// Notices a local queue that delivers nothing any more. The broker of the local runtime can die for good in one queue, while
// all else goes on: docs/local-queues.md. Only a new runtime helps, on the same state: the ledgers send again what was
// in the queue.
//
// The Workers say what is needed, in their log: when a batch begins and ends, and when a ledger has sent a message to a
// queue that nothing has come from for a while (a probe). A queue that is merely behind goes on with batches, and a batch that
// takes long has not ended yet.

/** A probe that is not answered by a batch within this time counts as ignored. */
const PATIENCE_MILLISECONDS = 10_000;
/** No batch takes longer than the platform lets one run, 15 minutes: what has not ended by then died with its Worker. */
const LONGEST_BATCH_MILLISECONDS = 900_000;

/** What is known of the queues from the lines of the log. */
export class Queues {
  #queues = new Map();

  /** Takes one record of the log, at the time `now` in milliseconds. */
  observe({ signal, queue }, now) {
    const known = this.#queues.get(queue) ?? { running: 0, begun: -Infinity, probed: undefined };
    if (signal === 'batch_begins') this.#queues.set(queue, { running: known.running + 1, begun: now, probed: undefined });
    if (signal === 'batch_ends') this.#queues.set(queue, { ...known, running: Math.max(known.running - 1, 0), probed: undefined });
    if (signal === 'probe') this.#queues.set(queue, { ...known, probed: known.probed ?? now });
  }

  /** A queue that has ignored a probe, or undefined. */
  stalled(now) {
    for (const [queue, { running, begun, probed }] of this.#queues) {
      const isAtWork = running > 0 && now - begun < LONGEST_BATCH_MILLISECONDS;
      if (probed !== undefined && !isAtWork && now - probed > PATIENCE_MILLISECONDS) return queue;
    }
    return undefined;
  }
}
