// What `make dev` can be told: environment for people and scripts, flags for tests.
import { parseArgs } from 'node:util';
import { resolve } from 'node:path';

export const WORKERS = ['producers', 'ledger', 'dlq', 'consumers'];

const USAGE = `usage: node scripts/dev.mjs [--front WRANGLER_TOML] [--build-dir WORKER=FOLDER]... [--stop-with-parent]
  --front             a Worker that gets the port instead of producers; it must answer GET /v1/health (or pass it on)
  --build-dir         run a Worker from <worker>/<FOLDER> instead of <worker>/build
  --stop-with-parent  stop when the starting process is gone or was interrupted
environment: PORT (8787), STATE_DIR (.state), LOG_LEVEL, INSPECT (1: with wrangler's debugger, several times slower), QUEUES (production: batches as
  there), TICK_TIME (any: ticks may lie in the future), and the variables listed in scripts/dev/configs.mjs`;

/** Reads flags and environment; throws an Error that says what to do. */
export function readOptions(argv, env) {
  let flags;
  try {
    flags = parseArgs({
      args: argv,
      options: {
        front: { type: 'string' },
        'build-dir': { type: 'string', multiple: true, default: [] },
        'stop-with-parent': { type: 'boolean', default: false },
      },
    }).values;
  } catch (error) {
    throw new Error(`${error.message}\n${USAGE}`);
  }

  const port = Number(env.PORT || 8787);
  if (!Number.isInteger(port) || port < 1 || port > 65535) {
    throw new Error(`PORT is "${env.PORT}"; it must be a number from 1 to 65535.`);
  }

  const buildDirs = Object.fromEntries(WORKERS.map((worker) => [worker, 'build']));
  for (const pair of flags['build-dir']) {
    const [worker, folder] = pair.split('=');
    if (!(worker in buildDirs) || !folder) {
      throw new Error(`--build-dir ${pair}: expected WORKER=FOLDER, WORKER one of ${WORKERS.join(', ')}.`);
    }
    buildDirs[worker] = folder;
  }

  return {
    port,
    stateDir: resolve(env.STATE_DIR || '.state'),
    inspect: env.INSPECT === '1',
    front: flags.front && resolve(flags.front),
    buildDirs,
    stopWithParent: flags['stop-with-parent'],
  };
}
