// node --test 'scripts/dev/*.test.mjs'
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Queues } from './queues.mjs';

/** What is stalled after these signals, each with its second, at the second `now`. */
function stalledAfter(signals, now) {
  const queues = new Queues();
  for (const [at, signal, queue = 'a'] of signals) queues.observe({ signal, queue }, at * 1_000);
  return queues.stalled(now * 1_000);
}

test('a queue that ignores a probe is stalled', () => {
  assert.equal(stalledAfter([[0, 'batch_begins'], [1, 'batch_ends'], [5, 'probe']], 14), undefined);
  assert.equal(stalledAfter([[0, 'batch_begins'], [1, 'batch_ends'], [5, 'probe']], 16), 'a');
  assert.equal(stalledAfter([[5, 'probe'], [14, 'probe']], 16), 'a', 'a second probe buys no time');
});

test('a queue that delivers is not stalled, however far behind it is', () => {
  assert.equal(stalledAfter([[5, 'probe'], [12, 'batch_begins'], [13, 'batch_ends']], 20), undefined);
  assert.equal(stalledAfter([[0, 'batch_begins'], [5, 'probe']], 300), undefined, 'a batch that takes long');
  assert.equal(stalledAfter([[0, 'batch_begins'], [5, 'probe'], [290, 'batch_ends']], 299), undefined);
});

test('a batch that died with its Worker does not hide a stalled queue for ever', () => {
  assert.equal(stalledAfter([[0, 'batch_begins'], [5, 'probe']], 901), 'a');
});

test('queues are told apart', () => {
  assert.equal(stalledAfter([[0, 'batch_begins', 'a'], [0, 'probe', 'b']], 20), 'b');
});

test('a queue that nobody sends to is not stalled', () => {
  assert.equal(stalledAfter([[0, 'batch_begins'], [1, 'batch_ends']], 10_000), undefined);
});
