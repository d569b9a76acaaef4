-- +goose Up

-- Sessions and what logging in needs (transport/session). No part of the log and computed from nothing: rebuild, replay
-- and import leave these tables alone. A row that is gone is a nonce, session or token that is refused.

CREATE TABLE auth_nonces (
    expires_at timestamptz NOT NULL,
    nonce      text        COLLATE "C" NOT NULL PRIMARY KEY,
    address    text        COLLATE "C" NOT NULL
);
COMMENT ON TABLE auth_nonces IS 'Nonces that a wallet may sign to log in (EIP-4361), until they are used.';
COMMENT ON COLUMN auth_nonces.expires_at IS 'Until when it may be used, by the database''s clock.';
COMMENT ON COLUMN auth_nonces.nonce IS 'The nonce: letters and digits.';
COMMENT ON COLUMN auth_nonces.address IS 'The wallet that it was made for, lower case.';
COMMENT ON INDEX auth_nonces_pkey IS 'A nonce when it is used.';
CREATE INDEX auth_nonces_address ON auth_nonces (address, expires_at);
COMMENT ON INDEX auth_nonces_address IS 'A wallet''s nonces by age: the oldest of too many go.';
CREATE INDEX auth_nonces_expires ON auth_nonces (expires_at);
COMMENT ON INDEX auth_nonces_expires IS 'Those that have expired, to be deleted.';

CREATE TABLE auth_sessions (
    id           uuid        NOT NULL PRIMARY KEY,
    user_id      uuid        NOT NULL,
    created_at   timestamptz NOT NULL,
    last_used_at timestamptz NOT NULL,
    expires_at   timestamptz NOT NULL,
    auth         text        COLLATE "C" NOT NULL,
    user_agent   text        COLLATE "C" NOT NULL
);
COMMENT ON TABLE auth_sessions IS 'Sessions that go on. One that was ended has no row.';
COMMENT ON COLUMN auth_sessions.id IS 'The claim "sid" of its tokens, and session_id in the metadata of events: a UUID of version 7, or that of the token that began it (auth_adopted).';
COMMENT ON COLUMN auth_sessions.user_id IS 'Whose it is. No foreign key: users is computed from the log and may lag behind or be swapped.';
COMMENT ON COLUMN auth_sessions.created_at IS 'When it began.';
COMMENT ON COLUMN auth_sessions.last_used_at IS 'When it last got a pair of tokens.';
COMMENT ON COLUMN auth_sessions.expires_at IS 'When it ends unless it gets another pair before.';
COMMENT ON COLUMN auth_sessions.auth IS 'How the user showed who he is, in the words of the metadata of events.';
COMMENT ON COLUMN auth_sessions.user_agent IS 'What the program that logged in called itself, at most 200 bytes; empty for nothing.';
COMMENT ON INDEX auth_sessions_pkey IS 'A session by id.';
CREATE INDEX auth_sessions_user ON auth_sessions (user_id, last_used_at);
COMMENT ON INDEX auth_sessions_user IS 'A user''s sessions by their last use.';
CREATE INDEX auth_sessions_expires ON auth_sessions (expires_at);
COMMENT ON INDEX auth_sessions_expires IS 'Those that have expired, to be deleted.';

CREATE TABLE auth_refresh_tokens (
    id         uuid        NOT NULL PRIMARY KEY,
    session_id uuid        NOT NULL REFERENCES auth_sessions (id) ON DELETE CASCADE,
    created_at timestamptz NOT NULL,
    used_at    timestamptz
);
COMMENT ON TABLE auth_refresh_tokens IS 'The refresh tokens of a session that may still be used, its family. Never the tokens themselves.';
COMMENT ON COLUMN auth_refresh_tokens.id IS 'The claim "jti": a random UUID, version 4.';
COMMENT ON COLUMN auth_refresh_tokens.session_id IS 'The session, whose family it is of.';
COMMENT ON COLUMN auth_refresh_tokens.created_at IS 'When it was made.';
COMMENT ON COLUMN auth_refresh_tokens.used_at IS 'When it was first used; NULL for not yet. Ten seconds later it is good no more, and its row goes.';
COMMENT ON INDEX auth_refresh_tokens_pkey IS 'A token when it is used.';
CREATE INDEX auth_refresh_tokens_session ON auth_refresh_tokens (session_id, created_at);
COMMENT ON INDEX auth_refresh_tokens_session IS 'A session''s tokens by age: used up, too many, or all at its end.';

CREATE TABLE auth_adopted (
    token_id   uuid        NOT NULL PRIMARY KEY,
    expires_at timestamptz NOT NULL
);
COMMENT ON TABLE auth_adopted IS 'Refresh tokens that were minted by hand, outside a session, and have begun one: none begins a second.';
COMMENT ON COLUMN auth_adopted.token_id IS 'The claim "jti"; also the id of the session that it began.';
COMMENT ON COLUMN auth_adopted.expires_at IS 'When the token expires. A day later it needs no remembering.';
COMMENT ON INDEX auth_adopted_pkey IS 'A token when it is used.';
CREATE INDEX auth_adopted_expires ON auth_adopted (expires_at);
COMMENT ON INDEX auth_adopted_expires IS 'Those that have expired, to be deleted.';

-- +goose Down
DROP TABLE auth_adopted;
DROP TABLE auth_refresh_tokens;
DROP TABLE auth_sessions;
DROP TABLE auth_nonces;
