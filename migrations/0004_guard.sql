-- +goose Up

-- Messages that the guard kept from being sent, in the tables of the projection "messages" (projections/state). What
-- they have in common with all messages is in messages, the rest is here.

ALTER TABLE messages ALTER COLUMN conversation_id DROP NOT NULL;
COMMENT ON COLUMN messages.conversation_id IS 'The conversation that it is in. Of one that was blocked: where it was to go; NULL where that conversation did not exist yet.';
COMMENT ON COLUMN messages.recipients IS 'How many it was sent to: the other participants at its position; 0 for one that was blocked.';

CREATE TABLE blocked_messages (
    message_id      uuid        NOT NULL PRIMARY KEY,
    sender_id       uuid        NOT NULL,
    receiver_id     uuid,
    conversation_id uuid,
    position        bigint      NOT NULL,
    released_at     timestamptz,
    released_id     uuid,
    released_by     uuid,
    policy_hash     text        COLLATE "C" NOT NULL,
    reasons         json        NOT NULL,
    model           json
);
COMMENT ON TABLE blocked_messages IS 'Why the guard kept a message from being sent, and whether it was released: a row beside the one in messages.';
COMMENT ON COLUMN blocked_messages.message_id IS 'The message.';
COMMENT ON COLUMN blocked_messages.sender_id IS 'Who wrote it.';
COMMENT ON COLUMN blocked_messages.receiver_id IS 'Whom it was for, in a direct conversation; NULL in a group.';
COMMENT ON COLUMN blocked_messages.conversation_id IS 'Where it was to go; NULL where the two had no direct conversation yet.';
COMMENT ON COLUMN blocked_messages.position IS 'Its event.';
COMMENT ON COLUMN blocked_messages.released_at IS 'When an admin let it pass; NULL for not yet.';
COMMENT ON COLUMN blocked_messages.released_id IS 'The message that it was then sent as; NULL for not yet.';
COMMENT ON COLUMN blocked_messages.released_by IS 'Who let it pass; NULL for not yet.';
COMMENT ON COLUMN blocked_messages.policy_hash IS 'Lower-case hex SHA-256 of the policy that it was judged by.';
COMMENT ON COLUMN blocked_messages.reasons IS 'The rules that it met, each with its weight, as its event has them.';
COMMENT ON COLUMN blocked_messages.model IS 'What a language model said of it, as its event has it; NULL when none was asked.';
COMMENT ON INDEX blocked_messages_pkey IS 'A blocked message by id.';
CREATE INDEX blocked_messages_position ON blocked_messages (position);
COMMENT ON INDEX blocked_messages_position IS 'What the guard blocked, the newest first.';

-- +goose Down
DROP TABLE blocked_messages;
DELETE FROM messages WHERE was_blocked;
ALTER TABLE messages ALTER COLUMN conversation_id SET NOT NULL;
COMMENT ON COLUMN messages.conversation_id IS 'The conversation that it is in.';
COMMENT ON COLUMN messages.recipients IS 'How many it was sent to: the other participants at its position.';
