-- What API keys have used, where they have a quota: one row a key, of the last day that it used anything.
CREATE TABLE usage (
  key TEXT PRIMARY KEY,
  -- Days since 1970, by UTC.
  day INTEGER NOT NULL,
  tasks INTEGER NOT NULL,
  bytes INTEGER NOT NULL
) WITHOUT ROWID;

-- Jobs that keys with a quota for them have opened. Which are open no longer is in `jobs`.
CREATE TABLE open_jobs (
  key TEXT NOT NULL,
  job TEXT NOT NULL,
  opened_at INTEGER NOT NULL,
  PRIMARY KEY (key, job)
) WITHOUT ROWID;
