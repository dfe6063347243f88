// Development copies of the four wrangler.toml files, written into the state folder at each start.
// The committed files describe production and stay untouched; what differs in development is in this file only.
// `wrangler dev --var` would reach the first Worker alone, hence the copies.
import { chmodSync, existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { parse } from 'smol-toml';
import { WORKERS } from './options.mjs';

/** Signs requests where WEBHOOK_SECRET is not set: everybody knows it, so it is good for development only. */
const DEVELOPMENT_SECRET = `whsec_${Buffer.from('monotask-development-secret').toString('base64')}`;

/** Variables passed on from the environment, when set, and the Workers that get them. */
const PASSED_ON = {
  LOG_LEVEL: WORKERS,
  API_KEYS: ['producers'],
  TICK_TIME: ['producers'],
  // Heard by builds with the feature `faults` only.
  FAULTS: ['consumers'],
  WEBHOOK_SECRET: ['consumers'],
};

/** Writes the copies and returns their paths, the front door first. */
export function writeDevelopmentConfigs({ root, stateDir, buildDirs, env }) {
  const folder = join(stateDir, 'config');
  mkdirSync(folder, { recursive: true });
  const settings = parse(readFileSync(join(root, 'config/settings/development.toml'), 'utf8'));
  return WORKERS.map((worker) => {
    const main = join(root, worker, buildDirs[worker], 'index.js');
    if (!existsSync(main)) throw new Error(`${main} is missing. Run: make build`);

    const config = parse(readFileSync(sourceOf(root, worker), 'utf8'));
    config.main = main;
    config.vars = { ...config.vars, ENVIRONMENT: 'development', ...passedOn(worker, env) };
    for (const database of config.d1_databases ?? []) database.migrations_dir = join(root, 'migrations');
    // As production sets them where what counts is what they cost there.
    if (env.QUEUES !== 'production') {
      for (const consumer of config.queues?.consumers ?? []) Object.assign(consumer, queueSettings(settings, consumer.queue));
    }

    const path = join(folder, `${worker}.json`);
    // It may hold keys.
    writeFileSync(path, JSON.stringify(config, null, 2), { mode: 0o600 });
    chmodSync(path, 0o600);
    return path;
  });
}

function sourceOf(root, worker) {
  return worker === 'producers' ? join(root, 'wrangler.toml') : join(root, worker, 'wrangler.toml');
}

/** How development consumes a queue: the same words as in a wrangler file. */
function queueSettings(settings, queue) {
  const lane = queue.replace(/^monotask-/, '');
  return ['dead-letters', 'undelivered'].includes(lane) ? settings.dead_letters : settings.lanes[lane];
}

function passedOn(worker, env) {
  const vars = worker === 'consumers' ? { WEBHOOK_SECRET: DEVELOPMENT_SECRET } : {};
  for (const [name, workers] of Object.entries(PASSED_ON)) {
    if (env[name] !== undefined && workers.includes(worker)) vars[name] = env[name];
  }
  return vars;
}
