// Ports of this machine, on the loopback address.
import { createServer } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';

export const HOST = '127.0.0.1';

/** Whether nobody listens on the port. */
export function isFree(port) {
  return listen(port).then(
    () => true,
    () => false,
  );
}

/** A port that nobody uses now. */
export function freePort() {
  return listen(0);
}

/** Resolves to whether the port became free within the given time. */
export async function becomesFree(port, milliseconds) {
  for (const end = Date.now() + milliseconds; ; await sleep(100)) {
    if (await isFree(port)) return true;
    if (Date.now() > end) return false;
  }
}

function listen(port) {
  return new Promise((resolve, reject) => {
    const server = createServer();
    server.once('error', reject);
    server.listen(port, HOST, () => {
      const { port: taken } = server.address();
      server.close(() => resolve(taken));
    });
  });
}
