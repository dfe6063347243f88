// Ties a process to the life of the one that starts it: the kernel kills it when its parent ends, however the parent ends.
// Without this, kill -9 of wrangler leaves a workerd behind that holds the port and goes on firing alarms, and now and
// then an esbuild that never ends. Where `setpriv` is missing, only the clean ways to stop clean up.
import { spawnSync } from 'node:child_process';
import { writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { join } from 'node:path';

const SETPRIV = ['setpriv', '--pdeathsig', 'KILL', '--'];

let possible;
function canLeash() {
  possible ??= spawnSync(SETPRIV[0], [...SETPRIV.slice(1), 'true']).status === 0;
  return possible;
}

/** The command, leashed to this process. */
export function leashed(command) {
  return canLeash() ? [...SETPRIV, ...command] : command;
}

/** Environment that makes wrangler start workerd and esbuild leashed to itself; the wrappers are written to `folder`. */
export function leashesForWrangler(folder) {
  if (!canLeash()) return {};
  // As wrangler resolves them: it wants exactly its own versions.
  const require = createRequire(createRequire(import.meta.url).resolve('wrangler/package.json'));
  const wrapper = (name, program) => {
    const path = join(folder, name);
    writeFileSync(path, `#!/bin/sh\nexec ${SETPRIV.join(' ')} '${program}' "$@"\n`, { mode: 0o755 });
    return path;
  };
  return {
    MINIFLARE_WORKERD_PATH: wrapper('workerd', require('workerd').default),
    ESBUILD_BINARY_PATH: wrapper('esbuild', require.resolve(`@esbuild/${process.platform}-${process.arch}/bin/esbuild`)),
  };
}
