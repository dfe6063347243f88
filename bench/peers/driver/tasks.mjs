// The tasks that every peer is given: the plain objects its users would have.

/** Warm-ups have numbers, and so orders, that no counted task has. */
export const FIRST_WARM_UP = 90_000_000;

/** Tasks `0..count`; the line of each, as `{"kind":…,"payload":{…}}`, has `bytes` bytes. */
export function makeTasks(count, bytes, kind) {
  return Array.from({ length: count }, (_, number) => makeTask(number, bytes, kind, 'order'));
}

/** Tasks that nobody counts: they have the form of the others and say in `ref` what they are. */
export function makeWarmUp(count, bytes, kind) {
  return Array.from({ length: count }, (_, number) => makeTask(FIRST_WARM_UP + number, bytes, kind, 'warm'));
}

/** The number of a task, or undefined for a warm-up. */
export function numberOf(payload) {
  return payload.ref.startsWith('order-') ? Number(payload.ref.slice('order-'.length)) : undefined;
}

function makeTask(number, bytes, kind, ref) {
  const payload = {
    order: `${String(number).padStart(8, '0')}-${hash(number)}`,
    total: (number % 1_000) + 0.25,
    ref: `${ref}-${number}`,
    pad: '',
  };
  const task = { kind, payload };
  payload.pad = 'x'.repeat(Math.max(0, bytes - JSON.stringify(task).length));
  return task;
}

/** Eight hex digits that look random and are the same in each run (Knuth's multiplicative hash). */
function hash(number) {
  return (Math.imul(number + 1, 0x9e3779b1) >>> 0).toString(16).padStart(8, '0');
}
