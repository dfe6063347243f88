-- The index of dead letters: what triage searches, and where each letter is. The archive in KV has their content.
-- Times are milliseconds since 1970. Every row written is billed: a letter is one row and one entry of an index.

-- Who has dead letters: jobs, and messages that nobody could decode.
CREATE TABLE letter_owners (
  number INTEGER PRIMARY KEY,
  -- The job, or message-<message id>.
  owner TEXT NOT NULL UNIQUE
);

-- What the archive has: one value for the letters of one message.
CREATE TABLE bundles (
  -- Counts up in order of arrival.
  bundle INTEGER PRIMARY KEY,
  -- The archive's key.
  key TEXT NOT NULL UNIQUE,
  -- The ids of its letters lie between these.
  first INTEGER NOT NULL,
  last INTEGER NOT NULL,
  -- Its letters are kept for so long from then on.
  archived_at INTEGER NOT NULL
);

CREATE TABLE dead_letters (
  -- The number of its owner * 2^32 + its own: the task's index, 2^32 - 1 for a callback, 0 for a message.
  id INTEGER PRIMARY KEY,
  -- <job>-<index>, <job>-callback, or message-<message id>.
  task TEXT NOT NULL,
  -- The bundle of its first death.
  bundle INTEGER NOT NULL,
  -- When its job was accepted.
  born INTEGER NOT NULL,
  -- open, replayed, resolved, discarded.
  state TEXT NOT NULL DEFAULT 'open',
  -- Null where nobody could decode it.
  kind TEXT,
  lane TEXT,
  ref TEXT,
  -- Of the last death, down to died_at.
  reason TEXT NOT NULL,
  fingerprint TEXT NOT NULL,
  class TEXT NOT NULL,
  message TEXT NOT NULL,
  -- Those of class and message, in lower case, as searches look for them.
  words TEXT NOT NULL,
  attempts INTEGER NOT NULL,
  died_at INTEGER NOT NULL,
  -- 1: it succeeded after it had been given up.
  late_success INTEGER NOT NULL DEFAULT 0,
  -- The entry of the journal that discarded or restored it last.
  journal INTEGER,
  -- JSON, oldest first; the last one is the replay that has it while it is 'replayed'.
  replays TEXT NOT NULL DEFAULT '[]'
);

-- Groups are counted in this order; lists take the newest of each cause. All that filters, groups and searches ask of a letter
-- is in it, so that none looks at the rows.
CREATE INDEX dead_letters_of_cause ON dead_letters (state, fingerprint, died_at, id, kind, reason, bundle, words);

-- What an entry of the journal moved. Most letters are in none.
CREATE INDEX dead_letters_of_entry ON dead_letters (journal) WHERE journal IS NOT NULL;

-- What operators did. Entries are added and never changed.
CREATE TABLE journal (
  entry INTEGER PRIMARY KEY AUTOINCREMENT,
  at INTEGER NOT NULL,
  -- The id of the API key.
  key TEXT NOT NULL,
  action TEXT NOT NULL,
  filter TEXT,
  -- Dead letters that it was about.
  count INTEGER NOT NULL,
  replay TEXT,
  -- Counts the entries of one replay: each is added once.
  number INTEGER,
  UNIQUE (replay, number, at)
);

CREATE TRIGGER journal_is_never_changed BEFORE UPDATE ON journal BEGIN
  SELECT raise(ABORT, 'the journal is never changed');
END;

CREATE TRIGGER journal_is_never_shortened BEFORE DELETE ON journal BEGIN
  SELECT raise(ABORT, 'the journal is never shortened');
END;

-- The list of replays. Each replay's object keeps it up to date; it may lag by seconds.
CREATE TABLE replays (
  replay TEXT PRIMARY KEY,
  created_at INTEGER NOT NULL,
  version INTEGER NOT NULL,
  -- The replay as callers read it, as JSON.
  view TEXT NOT NULL
) WITHOUT ROWID;

CREATE INDEX replays_newest ON replays (created_at, replay);
