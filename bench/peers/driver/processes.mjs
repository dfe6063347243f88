// Servers and workers: started here, and never left behind.
import { spawn, spawnSync } from 'node:child_process';
import { closeSync, mkdirSync, openSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';

const STOP_MILLISECONDS = 10_000;

/** The words that make the kernel send `signal` to a program once the process that started it is gone, however it went. */
export function leash(signal = 'KILL') {
  return ['setpriv', '--pdeathsig', signal, '--'];
}

export class Processes {
  #stateDir;
  #children = [];
  #stopping = false;
  #reportEnd;

  constructor(stateDir) {
    this.#stateDir = stateDir;
    /** Rejects as soon as one of them ends by itself. */
    this.broken = new Promise((_, reject) => (this.#reportEnd = reject));
    this.broken.catch(() => {});
    const tried = spawnSync(leash()[0], [...leash().slice(1), 'true']);
    if (tried.status !== 0) {
      throw new Error('setpriv (Debian package util-linux) is needed: without it a killed run would leave its servers behind');
    }
  }

  /**
   * Starts `command`, with its output in `<state>/<role>.log`. `endSignal` ends it when we stop or die: KILL unless the
   * program would leave something behind. `as` is further words for setpriv (another user).
   */
  start(role, command, { cwd = this.#stateDir, env = {}, ipc = false, endSignal = 'KILL', as = [] } = {}) {
    mkdirSync(join(this.#stateDir, 'logs'), { recursive: true });
    const logFile = join(this.#stateDir, 'logs', `${role}.log`);
    const log = openSync(logFile, 'a');
    const [program, ...rest] = leash(endSignal);
    const child = spawn(program, [...rest.slice(0, -1), ...as, '--', ...command.map(String)], {
      cwd,
      env: { ...process.env, ...env },
      stdio: ['ignore', log, log, ...(ipc ? ['ipc'] : [])],
      serialization: 'advanced',
    });
    closeSync(log);
    const entry = { role, child, endSignal: `SIG${endSignal}` };
    entry.ended = new Promise((resolve) => {
      child.once('exit', (code, signal) => resolve(signal ?? `exit code ${code}`));
      child.once('error', (error) => resolve(error.message));
    });
    entry.ended.then((how) => {
      if (!this.#stopping) this.#reportEnd(new Error(`${role} ended by itself (${how}): ${lastLine(logFile)}`));
    });
    this.#children.push(entry);
    return child;
  }

  /** What the harness samples the memory of. */
  list() {
    return this.#children.map(({ role, child }) => ({ pid: child.pid, role }));
  }

  /** Ends all; last started, first ended. */
  async stop() {
    this.#stopping = true;
    for (const { child, ended, endSignal } of this.#children.toReversed()) {
      child.kill(endSignal);
      const inTime = await Promise.race([ended, sleep(STOP_MILLISECONDS, undefined, { ref: false })]);
      if (inTime === undefined) child.kill('SIGKILL');
      await ended;
    }
  }
}

/** The state folder may be gone when the message is read: the line that says most goes into the message. */
function lastLine(file) {
  return readFileSync(file, 'utf8').trim().split('\n').at(-1) || 'it wrote nothing';
}
