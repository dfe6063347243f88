// BullMQ on Redis: this program adds jobs, worker processes run them. README.md says what is measured.
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { main } from '../driver/peer.mjs';
import { inPieces } from '../driver/pieces.mjs';
import { ranIn, startWorkers } from '../driver/workers.mjs';
import { redisVersion, startRedis } from './redis.mjs';
import { settings } from './settings.mjs';

const here = import.meta.dirname;
const QUEUE = 'tasks';

main({ missing, open });

function missing() {
  if (!redisVersion()) return 'redis-server is not installed: apt-get install redis-server';
  if (!existsSync(join(here, 'node_modules/bullmq'))) return `bullmq is not installed: npm ci --prefix ${here}`;
}

async function open({ stateDir, tasks, sink }, processes) {
  const { Queue, QueueEvents } = await import('bullmq');
  const connection = {
    path: await startRedis(processes, stateDir, settings.redis),
    // BullMQ asks for this on connections that wait for jobs or events.
    maxRetriesPerRequest: null,
  };
  const queue = new Queue(QUEUE, { connection });
  // A connection of its own: its question must not stand behind thousands of jobs that are being added.
  const counting = new Queue(QUEUE, { connection });
  const events = new QueueEvents(QUEUE, { connection });
  await Promise.all([queue, counting, events].map((part) => part.waitUntilReady()));
  for (const part of [queue, counting, events]) part.on('error', (error) => console.error(error.message));

  const concurrency = sink ? settings.concurrencyWaiting : settings.concurrency;
  const forWorkers = { queue: QUEUE, connection, concurrency, tasks, sink };
  const workers = await startWorkers(processes, join(here, 'worker.mjs'), settings.workers, forWorkers);

  return {
    versions: { bullmq: versionOf('bullmq'), ioredis: versionOf('ioredis'), redis: redisVersion() },
    settings: {
      workers: `${settings.workers} process(es), concurrency ${concurrency}`,
      submit: `addBulk of ${settings.addBulk}, ${settings.addBulkInFlight} in flight`,
      durability: 'appendfsync everysec: a crash of Redis loses nothing, of the machine at most a second',
      redis: Object.entries(settings.redis).map(([name, value]) => `${name} ${value || '""'}`).join(', '),
      connection: 'Unix socket',
    },
    prepare: (all) => all.map(({ kind, payload }) => ({ name: kind, data: payload })),
    submit: (jobs) => inPieces(jobs, settings.addBulk, settings.addBulkInFlight, (some) => queue.addBulk(some)),
    settled: async () => (await counting.getJobCounts('completed')).completed,
    ran: () => ranIn(workers, tasks),
    async submitAndWait({ name, data }) {
      const job = await queue.add(name, data);
      await job.waitUntilFinished(events);
    },
  };
}

function versionOf(name) {
  return JSON.parse(readFileSync(join(here, 'node_modules', name, 'package.json'), 'utf8')).version;
}
