// Brings the local database up to date before the Workers start.
import { createHash } from 'node:crypto';
import { spawn } from 'node:child_process';
import { existsSync, readFileSync, readdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

/** Applies what is new in `migrations/`. A stamp in the state folder saves the second that wrangler takes to find out. */
export async function migrate({ root, config, stateDir }) {
  const stamp = join(stateDir, 'data', 'migrations.applied');
  const wanted = fingerprint(join(root, 'migrations'));
  if (existsSync(stamp) && readFileSync(stamp, 'utf8') === wanted) return;

  const cli = join(root, 'node_modules/wrangler/wrangler-dist/cli.js');
  const args = ['d1', 'migrations', 'apply', 'monotask', '--local', '--persist-to', join(stateDir, 'data'), '-c', config];
  await run(process.execPath, [cli, ...args], root);
  writeFileSync(stamp, wanted);
}

function fingerprint(folder) {
  const hash = createHash('sha256');
  for (const name of readdirSync(folder).sort()) hash.update(name).update(readFileSync(join(folder, name)));
  return hash.digest('hex');
}

/** Runs a command that asks nothing; throws what it printed if it fails. */
function run(program, args, cwd) {
  const env = { ...process.env, WRANGLER_SEND_METRICS: 'false', WRANGLER_HIDE_BANNER: 'true', NO_COLOR: '1', CI: '1' };
  return new Promise((resolve, reject) => {
    const child = spawn(program, args, { cwd, env, stdio: ['ignore', 'pipe', 'pipe'] });
    let output = '';
    for (const stream of [child.stdout, child.stderr]) stream.on('data', (text) => (output += text));
    child.once('error', reject);
    child.once('exit', (code) => (code === 0 ? resolve() : reject(new Error(`the migrations failed:\n${output}`))));
  });
}
