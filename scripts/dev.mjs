// Runs the whole pipeline on this machine until SIGINT or SIGTERM, and starts it again whenever it dies.
// `make dev` builds first, then runs this. Flags and environment: scripts/dev/options.mjs.
import { dirname, resolve } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { writeDevelopmentConfigs } from './dev/configs.mjs';
import { HEALTHY, becomesHealthy, becomesSick } from './dev/health.mjs';
import { say, warn } from './dev/logs.mjs';
import { migrate } from './dev/migrations.mjs';
import { readOptions } from './dev/options.mjs';
import { followParent } from './dev/parent.mjs';
import { isFree } from './dev/ports.mjs';
import { startRuntime } from './dev/runtime.mjs';
import { takeState } from './dev/state.mjs';
import { tickEveryMinute } from './dev/ticks.mjs';

const MAX_FAILED_STARTS = 5;
const root = resolve(dirname(fileURLToPath(import.meta.url)), '..');

const asked = new AbortController();
const stop = () => asked.abort();
const stopAsked = new Promise((resolve) => asked.signal.addEventListener('abort', () => resolve(undefined)));
for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP']) process.on(signal, stop);

try {
  const options = readOptions(process.argv.slice(2), process.env);
  if (options.stopWithParent) followParent(stop);
  if (!(await isFree(options.port))) {
    throw new Error(`port ${options.port} is in use. Stop what listens there, or choose another: PORT=8788 make dev`);
  }
  await takeState(options.stateDir);
  await supervise(options);
} catch (error) {
  warn(`error: ${error.message}`);
  process.exitCode = 1;
}
// Output that nobody reads must not keep us here.
setTimeout(() => process.exit(), 1_000).unref();

async function supervise({ port, stateDir, front, buildDirs, inspect }) {
  let wasReady = false;
  for (let failedStarts = 0; !asked.signal.aborted; ) {
    const configs = writeDevelopmentConfigs({ root, stateDir, buildDirs, env: process.env });
    const [producers] = configs;
    if (front) configs.unshift(front);
    await migrate({ root, config: producers, stateDir });
    const runtime = await startRuntime({ root, configs, port, stateDir, inspect });
    const { ready, failure } = await attend(runtime, port);
    if (failure === undefined) {
      await runtime.stop();
      return;
    }

    const portIsFree = await runtime.kill();
    if (!portIsFree) throw new Error(`port ${port} is still held after ${failure}.`);
    if (ready) wasReady = true;
    failedStarts = ready ? 0 : failedStarts + 1;
    // A first start that fails is a mistake in what was built or configured; trying again would only hide it.
    if (!wasReady) throw new Error(`MonoTask did not start: ${failure}.`);
    if (failedStarts === MAX_FAILED_STARTS) throw new Error(`giving up after ${failedStarts} failed starts: ${failure}.`);
    warn(`MonoTask: ${failure}; starting again on the same state`);
    await sleep(failedStarts * 1_000, undefined, { signal: asked.signal }).catch(() => {});
  }
}

/** Follows one run to its end. `failure` is undefined when the end was asked for. */
async function attend(runtime, port) {
  const over = new AbortController();
  let end = await Promise.race([stopAsked, runtime.ended, becomesHealthy(port, over.signal)]);
  const ready = end === HEALTHY;
  if (ready) {
    say(`MonoTask is ready on http://127.0.0.1:${port} (key: dev-key)`);
    tickEveryMinute(port, over.signal);
    end = await Promise.race([stopAsked, runtime.ended, runtime.crippled(over.signal), runtime.stalled(over.signal), becomesSick(port, over.signal)]);
  }
  over.abort();
  return { ready, failure: end };
}
