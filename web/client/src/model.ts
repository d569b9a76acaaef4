// What a client knows, as values. Every object here is a snapshot: it never changes, and a change makes a new one, so that
// two snapshots are the same object exactly when nothing has changed.

import type { TypedError } from './errors';
import type {
	AnnouncementFrame, ChatMessageFrame, ConversationFrame, HeartbeatFrame, MessageCountsFrame, MessageErasedFrame, MessageSentFrame,
	MessageStatusFrame, NotificationFrame, NotificationReadFrame, PresenceFrame, SyncedFrame, TaskStatusUpdateFrame, TypingIndicatorFrame,
	WarningFrame,
} from './generated/frames';

/**
 * How the connection is. `connecting`: the first connection is being made. `catching_up`: connected, and what was missed is still coming.
 * `live`: everything has come. `offline`: there is no connection, and the next attempt is at `retryAt`. `ended`: there will be no further
 * attempt until `reconnect` is called; `reason` says why. `stopped`: not started, or stopped.
 */
export type Phase = 'stopped' | 'connecting' | 'catching_up' | 'live' | 'offline' | 'ended';

/** The state of the connection. */
export interface Connection {
	readonly phase: Phase;
	/** Messages in the outbox that still wait to be sent. Blocked and refused ones are not counted. */
	readonly unsent: number;
	/** Why it is offline or ended, in the server's words where it gave any; else null. */
	readonly reason: string | null;
	/** When the next attempt is made, in milliseconds since 1970; null while there is none to wait for. */
	readonly retryAt: number | null;
}

/** Where a message goes: into a conversation, or to a user, in the direct conversation with him that the first message opens. */
export type Target = { readonly conversationId: string } | { readonly userId: string };

/** A user as far as he is known here. */
export interface Person {
	readonly id: string;
	readonly name: string;
	readonly walletAddress: string | null;
	readonly online: boolean;
	/** RFC 3339; null while unknown. */
	readonly lastSeen: string | null;
}

/** One recipient's receipt. Times are RFC 3339; a read implies delivery, whose time may then be unknown. */
export interface Receipt {
	readonly userId: string;
	readonly deliveredAt: string | null;
	readonly readAt: string | null;
}

/** How far a message has come: with everybody, or as far as it has come with all. */
export type Progress = 'sent' | 'delivered' | 'read';

/** A message that the log has. */
export interface Message {
	readonly kind: 'message';
	readonly id: string;
	/** Set for messages of this user, where the client that sent it chose one. */
	readonly clientMessageId: string | null;
	readonly conversationId: string;
	/** Its place in the conversation, from 2. */
	readonly seq: number;
	/** Its place in the log. */
	readonly position: number;
	readonly senderId: string;
	/** null once erased. */
	readonly content: string | null;
	readonly contentHash: string;
	readonly salt: string | null;
	readonly timestamp: string;
	readonly erased: boolean;
	/** Of messages of this user: who has received and read it. In conversations of more than 50 the counts below stand instead. */
	readonly receipts: readonly Receipt[];
	readonly deliveredCount: number;
	readonly readCount: number;
	readonly progress: Progress;
}

/** Somebody started the conversation, was added or left. */
export interface Change {
	readonly kind: 'change';
	readonly seq: number;
	readonly position: number;
	readonly change: ConversationFrame['change'];
	readonly userId: string;
	readonly timestamp: string;
}

/**
 * A message of this user that the log does not have. `waiting`: it is sent as soon as that is possible. `blocked`: the guard keeps
 * it back, `warning` says why. `refused`: `problem` says why; `retry` sends it again. Blocked and refused drafts stay until `discard`.
 */
export interface Draft {
	readonly kind: 'draft';
	readonly clientMessageId: string;
	readonly target: Target;
	readonly content: string;
	/** RFC 3339, by this machine's clock. */
	readonly createdAt: string;
	readonly status: 'waiting' | 'blocked' | 'refused';
	readonly warning: WarningFrame | null;
	readonly problem: TypedError | null;
}

/** A conversation. */
export interface Conversation {
	/** null for a direct conversation that no message has opened yet. */
	readonly id: string | null;
	/** The other one of a direct conversation; null in groups. */
	readonly peerId: string | null;
	readonly title: string | null;
	readonly participantIds: readonly string[];
	/** Others' messages that this user has not read. */
	readonly unread: number;
	/** Messages and changes in ascending seq, from the oldest that was loaded to the newest. Loading older ones adds at the front. */
	readonly entries: readonly (Message | Change)[];
	/** What waits, was blocked or was refused, in the order of writing. */
	readonly drafts: readonly Draft[];
	/** Whether `entries` go back to where this user's view of the conversation begins. */
	readonly complete: boolean;
	/** Who types just now. */
	readonly typing: readonly string[];
	readonly lastMessage: Message | null;
	/** When the last message came or the conversation was made, RFC 3339: the list's order, newest first. */
	readonly activeAt: string;
}

/** A notification of the inbox. */
export interface Note {
	readonly id: string;
	readonly type: string;
	readonly title: string;
	readonly message: string;
	/** A path, an address of http or https, or null. */
	readonly link: string | null;
	readonly createdAt: string;
	readonly position: number;
	readonly read: boolean;
}

/**
 * What the emitter tells, by name. Frames keep the server's names and fields. Durable ones come once, whatever the server repeats, and
 * those of one conversation in the order of their seq.
 */
export interface Events {
	connection: Connection;
	/** A message of another, or of this user from another connection. */
	chat_message: ChatMessageFrame;
	/** A message of the outbox is committed. */
	message_sent: MessageSentFrame;
	/** The guard keeps a message of the outbox back. */
	warning: WarningFrame;
	/** A message of the outbox is refused for good. */
	refused: Draft;
	message_status: MessageStatusFrame | MessageCountsFrame;
	message_erased: MessageErasedFrame;
	conversation: ConversationFrame;
	typing_indicator: TypingIndicatorFrame;
	presence: PresenceFrame;
	notification: NotificationFrame;
	notification_read: NotificationReadFrame;
	task_status_update: TaskStatusUpdateFrame;
	announcement: AnnouncementFrame;
	heartbeat: HeartbeatFrame;
	synced: SyncedFrame;
}
