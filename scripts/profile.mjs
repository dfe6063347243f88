// Where the time goes in the Workers of a running `make dev`: which functions they were in, for some seconds.
//   KEEP_NAMES=1 scripts/build.sh
//   node scripts/dev.mjs --build-dir producers=build-names --build-dir consumers=build-names --build-dir ledger=build-names
//   node scripts/profile.mjs --seconds 10        (in another terminal, while it works)
// All Workers share a thread, and V8 takes the time that one waits for another for time in the first: what is in WebAssembly
// is exact, what JavaScript spent around a call out is too high. `perf record -p <workerd>` says what is native.
import { readFileSync } from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';
import { parseArgs } from 'node:util';
import { WebSocket } from 'ws';

/** Longer between two samples is somebody else's time: another Worker's, or nobody's. */
const LONGEST_MICROSECONDS = 1_000;
const SAMPLE_MICROSECONDS = 200;

/** The inspector of workerd: the port given, or the first on this machine that knows our Workers. Whoever else listens is
 *  asked too; a workerd complains of it in its log. */
async function inspector(given) {
  for (const port of given ? [given] : listening()) {
    const targets = await fetch(`http://127.0.0.1:${port}/json`, { signal: AbortSignal.timeout(500) })
      .then((answer) => answer.json())
      .catch(() => []);
    const ours = Array.isArray(targets) ? targets.filter((target) => /:user:monotask-/.test(target.id)) : [];
    if (ours.length > 0) return { port, targets: ours };
  }
  throw new Error('no workerd of ours was found. Start one with `make dev`, or say --port, its inspector port.');
}

/** Ports on this machine that somebody listens on, from /proc. */
function listening() {
  const rows = readFileSync('/proc/net/tcp', 'utf8').trim().split('\n').slice(1);
  const sockets = rows.map((row) => row.trim().split(/\s+/)).filter((columns) => columns[3] === '0A');
  return sockets.map((columns) => parseInt(columns[1].split(':')[1], 16));
}

/** The profiler of one Worker. */
class Session {
  static async open(port, worker) {
    const session = new Session();
    session.worker = worker.replace('core:user:monotask-', '');
    session.asked = 0;
    session.calls = new Map();
    session.socket = new WebSocket(`ws://127.0.0.1:${port}/${worker}`);
    session.socket.on('message', (text) => {
      const { id, result } = JSON.parse(text);
      session.calls.get(id)?.(result);
      session.calls.delete(id);
    });
    await new Promise((resolve, reject) => {
      session.socket.once('open', resolve);
      session.socket.once('error', reject);
    });
    return session;
  }

  async start() {
    await this.#call('Profiler.enable');
    await this.#call('Profiler.setSamplingInterval', { interval: SAMPLE_MICROSECONDS });
    await this.#call('Profiler.start');
  }

  async stop() {
    const { profile } = await this.#call('Profiler.stop');
    this.socket.close();
    return profile;
  }

  #call(method, params = {}) {
    const id = ++this.asked;
    this.socket.send(JSON.stringify({ id, method, params }));
    return new Promise((resolve) => this.calls.set(id, resolve));
  }
}

/** Milliseconds by function, most first. */
function print(worker, profile, top) {
  const nodes = new Map(profile.nodes.map((node) => [node.id, node.callFrame]));
  const spent = new Map();
  let wasm = 0;
  profile.samples.forEach((sample, at) => {
    const { functionName, url } = nodes.get(sample);
    if (functionName === '(idle)') return;
    const time = Math.min(profile.timeDeltas[at], LONGEST_MICROSECONDS);
    const isWasm = url.endsWith('.wasm') || url.startsWith('wasm:') || url.includes('.wasm-');
    if (isWasm) wasm += time;
    const name = `${isWasm ? 'wasm' : 'js  '} ${functionName.replace(/::h[0-9a-f]{16}$/, '') || '(anonymous)'}`;
    spent.set(name, (spent.get(name) ?? 0) + time);
  });
  const total = [...spent.values()].reduce((sum, time) => sum + time, 0);
  console.log(`\n${worker}: ${ms(total)} ms, ${ms(wasm)} of them in WebAssembly`);
  const sorted = [...spent].sort(([, a], [, b]) => b - a).slice(0, top);
  for (const [name, time] of sorted) console.log(`${ms(time).padStart(8)} ${name.slice(0, 130)}`);
}

function ms(microseconds) {
  return (microseconds / 1_000).toFixed(1);
}

async function main() {
  const { values } = parseArgs({
    options: {
      seconds: { type: 'string', default: '10' },
      top: { type: 'string', default: '20' },
      port: { type: 'string' },
    },
  });
  const [seconds, top] = [Number(values.seconds), Number(values.top)];
  if (!(seconds > 0 && top > 0)) throw new Error('--seconds and --top must be numbers above 0.');
  const { port, targets } = await inspector(values.port);
  const sessions = await Promise.all(targets.map((target) => Session.open(port, target.id)));
  for (const session of sessions) await session.start();
  console.log(`profiling for ${seconds} s`);
  await sleep(seconds * 1_000);
  for (const session of sessions) print(session.worker, await session.stop(), top);
}

await main().catch((error) => {
  console.error(`error: ${error.message}`);
  process.exitCode = 1;
});
