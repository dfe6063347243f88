-- Schedules: those made by the API, and the state of those in config/schedules.toml. Times are milliseconds since 1970.
CREATE TABLE schedules (
  name TEXT PRIMARY KEY,
  -- api, or config.
  source TEXT NOT NULL,
  -- Of the config file's: the hash of their definition, by which a tick sees that it was changed.
  definition TEXT,
  -- Counts changes, for the ETag.
  revision INTEGER NOT NULL,
  created_at INTEGER NOT NULL,
  updated_at INTEGER NOT NULL,
  -- When it fires, as JSON: what a tick reads.
  timing TEXT NOT NULL,
  -- What makes the tasks, and the lane of the jobs.
  generator TEXT NOT NULL,
  lane TEXT NOT NULL,
  -- hand, failures, or null.
  paused TEXT,
  -- Firings in a row that failed.
  failures INTEGER NOT NULL DEFAULT 0,
  -- The next fire time, paused or not; null: there is none.
  next_at INTEGER,
  -- The newest job it made, backfills aside: what overlap asks about.
  last_job TEXT,
  -- Its fire time.
  last_job_at INTEGER,
  -- The generator's input, as JSON. Last, for it may be long.
  input TEXT NOT NULL
);

CREATE INDEX schedules_due ON schedules (next_at, name);
CREATE INDEX schedules_of_config ON schedules (source, name) WHERE source = 'config';

-- What became of each fire time: one row for each, whoever plans it and however often.
CREATE TABLE runs (
  schedule TEXT NOT NULL,
  planned_at INTEGER NOT NULL,
  -- pending, fired, skipped, failed.
  outcome TEXT NOT NULL,
  -- While it is pending: the first tick from then on takes it. A tick that takes it moves it on first, so that no other one
  -- does as long as that one may be at work.
  due_at INTEGER,
  -- 1: asked for afterwards; these wait behind all others.
  backfill INTEGER NOT NULL DEFAULT 0,
  -- 1: it has waited for another job to be done; these wait behind what has not.
  waiting INTEGER NOT NULL DEFAULT 0,
  -- The time of the tick that ended it; while it is pending, of the tick that is at work on it.
  fired_at INTEGER,
  reason TEXT,
  job TEXT,
  -- When that was, by the clock: kept for so long from then on.
  recorded_at INTEGER,
  PRIMARY KEY (schedule, planned_at)
) WITHOUT ROWID;

CREATE INDEX runs_pending ON runs (backfill, waiting, due_at, planned_at, schedule) WHERE outcome = 'pending';
-- Those of one schedule: it may have tens of thousands that have ended.
CREATE INDEX runs_pending_of ON runs (schedule, backfill, waiting, planned_at, fired_at) WHERE outcome = 'pending';
CREATE INDEX runs_recorded ON runs (recorded_at) WHERE recorded_at IS NOT NULL;
