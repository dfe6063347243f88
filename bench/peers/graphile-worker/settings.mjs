// Why each has its value, and what else was tried: README.md. PEER_SETTINGS='{"workers":1}' tries another.
export const settings = {
  workers: 2,
  concurrency: 24,
  /** With --sink: jobs that wait for an answer. */
  concurrencyWaiting: 250,
  maxPoolSize: 10,
  localQueue: { size: 500, refetchDelay: { durationMs: 10 } },
  completeJobBatchDelay: 0,
  failJobBatchDelay: 0,
  addJobs: 5_000,
  addJobsInFlight: 1,
  postgres: {
    fsync: 'on',
    synchronous_commit: 'on',
    full_page_writes: 'on',
    shared_buffers: '1GB',
    max_wal_size: '8GB',
    autovacuum_naptime: '1s',
  },
  ...JSON.parse(process.env.PEER_SETTINGS ?? '{}'),
};
