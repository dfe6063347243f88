// Development copies of the four wrangler.toml files, written into the state folder at each start.
// The committed files describe production and stay untouched; what differs in development is in this file only.
// `wrangler dev --var` would reach the first Worker alone, hence the copies.
import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { parse } from 'smol-toml';
import { WORKERS } from './options.mjs';

/** Seconds before a delivery that a consumer hands back comes again; 10 in production. */
const RETRY_DELAY_SECONDS = 1;

/** Variables passed on from the environment, when set, and the Workers that get them. */
const PASSED_ON = {
  LOG_LEVEL: WORKERS,
  API_KEYS: ['producers'],
  WEBHOOK_SECRET: ['consumers'],
  HTTP_ALLOWED_HOSTS: ['consumers'],
};

/** Writes the copies and returns their paths, the front door first. */
export function writeDevelopmentConfigs({ root, stateDir, buildDirs, env }) {
  const folder = join(stateDir, 'config');
  mkdirSync(folder, { recursive: true });
  return WORKERS.map((worker) => {
    const main = join(root, worker, buildDirs[worker], 'index.js');
    if (!existsSync(main)) throw new Error(`${main} is missing. Run: make build`);

    const config = parse(readFileSync(sourceOf(root, worker), 'utf8'));
    config.main = main;
    config.vars = { ...config.vars, ENVIRONMENT: 'development', ...passedOn(worker, env) };
    for (const consumer of config.queues?.consumers ?? []) consumer.retry_delay = RETRY_DELAY_SECONDS;

    const path = join(folder, `${worker}.json`);
    writeFileSync(path, JSON.stringify(config, null, 2));
    return path;
  });
}

function sourceOf(root, worker) {
  return worker === 'producers' ? join(root, 'wrangler.toml') : join(root, worker, 'wrangler.toml');
}

function passedOn(worker, env) {
  const vars = {};
  for (const [name, workers] of Object.entries(PASSED_ON)) {
    if (env[name] !== undefined && workers.includes(worker)) vars[name] = env[name];
  }
  return vars;
}
