// One run of `wrangler dev`: all Workers in one workerd, with the processes that belong to it.
import { spawn } from 'node:child_process';
import { rmSync, mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { leashed, leashesForWrangler } from './leash.mjs';
import { routeLogs } from './logs.mjs';
import { HOST, becomesFree, freePort } from './ports.mjs';
import { descendants, kill } from './processes.mjs';
import { Queues } from './queues.mjs';

const STOP_MILLISECONDS = 5_000;
const POLL_MILLISECONDS = 400;

/** Starts wrangler; nothing of it outlives `stop`, `kill` or the death of this process. */
export async function startRuntime({ root, configs, port, stateDir, inspect }) {
  const scratch = ['registry', 'logs', 'tmp'].map((name) => join(stateDir, name));
  for (const folder of scratch) {
    rmSync(folder, { recursive: true, force: true });
    mkdirSync(folder, { recursive: true });
  }
  const [registry, logs, tmp] = scratch;

  const command = [process.execPath, join(root, 'node_modules/wrangler/wrangler-dist/cli.js'), 'dev'];
  for (const config of configs) command.push('-c', config);
  command.push('--ip', HOST, '--port', port, '--inspector-port', await freePort());
  command.push('--persist-to', join(stateDir, 'data'), '--show-interactive-dev-session=false');

  const [program, ...args] = leashed(command.map(String));
  const child = spawn(program, args, {
    cwd: root,
    stdio: ['ignore', 'pipe', 'pipe'],
    env: {
      ...process.env,
      ...leashesForWrangler(tmp),
      // Sessions that share a registry would find each other's Workers.
      WRANGLER_REGISTRY_PATH: registry,
      WRANGLER_LOG_PATH: logs,
      TMPDIR: tmp,
      // No calls to the outside.
      WRANGLER_HIDE_BANNER: 'true',
      WRANGLER_SEND_METRICS: 'false',
      CLOUDFLARE_CF_FETCH_ENABLED: 'false',
      // wrangler attaches a debugger to whichever Workers are up when it looks. One that is watched keeps a record of each
      // request: it is three to five times slower and grows by a gigabyte in a minute. wrangler leaves that to VS Code
      // where this is set, and has no flag for it.
      ...(inspect ? {} : { VSCODE_INSPECTOR_OPTIONS: 'off' }),
      NO_COLOR: '1',
      FORCE_COLOR: '0',
    },
  });
  const queues = new Queues();
  routeLogs(child.stdout, child.stderr, (record) => queues.observe(record, Date.now()));
  const ended = new Promise((resolve) => {
    child.once('exit', (code, signal) => resolve(`wrangler ended (${signal ?? `exit code ${code}`})`));
    child.once('error', (error) => resolve(`wrangler did not start: ${error.message}`));
  });

  // Once wrangler is gone its orphans can no longer be found through it.
  const family = new Set();
  const remember = () => {
    const found = descendants(child.pid);
    found.forEach((member) => family.add(member.identity));
    return found;
  };

  const end = async (signal) => {
    remember();
    child.kill(signal);
    const inTime = await Promise.race([ended, sleep(STOP_MILLISECONDS, undefined, { ref: false })]);
    if (inTime === undefined) child.kill('SIGKILL');
    await ended;
    kill(family);
    return becomesFree(port, STOP_MILLISECONDS);
  };

  return {
    /** Resolves to how wrangler ended. */
    ended,
    /**
     * Resolves once a workerd is gone, or to undefined when `signal` aborts. wrangler may start another one in its place, after a
     * crash or because a Worker was built again: the queues are empty then, and its proxy may hang, so the whole starts anew.
     */
    async crippled(signal) {
      const workerds = () => remember().filter((member) => member.name === 'workerd').map((member) => member.identity);
      for (const known = workerds(); !signal.aborted; ) {
        const now = new Set(workerds());
        if (!known.every((identity) => now.has(identity))) return 'workerd ended';
        await sleep(POLL_MILLISECONDS, undefined, { signal, ref: false }).catch(() => {});
      }
    },
    /** Resolves once a queue delivers nothing any more, or to undefined when `signal` aborts. */
    async stalled(signal) {
      while (!signal.aborted) {
        const queue = queues.stalled(Date.now());
        if (queue !== undefined) return `the queue ${queue} delivers nothing`;
        await sleep(POLL_MILLISECONDS, undefined, { signal, ref: false }).catch(() => {});
      }
    },
    /** Ends it as Ctrl-C would, at the latest after five seconds; resolves to whether the port is free. */
    stop: () => end('SIGTERM'),
    /** Ends it at once; resolves to whether the port is free. */
    kill: () => end('SIGKILL'),
  };
}
