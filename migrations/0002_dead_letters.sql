-- The index of dead letters: what triage searches, and where each letter is. The archive in KV has their content.
-- Times are milliseconds since 1970.
CREATE TABLE dead_letters (
  -- Counts up in order of arrival.
  id INTEGER PRIMARY KEY,
  -- <job>-<index>, <job>-callback, or message-<message id>.
  task TEXT NOT NULL UNIQUE,
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
  attempts INTEGER NOT NULL,
  died_at INTEGER NOT NULL,
  -- When the first death was archived: kept for so long from then on.
  archived_at INTEGER NOT NULL,
  -- 1: it succeeded after it had been given up.
  late_success INTEGER NOT NULL DEFAULT 0,
  -- The entry of the journal that discarded or restored it last.
  journal INTEGER,
  -- JSON, oldest first; the last one is the replay that has it while it is 'replayed'.
  replays TEXT NOT NULL DEFAULT '[]'
);

-- Lists, newest first. Kind, reason and task (by which a job's are found) are in both, so that filters by them need not look
-- at the rows.
CREATE INDEX dead_letters_newest ON dead_letters (state, died_at, kind, reason, task);
-- Groups.
CREATE INDEX dead_letters_of_cause ON dead_letters (state, fingerprint, died_at, kind, reason, task);

-- What an entry of the journal moved. Most letters are in none.
CREATE INDEX dead_letters_of_entry ON dead_letters (journal) WHERE journal IS NOT NULL;

-- The words of their errors.
CREATE VIRTUAL TABLE dead_letter_words USING fts5 (class, message, content = 'dead_letters', content_rowid = 'id');

CREATE TRIGGER dead_letters_added AFTER INSERT ON dead_letters BEGIN
  INSERT INTO dead_letter_words (rowid, class, message) VALUES (new.id, new.class, new.message);
END;

CREATE TRIGGER dead_letters_removed AFTER DELETE ON dead_letters BEGIN
  INSERT INTO dead_letter_words (dead_letter_words, rowid, class, message) VALUES ('delete', old.id, old.class, old.message);
END;

CREATE TRIGGER dead_letters_died_again AFTER UPDATE OF class, message ON dead_letters BEGIN
  INSERT INTO dead_letter_words (dead_letter_words, rowid, class, message) VALUES ('delete', old.id, old.class, old.message);
  INSERT INTO dead_letter_words (rowid, class, message) VALUES (new.id, new.class, new.message);
END;

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
