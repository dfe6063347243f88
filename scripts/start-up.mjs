// How long each Worker takes to start: wrangler profiles its start, the shortest of three counts.
//   node scripts/start-up.mjs [--budget MS]       prints a line "<worker> <ms>" each; fails if one takes longer
import { execFile } from 'node:child_process';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseArgs, promisify } from 'node:util';

const RUNS = 3;
const root = resolve(dirname(fileURLToPath(import.meta.url)), '..');
const configs = {
  ledger: 'ledger/wrangler.toml',
  dlq: 'dlq/wrangler.toml',
  consumers: 'consumers/wrangler.toml',
  producers: 'wrangler.toml',
};
const { values } = parseArgs({ options: { budget: { type: 'string' } } });
const budget = values.budget === undefined ? Infinity : Number(values.budget);
if (Number.isNaN(budget)) throw new Error(`--budget ${values.budget} is no number of milliseconds`);

const folder = await mkdtemp(join(tmpdir(), 'start-up-'));
try {
  for (const [worker, config] of Object.entries(configs)) {
    let best = Infinity;
    for (let run = 0; run < RUNS; run++) best = Math.min(best, await startUp(config, join(folder, `${worker}-${run}`)));
    console.log(`${worker} ${best.toFixed(1)}`);
    if (best > budget) {
      console.error(`error: ${worker} takes ${best.toFixed(0)} ms to start; the budget is ${budget} ms`);
      process.exitCode = 1;
    }
  }
} finally {
  await rm(folder, { recursive: true, force: true });
}

async function startUp(config, outfile) {
  const wrangler = join(root, 'node_modules/wrangler/wrangler-dist/cli.js');
  const env = { ...process.env, WRANGLER_SEND_METRICS: 'false', CLOUDFLARE_CF_FETCH_ENABLED: 'false', CI: 'true' };
  const started = promisify(execFile)('node', [wrangler, 'check', 'startup', '-c', config, '--outfile', outfile], { cwd: root, env });
  started.child.stdin.end();
  await started;
  const profile = JSON.parse(await readFile(outfile, 'utf8'));
  // Microseconds.
  return (profile.endTime - profile.startTime) / 1_000;
}
