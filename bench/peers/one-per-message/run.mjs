// One queue message for each task, on `wrangler dev`: this program posts tasks, the Worker runs them. README.md says what
// is measured.
import { Agent, request } from 'node:http';
import { setTimeout as sleep } from 'node:timers/promises';
import { main } from '../driver/peer.mjs';
import { inPieces } from '../driver/pieces.mjs';
import { HOST } from '../driver/ports.mjs';
import { FIRST_WARM_UP } from '../driver/tasks.mjs';
import { settings } from './settings.mjs';
import { missingWrangler, startWrangler, versionOf } from './wrangler.mjs';

const LOOK_AGAIN_MILLISECONDS = 1;

main({ missing: missingWrangler, open });

async function open({ stateDir, sink }, processes) {
  const port = await startWrangler(processes, stateDir, { SINK: sink ?? '' });
  const agent = new Agent({ keepAlive: true });
  await answers(agent, port);

  const settled = async () => JSON.parse(await get(agent, port, '/progress')).done;
  let refused = 0;
  const post = async (body) => {
    for (let delay = settings.firstDelayMilliseconds; ; delay = Math.min(2 * delay, settings.maxDelayMilliseconds)) {
      const { status, text } = await call(agent, port, 'POST', '/tasks', body);
      if (status === 202) return;
      if (refused === settings.retries) {
        throw new Error(`POST /tasks was refused with ${status} ${text}, after ${refused} refused requests before it`);
      }
      refused += 1;
      await sleep(delay);
    }
  };

  return {
    versions: { wrangler: versionOf('wrangler'), miniflare: versionOf('miniflare'), workerd: versionOf('workerd') },
    get settings() {
      return {
        submit: `POST of ${settings.tasksPerRequest} tasks, ${settings.requestsInFlight} in flight, sendBatch of 100`,
        consumer: 'max_batch_size 100, max_batch_timeout 0, one Durable Object call per batch',
        durability: 'none on this machine: the local broker keeps messages in memory (in production they are stored)',
        refused: `${refused} requests refused by the local broker and sent again`,
      };
    },
    // Lines, as whoever calls over HTTP has them.
    prepare: (tasks) => tasks.map((task) => `${JSON.stringify(task)}\n`),
    submit: (tasks) =>
      inPieces(tasks, settings.tasksPerRequest, settings.requestsInFlight, (some) => post(some.join(''))),
    settled,
    ran: async () => JSON.parse(await get(agent, port, `/check?below=${FIRST_WARM_UP}`)),
    async submitAndWait(task) {
      const before = await settled();
      await post(task);
      while ((await settled()) === before) await sleep(LOOK_AGAIN_MILLISECONDS);
    },
  };
}

/** Resolves once the Worker answers. The caller bounds the wait. */
async function answers(agent, port) {
  while (!(await get(agent, port, '/progress').then(() => true, () => false))) await sleep(100);
}

async function get(agent, port, path) {
  const { status, text } = await call(agent, port, 'GET', path);
  if (status !== 200) throw new Error(`GET ${path} answered ${status} ${text.slice(0, 300)}`);
  return text;
}

function call(agent, port, method, path, body = '') {
  return new Promise((resolve, reject) => {
    const headers = { 'content-type': 'application/x-ndjson', 'content-length': Buffer.byteLength(body) };
    const sent = request({ host: HOST, port, method, path, agent, headers: body === '' ? {} : headers }, (response) => {
      let text = '';
      response.setEncoding('utf8');
      response.on('data', (part) => (text += part));
      response.once('end', () => resolve({ status: response.statusCode, text }));
      response.once('error', reject);
    });
    sent.once('error', reject);
    sent.end(body);
  });
}
