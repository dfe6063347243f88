// The driver's side of its worker processes.
import { sumUp } from './runs.mjs';

/** Starts `count` processes of `file`; resolves when each has said that it is ready for tasks. */
export async function startWorkers(processes, file, count, settings) {
  const workers = [];
  for (let index = 1; index <= count; index += 1) {
    const child = processes.start(`worker-${index}`, [process.execPath, file], {
      ipc: true,
      env: { WORKER: JSON.stringify(settings) },
    });
    workers.push(new WorkerProcess(child));
  }
  await Promise.all(workers.map((worker) => worker.ready));
  return workers;
}

/** Which tasks ran in these workers, and which of them more than once. */
export async function ranIn(workers, tasks) {
  return sumUp(tasks, await Promise.all(workers.map((worker) => worker.counts())));
}

class WorkerProcess {
  #child;
  #answer;
  /** How many tasks it ran so far, warm-ups too; at most some milliseconds old. */
  finished = 0;

  constructor(child) {
    this.#child = child;
    this.ready = new Promise((resolve) => {
      child.on('message', (message) => {
        if (message.ready) resolve();
        if (message.finished !== undefined) this.finished = message.finished;
        if (message.counts) this.#answer?.(message.counts);
      });
    });
  }

  /** How often it ran each task. */
  counts() {
    return new Promise((resolve) => {
      this.#answer = resolve;
      this.#child.send({ tell: 'counts' });
    });
  }
}
