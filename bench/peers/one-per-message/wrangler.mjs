// `wrangler dev` of the repository's own wrangler, with everything it writes in the state folder.
import { copyFileSync, existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { join } from 'node:path';
import { freePort, HOST } from '../driver/ports.mjs';
import { leash } from '../driver/processes.mjs';

const here = import.meta.dirname;
const root = join(here, '../../..');
const require = createRequire(join(root, 'package.json'));

export function missingWrangler() {
  if (!existsSync(join(root, 'node_modules/wrangler'))) return `wrangler is not installed: npm ci --prefix ${root}`;
}

export function versionOf(name) {
  return JSON.parse(readFileSync(join(root, 'node_modules', name, 'package.json'), 'utf8')).version;
}

/** Starts it; resolves to its port. It does not listen there at once. */
export async function startWrangler(processes, stateDir, vars) {
  const folder = (name) => {
    const path = join(stateDir, name);
    mkdirSync(path);
    return path;
  };
  // Of a copy, because wrangler writes beside the file it is given.
  const worker = folder('worker');
  for (const file of ['worker.ts', 'wrangler.toml']) copyFileSync(join(here, file), join(worker, file));
  const [tmp, registry, logs] = ['tmp', 'registry', 'wrangler-logs'].map(folder);
  const port = await freePort();
  const command = [process.execPath, join(root, 'node_modules/wrangler/wrangler-dist/cli.js'), 'dev'];
  command.push('-c', join(worker, 'wrangler.toml'), '--persist-to', join(stateDir, 'data'));
  command.push('--ip', HOST, '--port', port, '--inspector-port', await freePort(), '--show-interactive-dev-session=false');
  for (const [name, value] of Object.entries(vars)) command.push('--var', `${name}:${value}`);

  processes.start('wrangler', command, {
    env: {
      MINIFLARE_WORKERD_PATH: leashed(tmp, 'workerd', require('workerd').default),
      ESBUILD_BINARY_PATH: leashed(tmp, 'esbuild', require.resolve(`@esbuild/${process.platform}-${process.arch}/bin/esbuild`)),
      WRANGLER_REGISTRY_PATH: registry,
      WRANGLER_LOG_PATH: logs,
      TMPDIR: tmp,
      // Any value keeps wrangler's debugger proxy out. With it, each fetch of the Worker is reported to it over new
      // connections that stay open: about 400 fetches/s, and "too many open files" after some 6,000 of them.
      VSCODE_INSPECTOR_OPTIONS: '{}',
      // No calls to the outside, no colours in the log.
      WRANGLER_HIDE_BANNER: 'true',
      WRANGLER_SEND_METRICS: 'false',
      CLOUDFLARE_CF_FETCH_ENABLED: 'false',
      NO_COLOR: '1',
      FORCE_COLOR: '0',
    },
  });
  return port;
}

/** A program that wrangler starts, tied to wrangler's life: without that, a killed wrangler leaves workerd behind. */
function leashed(folder, name, program) {
  const path = join(folder, name);
  writeFileSync(path, `#!/bin/sh\nexec ${leash().join(' ')} '${program}' "$@"\n`, { mode: 0o755 });
  return path;
}
