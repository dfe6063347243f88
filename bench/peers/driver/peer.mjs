// One run of one peer, as the harness sees it: lines of JSON on stdout, an end in bounded time, nothing left behind.
import { setTimeout as sleep } from 'node:timers/promises';
import { readOptions } from './options.mjs';
import { Processes } from './processes.mjs';
import { makeTasks, makeWarmUp } from './tasks.mjs';

/** As MonoTask's (bench/src/monotask.rs): enough for what is compiled while it runs to be compiled well. */
const WARM_UP_TASKS = { 'no-op': 50_000, 'http.request': 1_000 };
/** The harness asks for at most one look every 10 ms. */
const POLL_MILLISECONDS = 10;
const STUCK_MILLISECONDS = 60_000;
const MAX_MILLISECONDS = 590_000;
const START_MILLISECONDS = 60_000;

/**
 * Runs `peer` as the command line asks.
 * @param peer `{ missing(): string | undefined, open(options, processes): Promise<System> }`. A System has
 *   `versions`, `settings` (what was run, for the report);
 *   `prepare(tasks)`: the tasks in the form its users hold them in, made before the clock starts;
 *   `submit(prepared)`: resolves when all are promised;
 *   `settled()`: how many tasks the system itself says are done, warm-ups too;
 *   `ran()`: `{ distinct, repeated }`, the numbered tasks that ran, and those of them that ran more than once;
 *   `submitAndWait(prepared task)`: resolves when that one is settled;
 *   `close()`, if it has connections that would complain when their server ends.
 */
export async function runPeer(peer) {
  const options = readOptions(process.argv.slice(2));
  const skipped = peer.missing();
  if (skipped) return say({ skipped });

  const processes = new Processes(options.stateDir);
  const ended = endsEarly();
  try {
    await Promise.race([ended, measureWith(peer, options, processes)]);
  } finally {
    await processes.stop();
  }
}

/** Runs `peer`, and turns what goes wrong into an exit code and a message. */
export function main(peer) {
  runPeer(peer).then(
    () => process.exit(0),
    (error) => {
      console.error(error.message);
      process.exit(error.exitCode ?? 1);
    },
  );
}

async function measureWith(peer, options, processes) {
  const kind = options.sink ? 'http.request' : 'no-op';
  const { broken } = processes;
  const system = await Promise.race([broken, within(START_MILLISECONDS, 'the start', peer.open(options, processes))]);
  await Promise.race([broken, warmUp(system, makeWarmUp(WARM_UP_TASKS[kind], 116, kind))]);
  const before = await system.settled();
  const prepared = system.prepare(makeTasks(options.tasks, options.bytes, kind));
  say({ ready: true, processes: processes.list() });

  const measured =
    options.measure === 'bulk'
      ? await measureBulk(system, prepared, before, options.tasks, broken)
      : await Promise.race([broken, measureLatency(system, prepared)]);
  await system.close?.();
  say({ ...measured, versions: { ...system.versions, node: process.versions.node }, settings: system.settings });
}

async function warmUp(system, tasks) {
  const before = await system.settled();
  await system.submit(system.prepare(tasks));
  const waited = (async () => {
    while ((await system.settled()) - before < tasks.length) await sleep(POLL_MILLISECONDS);
  })();
  await within(START_MILLISECONDS, 'the warm-up', waited);
}

async function measureBulk(system, prepared, before, tasks, broken) {
  const start = performance.now();
  const since = () => round(performance.now() - start);
  let accepted = null;
  let settled = 0;
  let problem;
  const fails = (error) => {
    problem ??= error.message;
  };
  broken.catch(fails);
  system.submit(prepared).then(() => (accepted = since()), fails);

  let lastMove = 0;
  for (;;) {
    const now = await Promise.race([broken, system.settled()]).then((count) => count - before, fails);
    if (now > settled) {
      settled = now;
      lastMove = since();
    }
    if ((settled >= tasks && accepted !== null) || problem !== undefined) break;
    if (since() - lastMove > STUCK_MILLISECONDS) fails(new Error(`nothing moved for ${STUCK_MILLISECONDS / 1_000} s`));
    if (since() > MAX_MILLISECONDS) fails(new Error(`not done after ${Math.round(since() / 1_000)} s`));
    await sleep(POLL_MILLISECONDS);
  }
  const settledAt = since();

  const { distinct, repeated } = await within(STUCK_MILLISECONDS, 'the check of what ran', system.ran()).catch((error) => {
    fails(error);
    return { distinct: 0, repeated: 0 };
  });
  if (distinct < tasks) problem ??= `${tasks - distinct} tasks never ran`;
  if (problem !== undefined) return { done: false, tasks, distinct, repeated, accepted_ms: accepted, problem };
  return { done: true, tasks, distinct, repeated, accepted_ms: accepted, settled_ms: settledAt };
}

async function measureLatency(system, prepared) {
  const latencies = [];
  for (const task of prepared) {
    const start = performance.now();
    await within(STUCK_MILLISECONDS, 'a single task', system.submitAndWait(task));
    latencies.push(round(performance.now() - start));
  }
  return { done: true, latencies_ms: latencies };
}

/** Rejects when we are told to stop: by a signal, or by the end of stdin, which is the end of the one that started us. */
function endsEarly() {
  return new Promise((_, reject) => {
    const stop = (why, exitCode) => reject(Object.assign(new Error(`stopped: ${why}`), { exitCode }));
    process.on('SIGTERM', () => stop('SIGTERM', 143));
    process.on('SIGINT', () => stop('SIGINT', 130));
    process.stdin.resume();
    process.stdin.on('end', () => stop('stdin was closed', 1));
    process.stdin.on('error', () => stop('stdin broke', 1));
  });
}

async function within(milliseconds, what, promise) {
  const timer = new AbortController();
  const late = sleep(milliseconds, undefined, { signal: timer.signal }).then(() => {
    throw new Error(`${what} took longer than ${milliseconds / 1_000} s`);
  });
  late.catch(() => {});
  try {
    return await Promise.race([promise, late]);
  } finally {
    timer.abort();
  }
}

function round(milliseconds) {
  return Math.round(milliseconds * 100) / 100;
}

function say(line) {
  process.stdout.write(`${JSON.stringify(line)}\n`);
}
