// One worker process: a Graphile Worker runner whose tasks do the task of the measure.
import { Logger, run } from 'graphile-worker';
import { answerDriver, perform, runs, settings } from '../driver/worker-side.mjs';

async function task(payload) {
  await perform(payload);
  runs.record(payload);
}

await run({
  preset: { worker: settings.preset },
  taskList: { 'no-op': task, 'http.request': task },
  // The driver ends this process.
  noHandleSignals: true,
  // Its log says each job that is done: at these rates that would be what is measured.
  logger: new Logger(() => (level, message) => {
    if (level === 'error' || level === 'warning') console.error(message);
  }),
});
answerDriver();
