// The state folder belongs to one supervisor at a time: two runtimes on the same files would corrupt them.
import { createHash } from 'node:crypto';
import { mkdirSync, readFileSync, realpathSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { join } from 'node:path';

/**
 * Takes the folder until this process ends, however it ends, or throws when another one has it. The kernel keeps who it is: a
 * socket of this name can be listened on once. It has no file that a crash would leave behind.
 */
export async function takeState(stateDir) {
  mkdirSync(stateDir, { recursive: true });
  const file = join(stateDir, 'supervisor.pid');
  const lock = createServer();
  try {
    await new Promise((resolve, reject) => {
      lock.once('error', reject);
      lock.listen(name(stateDir), resolve);
    });
  } catch (error) {
    if (error.code !== 'EADDRINUSE') throw error;
    throw new Error(`${stateDir} is in use by process ${owner(file)}. Stop it, or set STATE_DIR to another folder.`);
  }
  lock.unref();
  writeFileSync(file, String(process.pid));
}

/** A hash, since a socket's name has 108 bytes at most. */
function name(stateDir) {
  return `\0monotask-${createHash('sha256').update(realpathSync(stateDir)).digest('hex')}`;
}

function owner(file) {
  try {
    return readFileSync(file, 'utf8');
  } catch {
    return 'unknown';
  }
}
