// The tables of `state.db`: conversations and their messages; unlike the index, nothing can rebuild them.

export const STATE_SCHEMA_VERSION = 1;

export const STATE_SCHEMA = `
CREATE TABLE conversations (
  id TEXT PRIMARY KEY,
  title TEXT NOT NULL,
  user TEXT NOT NULL,            -- who asked first, as authenticated by the door
  started TEXT NOT NULL,         -- ISO 8601 UTC
  updated TEXT NOT NULL          -- end of the last turn
) STRICT;
CREATE INDEX conversations_by_time ON conversations (updated DESC);

CREATE TABLE messages (
  conversation TEXT NOT NULL REFERENCES conversations (id) ON DELETE CASCADE,
  number INTEGER NOT NULL,       -- order of turns, from 1
  turn TEXT NOT NULL,            -- the asker's name for the turn
  user TEXT NOT NULL,
  question TEXT NOT NULL,
  answer TEXT NOT NULL,
  ended TEXT NOT NULL,           -- stop, length, blocked, rounds, cancelled, failed
  model TEXT NOT NULL,           -- provider/model; '' where none answered
  input_tokens INTEGER NOT NULL,
  output_tokens INTEGER NOT NULL,
  started TEXT NOT NULL,
  finished TEXT NOT NULL,
  result TEXT NOT NULL,          -- JSON: the whole TurnResult of contract/conversation.ts
  exchanged TEXT NOT NULL,       -- JSON: the messages between people, model and tools, as the model is given them again
  PRIMARY KEY (conversation, number),
  UNIQUE (conversation, turn)
) STRICT;
`;
