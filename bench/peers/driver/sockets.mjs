// Unix sockets: no port to find, and less work for the kernel than TCP on the same machine.
import { existsSync } from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';

/** The kernel's limit for the path of a Unix socket, with its closing zero. */
const MAX_SOCKET_PATH = 107;

/** Refuses a state folder whose sockets the kernel would refuse, with what to do. */
export function checkSocketPath(path) {
  if (Buffer.byteLength(path) > MAX_SOCKET_PATH) {
    throw new Error(`the socket ${path} has a path above ${MAX_SOCKET_PATH} bytes: choose a shorter --state`);
  }
  return path;
}

/** Resolves once the file is there. The caller bounds the wait. */
export async function fileExists(path) {
  while (!existsSync(path)) await sleep(20);
}
