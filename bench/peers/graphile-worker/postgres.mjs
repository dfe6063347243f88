// A PostgreSQL of the run's own, in its state folder.
import { spawnSync } from 'node:child_process';
import { chmodSync, chownSync, existsSync, mkdirSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { leash } from '../driver/processes.mjs';
import { checkSocketPath, fileExists } from '../driver/sockets.mjs';

const DEBIAN = '/usr/lib/postgresql';
const SUPERUSER = 'postgres';

/** The folder with `postgres` and `initdb` (the newest one of Debian's, else the one in PATH), or undefined. */
export function findPostgres() {
  const versions = existsSync(DEBIAN) ? readdirSync(DEBIAN).sort((a, b) => Number(b) - Number(a)) : [];
  const folders = [...versions.map((version) => join(DEBIAN, version, 'bin')), ...process.env.PATH.split(':')];
  return folders.find((folder) => ['postgres', 'initdb'].every((program) => existsSync(join(folder, program))));
}

export function postgresVersion(bin) {
  return /\d+(\.\d+)*/.exec(String(spawnSync(join(bin, 'postgres'), ['--version']).stdout))?.[0];
}

/** Starts the server with an empty database; resolves to how to connect, once its socket is there. */
export async function startPostgres(processes, bin, stateDir, config) {
  const folder = join(stateDir, 'db');
  const socket = checkSocketPath(join(folder, '.s.PGSQL.5432'));
  mkdirSync(folder);
  const as = asOtherUser(stateDir, folder);
  const data = join(folder, 'data');
  run([...leash(), ...withUser(as), join(bin, 'initdb'), '-D', data, '--no-sync', '-A', 'trust', '-U', SUPERUSER, '-E', 'UTF8', '--locale', 'C']);

  const own = { listen_addresses: '', unix_socket_directories: folder };
  const words = Object.entries({ ...own, ...config }).flatMap(([name, value]) => ['-c', `${name}=${value}`]);
  // QUIT, its immediate shutdown: it ends its children and gives its shared memory back, which KILL would not let it.
  processes.start('postgres', [join(bin, 'postgres'), '-D', data, ...words], { cwd: folder, endSignal: 'QUIT', as });
  await fileExists(socket);
  return { host: folder, user: SUPERUSER, database: 'postgres' };
}

/** PostgreSQL refuses to run as root: words for setpriv that make it another user, who then owns the folder. */
function asOtherUser(stateDir, folder) {
  if (process.getuid() !== 0) return [];
  const user = ['postgres', 'nobody'].find((name) => spawnSync('id', [name]).status === 0);
  const [uid, gid] = ['-u', '-g'].map((flag) => Number(String(spawnSync('id', [flag, user]).stdout)));
  chownSync(folder, uid, gid);
  // Temporary folders are closed to others; this user must be able to walk through ours.
  chmodSync(stateDir, 0o711);
  const as = ['--reuid', String(uid), '--regid', String(gid), '--clear-groups'];
  if (spawnSync('setpriv', [...as, '--', 'test', '-w', folder]).status !== 0) {
    throw new Error(`the user ${user}, as whom PostgreSQL runs, cannot reach ${folder}: choose a --state whose parent folders others may enter`);
  }
  return as;
}

function withUser(as) {
  return as.length === 0 ? [] : ['setpriv', ...as, '--'];
}

function run([program, ...args]) {
  const { status, stderr, error } = spawnSync(program, args);
  if (status !== 0) throw new Error(`initdb failed: ${error?.message ?? String(stderr).trim()}`);
}
