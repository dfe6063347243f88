// Ports of this machine, on the loopback address.
import { createServer } from 'node:net';

export const HOST = '127.0.0.1';

/** A port that nobody uses now. */
export function freePort() {
  return new Promise((resolve, reject) => {
    const server = createServer();
    server.once('error', reject);
    server.listen(0, HOST, () => {
      const { port } = server.address();
      server.close(() => resolve(port));
    });
  });
}
