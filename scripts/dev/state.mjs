// The state folder belongs to one supervisor at a time: two runtimes on the same files would corrupt them.
import { mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { identity } from './processes.mjs';

/** Takes the folder, or throws when a living supervisor has it. Returns the function that gives it back. */
export function takeState(stateDir) {
  mkdirSync(stateDir, { recursive: true });
  const file = join(stateDir, 'supervisor.pid');
  const owner = readOwner(file);
  if (owner && identity(Number(owner.split('@')[0])) === owner) {
    throw new Error(`${stateDir} is in use by process ${owner.split('@')[0]}. Stop it, or set STATE_DIR to another folder.`);
  }
  writeFileSync(file, identity(process.pid) ?? '');
  return () => rmSync(file, { force: true });
}

function readOwner(file) {
  try {
    return readFileSync(file, 'utf8');
  } catch {
    return undefined;
  }
}
