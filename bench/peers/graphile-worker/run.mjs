// Graphile Worker on PostgreSQL: this program adds jobs, worker processes run them. README.md says what is measured.
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { main } from '../driver/peer.mjs';
import { inPieces } from '../driver/pieces.mjs';
import { ranIn, startWorkers } from '../driver/workers.mjs';
import { findPostgres, postgresVersion, startPostgres } from './postgres.mjs';
import { settings } from './settings.mjs';

const here = import.meta.dirname;
const bin = findPostgres();
const LOOK_AGAIN_MILLISECONDS = 1;

/** The documented function for many jobs at once; the library's addJobs() calls it too, but has every row sent back. */
const ADD_JOBS =
  'select 1 from graphile_worker.add_jobs(array(select json_populate_recordset(null::graphile_worker.job_spec, $1::json)))';

main({ missing, open });

function missing() {
  if (!bin) return 'PostgreSQL is not installed: apt-get install postgresql';
  if (!existsSync(join(here, 'node_modules/graphile-worker'))) return `graphile-worker is not installed: npm ci --prefix ${here}`;
}

async function open({ stateDir, tasks, sink }, processes) {
  const { makeWorkerUtils } = await import('graphile-worker');
  const { default: pg } = await import('pg');
  const address = await startPostgres(processes, bin, stateDir, settings.postgres);
  const connectionString = `postgres:///${address.database}?host=${encodeURIComponent(address.host)}&user=${address.user}`;
  const pool = new pg.Pool(address);
  // Connections that break when the server ends: who uses them is told as well.
  pool.on('error', () => {});
  await accepts(pool);
  const utils = await makeWorkerUtils({ connectionString });
  await utils.migrate();

  const concurrency = sink ? settings.concurrencyWaiting : settings.concurrency;
  const { maxPoolSize, localQueue, completeJobBatchDelay, failJobBatchDelay } = settings;
  const preset = { connectionString, concurrentJobs: concurrency, maxPoolSize, localQueue, completeJobBatchDelay, failJobBatchDelay };
  const workers = await startWorkers(processes, join(here, 'worker.mjs'), settings.workers, { preset, concurrency, tasks, sink });

  let added = 0;
  let adding = 0;
  return {
    versions: { 'graphile-worker': versionOf('graphile-worker'), pg: versionOf('pg'), postgresql: postgresVersion(bin) },
    settings: {
      workers: `${settings.workers} process(es), concurrentJobs ${concurrency}, maxPoolSize ${maxPoolSize}`,
      batching: `localQueue ${localQueue.size}, refetchDelay ${localQueue.refetchDelay?.durationMs ?? 'none'}, completeJobBatchDelay ${completeJobBatchDelay}`,
      submit: `add_jobs of ${settings.addJobs}, ${settings.addJobsInFlight} in flight`,
      durability: 'fsync and synchronous_commit on: what is promised survives the loss of power',
      postgresql: Object.entries(settings.postgres).map(([name, value]) => `${name} ${value}`).join(', '),
      connection: 'Unix socket',
    },
    prepare: (all) => all.map(({ kind, payload }) => ({ identifier: kind, payload })),
    async submit(jobs) {
      adding += 1;
      await inPieces(jobs, settings.addJobs, settings.addJobsInFlight, async (some) => {
        await pool.query(ADD_JOBS, [JSON.stringify(some)]);
        added += some.length;
      });
      adding -= 1;
    },
    // A job that is done leaves the table, so what is left says how many are done. Counting rows while they come and go
    // by the ten thousand would cost the database work: the workers' own word tells when it is worth asking.
    async settled() {
      const ran = workers.reduce((sum, worker) => sum + worker.finished, 0);
      if (adding > 0 || ran < added) return Math.max(0, Math.min(ran, added - 1));
      const { rows } = await pool.query('select count(*)::int as remaining from graphile_worker.jobs');
      return added - rows[0].remaining;
    },
    ran: () => ranIn(workers, tasks),
    async submitAndWait({ identifier, payload }) {
      const { id } = await utils.addJob(identifier, payload);
      while (await isThere(pool, id)) await sleep(LOOK_AGAIN_MILLISECONDS);
    },
    async close() {
      await utils.release();
      await pool.end();
    },
  };
}

/** Resolves once the server takes queries: its socket is there a moment earlier. The caller bounds the wait. */
async function accepts(pool) {
  for (;;) {
    const failure = await pool.query('select 1').then(() => undefined, (error) => error);
    if (failure === undefined) return;
    await sleep(50);
  }
}

async function isThere(pool, id) {
  const { rows } = await pool.query({ name: 'is-there', text: 'select 1 from graphile_worker.jobs where id = $1', values: [id] });
  return rows.length > 0;
}

function versionOf(name) {
  return JSON.parse(readFileSync(join(here, 'node_modules', name, 'package.json'), 'utf8')).version;
}
