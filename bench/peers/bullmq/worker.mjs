// One worker process: a BullMQ Worker whose processor does the task of the measure.
import { Worker } from 'bullmq';
import { answerDriver, perform, runs, settings } from '../driver/worker-side.mjs';

const worker = new Worker(
  settings.queue,
  async ({ data }) => {
    const result = await perform(data);
    runs.record(data);
    return result;
  },
  { connection: settings.connection, concurrency: settings.concurrency },
);
worker.on('error', (error) => console.error(error));
worker.on('failed', (_, error) => console.error(error));
await worker.waitUntilReady();
answerDriver();
