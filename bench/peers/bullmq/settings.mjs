// Why each has its value, and what else was tried: README.md. PEER_SETTINGS='{"workers":2}' tries another.
export const settings = {
  workers: 1,
  concurrency: 100,
  /** With --sink: jobs that wait for an answer. */
  concurrencyWaiting: 300,
  addBulk: 500,
  addBulkInFlight: 2,
  redis: {
    appendonly: 'yes',
    appendfsync: 'everysec',
    save: '',
    'maxmemory-policy': 'noeviction',
    'auto-aof-rewrite-min-size': '4gb',
    'hash-max-listpack-value': '1024',
  },
  ...JSON.parse(process.env.PEER_SETTINGS ?? '{}'),
};
