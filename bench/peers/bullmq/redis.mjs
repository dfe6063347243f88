// A Redis of the run's own, in its state folder.
import { spawnSync } from 'node:child_process';
import { join } from 'node:path';
import { checkSocketPath, fileExists } from '../driver/sockets.mjs';

/** The version of the installed server, or undefined when there is none. */
export function redisVersion() {
  return /v=(\S+)/.exec(String(spawnSync('redis-server', ['--version']).stdout))?.[1];
}

/** Starts the server; resolves to the path of its socket once that is there. */
export async function startRedis(processes, stateDir, config) {
  const socket = checkSocketPath(join(stateDir, 'redis.sock'));
  const own = { port: 0, unixsocket: socket, dir: stateDir };
  const words = Object.entries({ ...own, ...config }).flatMap(([name, value]) => [`--${name}`, value]);
  processes.start('redis-server', ['redis-server', ...words]);
  await fileExists(socket);
  return socket;
}
