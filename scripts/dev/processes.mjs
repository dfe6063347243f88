// What the supervisor knows about processes, from /proc. Elsewhere (no /proc) all answers are empty.
import { readFileSync, readdirSync } from 'node:fs';

/** An id for the life of one process: pids are reused, a pid with its start time is not. */
export function identity(pid) {
  return stat(pid)?.identity;
}

/** All processes that `pid` started, directly or not. */
export function descendants(pid) {
  const children = new Map();
  for (const process of processes()) {
    children.set(process.parent, [...(children.get(process.parent) ?? []), process]);
  }
  const found = [];
  for (const queue = [pid]; queue.length > 0; ) {
    for (const child of children.get(queue.pop()) ?? []) {
      found.push(child);
      queue.push(child.pid);
    }
  }
  return found;
}

/** Kills what is still the same process. */
export function kill(identities) {
  for (const known of identities) {
    const pid = Number(known.split('@')[0]);
    if (identity(pid) !== known) continue;
    try {
      process.kill(pid, 'SIGKILL');
    } catch {
      // It ended between the two lines.
    }
  }
}

/** Whether the process handles SIGINT by itself; undefined when unknown. */
export function catchesInterrupt(pid) {
  const mask = /^SigCgt:\s*([0-9a-f]+)$/m.exec(read(`/proc/${pid}/status`) ?? '');
  return mask ? (BigInt(`0x${mask[1]}`) & 2n) !== 0n : undefined;
}

function processes() {
  try {
    return readdirSync('/proc').filter((name) => /^\d+$/.test(name)).map(stat).filter(Boolean);
  } catch {
    return [];
  }
}

function stat(pid) {
  const text = read(`/proc/${pid}/stat`);
  if (!text) return undefined;
  // The second field, the name, may hold spaces and brackets: count from its last bracket.
  const end = text.lastIndexOf(')');
  const fields = text.slice(end + 2).split(' ');
  // A zombie has ended; only its parent has not noticed yet.
  if (fields[0] === 'Z') return undefined;
  const name = text.slice(text.indexOf('(') + 1, end);
  return { pid: Number(pid), name, parent: Number(fields[1]), identity: `${pid}@${fields[19]}` };
}

function read(path) {
  try {
    return readFileSync(path, 'utf8');
  } catch {
    return undefined;
  }
}
