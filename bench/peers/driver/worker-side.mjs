// A worker process's side: settings from the driver, what ran back to it.
import { Agent, request } from 'node:http';
import { Runs } from './runs.mjs';

const REPORT_MILLISECONDS = 10;

/** What the driver passed on. */
export const settings = JSON.parse(process.env.WORKER ?? '{}');

export const runs = new Runs(settings.tasks ?? 0);

/** Tells the driver that tasks may come, and answers its questions from now on. */
export function answerDriver() {
  let told = 0;
  setInterval(() => {
    if (runs.finished !== told) process.send({ finished: (told = runs.finished) });
  }, REPORT_MILLISECONDS);
  process.on('message', ({ tell }) => {
    if (tell === 'counts') process.send({ counts: runs.counts });
  });
  process.on('disconnect', () => process.exit());
  process.send({ ready: true });
}

/** The task of these measures: nothing, or one POST of its payload. Returns what the system should keep. */
export const perform = settings.sink ? postTo(settings.sink, settings.concurrency) : async (payload) => payload.order;

function postTo(url, connections) {
  const agent = new Agent({ keepAlive: true, maxSockets: connections });
  return (payload) =>
    new Promise((resolve, reject) => {
      const body = JSON.stringify(payload);
      const headers = { 'content-type': 'application/json', 'content-length': Buffer.byteLength(body) };
      const post = request(url, { method: 'POST', agent, headers }, (response) => {
        response.resume();
        response.once('end', () => {
          if (response.statusCode === 200) resolve(payload.order);
          else reject(new Error(`the sink answered ${response.statusCode}`));
        });
      });
      post.once('error', reject);
      post.end(body);
    });
}
