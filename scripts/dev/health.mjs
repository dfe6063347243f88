// Asks the front door whether it is alive.
import { get } from 'node:http';
import { setTimeout as sleep } from 'node:timers/promises';
import { HOST } from './ports.mjs';

/** workerd has one thread for everything: a busy moment delays the answer, so be patient before calling it hung. */
const TIMEOUT_MILLISECONDS = 5_000;
const PAUSE_MILLISECONDS = 1_000;
const PAUSE_AFTER_FAILURE_MILLISECONDS = 300;
/** A front door that answers with errors is sick after a second or two, a hung one after 15. */
const FAILURES_UNTIL_SICK = 3;
const START_MILLISECONDS = 60_000;

export const HEALTHY = Symbol('healthy');

/** Resolves to HEALTHY once the front door answers, or to what is wrong when it takes too long. */
export async function becomesHealthy(port, signal) {
  for (const end = Date.now() + START_MILLISECONDS; !signal.aborted; await sleep(100)) {
    const failure = await probe(port);
    if (failure === undefined) return HEALTHY;
    if (Date.now() > end) return `not ready after ${START_MILLISECONDS / 1_000} seconds: ${failure}`;
  }
}

/** Resolves to what is wrong once the front door fails for good, or to undefined when `signal` aborts. */
export async function becomesSick(port, signal) {
  for (let failures = 0; !signal.aborted; ) {
    const failure = await probe(port);
    failures = failure === undefined ? 0 : failures + 1;
    if (failures === FAILURES_UNTIL_SICK) return failure;
    const pause = failures > 0 ? PAUSE_AFTER_FAILURE_MILLISECONDS : PAUSE_MILLISECONDS;
    await sleep(pause, undefined, { signal, ref: false }).catch(() => {});
  }
}

/** Resolves to undefined when all is well, else to what is wrong. */
function probe(port) {
  return new Promise((resolve) => {
    const request = get({ host: HOST, port, path: '/v1/health', agent: false }, (response) => {
      response.resume();
      response.on('close', () => clearTimeout(timer));
      resolve(response.statusCode === 200 ? undefined : `health answered ${response.statusCode}`);
    });
    const timer = setTimeout(() => request.destroy(new Error('no answer in time')), TIMEOUT_MILLISECONDS);
    request.on('error', (error) => {
      clearTimeout(timer);
      resolve(`health check: ${error.code ?? error.message}`);
    });
  });
}
