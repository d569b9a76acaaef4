-- +goose Up

-- State tables: computed from the log by the projection "messages" (projections/state) and by nobody
-- else. They may be read by everybody, and be thrown away and built again. They have no foreign keys: the
-- order of the log is what keeps them whole. Flags and counters change often and are in no index, so that
-- the free part of a page takes their updates and no index is touched (HOT).

CREATE TABLE users (
    id              uuid        NOT NULL PRIMARY KEY,
    name            text        COLLATE "C" NOT NULL,
    folded_name     text        COLLATE "C" NOT NULL,
    name_parts      text[]      COLLATE "C" NOT NULL,
    wallet_address  text        COLLATE "C" UNIQUE,
    role            text        COLLATE "C" NOT NULL,
    active          boolean     NOT NULL,
    created_at      timestamptz NOT NULL,
    deactivated_at  timestamptz,
    position        bigint      NOT NULL
);
COMMENT ON TABLE users IS 'Accounts.';
COMMENT ON COLUMN users.id IS 'The account''s id, sub in a token.';
COMMENT ON COLUMN users.name IS 'As it was given; empty once its event''s body is gone.';
COMMENT ON COLUMN users.folded_name IS 'The name in lower case by Unicode, whatever the database''s locale: what a search compares.';
COMMENT ON COLUMN users.name_parts IS 'Each three characters in a row of folded_name, once each: what a search''s index holds.';
COMMENT ON COLUMN users.wallet_address IS '0x and 40 hex digits in lower case; NULL for none.';
COMMENT ON COLUMN users.role IS 'member, admin or service.';
COMMENT ON COLUMN users.active IS 'False from deactivation on.';
COMMENT ON COLUMN users.created_at IS 'When the account was registered.';
COMMENT ON COLUMN users.deactivated_at IS 'When it was deactivated; NULL while it is active.';
COMMENT ON COLUMN users.position IS 'The event that registered the account.';
COMMENT ON INDEX users_pkey IS 'An account by id.';
COMMENT ON INDEX users_wallet_address_key IS 'An account by wallet, at login.';
CREATE INDEX users_name_parts ON users USING gin (name_parts);
COMMENT ON INDEX users_name_parts IS 'Names that contain a text of three characters or more. Query with folded_name as well.';

CREATE TABLE conversations (
    id                uuid        NOT NULL PRIMARY KEY,
    starter_id        uuid        NOT NULL,
    message_sender_id uuid,
    message_seq       bigint      NOT NULL DEFAULT 0,
    other_seq         bigint      NOT NULL DEFAULT 0,
    last_position     bigint      NOT NULL,
    position          bigint      NOT NULL,
    created_at        timestamptz NOT NULL,
    participants      integer     NOT NULL,
    direct            boolean     NOT NULL,
    title             text        COLLATE "C"
) WITH (fillfactor = 50);
COMMENT ON TABLE conversations IS 'Conversations, direct ones and groups.';
COMMENT ON COLUMN conversations.id IS 'The conversation''s id.';
COMMENT ON COLUMN conversations.starter_id IS 'Who started it.';
COMMENT ON COLUMN conversations.message_sender_id IS 'Who sent the last message; NULL while there is none.';
COMMENT ON COLUMN conversations.message_seq IS 'The seq of the last message; 0 while there is none.';
COMMENT ON COLUMN conversations.other_seq IS 'The seq of the last message that is not message_sender_id''s; 0 while there is none. So the last message to anybody is known without a search.';
COMMENT ON COLUMN conversations.last_position IS 'The position of the last message, or else of the start: what lists are ordered by.';
COMMENT ON COLUMN conversations.position IS 'The event that started it.';
COMMENT ON COLUMN conversations.created_at IS 'When it was started.';
COMMENT ON COLUMN conversations.participants IS 'How many take part now.';
COMMENT ON COLUMN conversations.direct IS 'Between two people, for ever the same two.';
COMMENT ON COLUMN conversations.title IS 'A group''s title; NULL for none.';
COMMENT ON INDEX conversations_pkey IS 'A conversation by id.';

CREATE TABLE conversation_participants (
    conversation_id uuid        NOT NULL,
    user_id         uuid        NOT NULL,
    joined_position bigint      NOT NULL,
    left_position   bigint,
    joined_seq      bigint      NOT NULL,
    left_seq        bigint,
    joined_at       timestamptz NOT NULL,
    left_at         timestamptz,
    acked_seq       bigint      NOT NULL,
    unread          integer     NOT NULL DEFAULT 0,
    PRIMARY KEY (conversation_id, user_id, joined_position)
) WITH (fillfactor = 50);
COMMENT ON TABLE conversation_participants IS 'Who takes or took part in which conversation: a row for each span from joining to leaving.';
COMMENT ON COLUMN conversation_participants.conversation_id IS 'The conversation.';
COMMENT ON COLUMN conversation_participants.user_id IS 'The participant.';
COMMENT ON COLUMN conversation_participants.joined_position IS 'The event that brought him in: the first that he sees.';
COMMENT ON COLUMN conversation_participants.left_position IS 'The event that took him out: the last that he sees; NULL while he takes part.';
COMMENT ON COLUMN conversation_participants.joined_seq IS 'The seq of joined_position.';
COMMENT ON COLUMN conversation_participants.left_seq IS 'The seq of left_position.';
COMMENT ON COLUMN conversation_participants.joined_at IS 'When he came in.';
COMMENT ON COLUMN conversation_participants.left_at IS 'When he left; NULL while he takes part.';
COMMENT ON COLUMN conversation_participants.acked_seq IS 'The last message to him in this span for which, and for all before it in the span, there is a receipt of his; joined_seq when there is none. What is undelivered lies after it.';
COMMENT ON COLUMN conversation_participants.unread IS 'How many messages to him in this span up to acked_seq are neither read nor erased. Those after acked_seq are counted when somebody asks.';
COMMENT ON INDEX conversation_participants_pkey IS 'A conversation''s participants.';
CREATE INDEX conversation_participants_user ON conversation_participants (user_id, conversation_id);
COMMENT ON INDEX conversation_participants_user IS 'A user''s conversations. With both columns, a search for one span is quick whichever index is taken.';

CREATE TABLE user_blocks (
    user_id    uuid        NOT NULL,
    blocked_id uuid        NOT NULL,
    created_at timestamptz NOT NULL,
    PRIMARY KEY (user_id, blocked_id)
);
COMMENT ON TABLE user_blocks IS 'Who blocks whom now.';
COMMENT ON COLUMN user_blocks.user_id IS 'Who blocks.';
COMMENT ON COLUMN user_blocks.blocked_id IS 'Who is blocked.';
COMMENT ON COLUMN user_blocks.created_at IS 'Since when.';
COMMENT ON INDEX user_blocks_pkey IS 'Whom a user blocks.';

CREATE TABLE messages (
    id                uuid             NOT NULL PRIMARY KEY,
    conversation_id   uuid             NOT NULL,
    sender_id         uuid             NOT NULL,
    seq               bigint,
    position          bigint           NOT NULL,
    created_at        timestamptz      NOT NULL,
    erased_at         timestamptz,
    risk_score        double precision NOT NULL,
    recipients        integer          NOT NULL,
    is_delivered      boolean          NOT NULL DEFAULT false,
    is_read           boolean          NOT NULL DEFAULT false,
    was_blocked       boolean          NOT NULL DEFAULT false,
    salt              bytea,
    content_hash      text             COLLATE "C" NOT NULL,
    client_message_id text             COLLATE "C",
    content           text             COLLATE "C",
    UNIQUE (conversation_id, seq)
) WITH (fillfactor = 50);
COMMENT ON TABLE messages IS 'Messages. A row changes only when a flag turns or its content is erased.';
COMMENT ON COLUMN messages.id IS 'The message''s id, UUID version 7.';
COMMENT ON COLUMN messages.conversation_id IS 'The conversation that it is in.';
COMMENT ON COLUMN messages.sender_id IS 'Who sent it.';
COMMENT ON COLUMN messages.seq IS 'Its place in the conversation; NULL for one that was blocked.';
COMMENT ON COLUMN messages.position IS 'Its event.';
COMMENT ON COLUMN messages.created_at IS 'When it was stored.';
COMMENT ON COLUMN messages.erased_at IS 'When its content was erased; NULL while it is there.';
COMMENT ON COLUMN messages.risk_score IS 'The guard''s judgement, from 0 to 1 with two decimals.';
COMMENT ON COLUMN messages.recipients IS 'How many it was sent to: the other participants at its position.';
COMMENT ON COLUMN messages.is_delivered IS 'Every recipient''s client has said that it has the message, or that it was read. Never true without a recipient.';
COMMENT ON COLUMN messages.is_read IS 'Every recipient has read it. Never true without a recipient.';
COMMENT ON COLUMN messages.was_blocked IS 'The guard kept it from being sent.';
COMMENT ON COLUMN messages.salt IS 'The 16 bytes that content_hash begins with; NULL once erased.';
COMMENT ON COLUMN messages.content_hash IS 'Lower-case hex SHA-256 over the salt and the content''s UTF-8.';
COMMENT ON COLUMN messages.client_message_id IS 'The sender''s own name for the message; NULL for none.';
COMMENT ON COLUMN messages.content IS 'What was written; NULL once erased.';
COMMENT ON INDEX messages_pkey IS 'A message by id.';
COMMENT ON INDEX messages_conversation_id_seq_key IS 'A conversation''s history in order.';

CREATE TABLE message_receipts (
    message_id   uuid        NOT NULL,
    user_id      uuid        NOT NULL,
    delivered_at timestamptz NOT NULL,
    read_at      timestamptz,
    PRIMARY KEY (message_id, user_id)
) WITH (fillfactor = 50);
COMMENT ON TABLE message_receipts IS 'Who has received and read which message: a row a message and recipient, from the first receipt on.';
COMMENT ON COLUMN message_receipts.message_id IS 'The message.';
COMMENT ON COLUMN message_receipts.user_id IS 'The recipient.';
COMMENT ON COLUMN message_receipts.delivered_at IS 'When his client said that it has the message; when he read it, if nothing was said before.';
COMMENT ON COLUMN message_receipts.read_at IS 'When he read it; NULL until then.';
COMMENT ON INDEX message_receipts_pkey IS 'A message''s receipts, and one user''s.';

CREATE TABLE message_counts (
    message_id uuid    NOT NULL PRIMARY KEY,
    recipients integer NOT NULL,
    delivered  integer NOT NULL,
    read       integer NOT NULL
) WITH (fillfactor = 50);
COMMENT ON TABLE message_counts IS 'How many have received and read a message to several people, from the first receipt on. Apart from messages, whose wide rows would be written again for each receipt.';
COMMENT ON COLUMN message_counts.message_id IS 'The message.';
COMMENT ON COLUMN message_counts.recipients IS 'How many it was sent to.';
COMMENT ON COLUMN message_counts.delivered IS 'How many recipients have it.';
COMMENT ON COLUMN message_counts.read IS 'How many have read it.';
COMMENT ON INDEX message_counts_pkey IS 'A message''s counts.';

CREATE TABLE projection_offsets (
    projection      text        COLLATE "C" NOT NULL PRIMARY KEY,
    version         integer     NOT NULL,
    position        bigint      NOT NULL,
    updated_at      timestamptz NOT NULL,
    failed_position bigint,
    failure         text,
    failed_at       timestamptz
) WITH (fillfactor = 10);
COMMENT ON TABLE projection_offsets IS 'How far each projection has come. Its row is written in the transaction that writes the tables, so that each event takes effect exactly once.';
COMMENT ON COLUMN projection_offsets.projection IS 'The projection''s name.';
COMMENT ON COLUMN projection_offsets.version IS 'The version whose tables these are. Only servers with this version of the projection run it.';
COMMENT ON COLUMN projection_offsets.position IS 'The last position that was applied; 0 for none.';
COMMENT ON COLUMN projection_offsets.updated_at IS 'When position last moved, by the database''s clock.';
COMMENT ON COLUMN projection_offsets.failed_position IS 'The event that the projection cannot get past; NULL while all is well.';
COMMENT ON COLUMN projection_offsets.failure IS 'Why it cannot; NULL while all is well.';
COMMENT ON COLUMN projection_offsets.failed_at IS 'When it last tried; NULL while all is well.';
COMMENT ON INDEX projection_offsets_pkey IS 'A projection by name.';

-- +goose Down
DROP TABLE projection_offsets;
DROP TABLE message_counts;
DROP TABLE message_receipts;
DROP TABLE messages;
DROP TABLE user_blocks;
DROP TABLE conversation_participants;
DROP TABLE conversations;
DROP TABLE users;
