-- The index of jobs: what listings and the second net read. The ledgers keep it up to date; it may lag by seconds.
-- Times are milliseconds since 1970.
CREATE TABLE jobs (
  job TEXT PRIMARY KEY,
  -- Counts what the ledger has told: what comes late never overwrites what is newer.
  version INTEGER NOT NULL,
  created_at INTEGER NOT NULL,
  source TEXT NOT NULL,
  -- open, running, completed, canceled; expired: deleted, and remembered for a while, so that its id is answered with 410.
  state TEXT NOT NULL,
  -- 0: a task submitted alone.
  listed INTEGER NOT NULL,
  -- When the cron tick looks after it, or forgets it once it is deleted.
  next_check INTEGER NOT NULL,
  -- The job as callers read it, as JSON; empty once it is deleted.
  view TEXT NOT NULL
) WITHOUT ROWID;

CREATE INDEX jobs_newest ON jobs (created_at DESC, job DESC) WHERE listed = 1 AND state <> 'expired';
CREATE INDEX jobs_newest_of_state ON jobs (state, created_at DESC, job DESC) WHERE listed = 1 AND state <> 'expired';
CREATE INDEX jobs_newest_of_source ON jobs (source, created_at DESC, job DESC) WHERE listed = 1 AND state <> 'expired';
CREATE INDEX jobs_overdue ON jobs (next_check) WHERE state <> 'expired';
CREATE INDEX jobs_forgotten ON jobs (next_check) WHERE state = 'expired';
