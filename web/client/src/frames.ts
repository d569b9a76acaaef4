// Kinds of frames.

import type {
	AnnouncementFrame, ChatMessageFrame, ConversationFrame, ErrorFrame, MessageCountsFrame, MessageErasedFrame, MessageSentFrame, MessageStatusFrame,
	NotificationFrame, NotificationReadFrame, ServerFrame, TaskStatusUpdateFrame, WarningFrame,
} from './generated/frames';

/** A frame that takes a place in a conversation. */
export type SequencedFrame = ChatMessageFrame | MessageErasedFrame | ConversationFrame;

/** A frame that stands for an event of the log: it is pushed in order of position, and again to who was not there. */
export type DurableFrame =
	| SequencedFrame | MessageStatusFrame | MessageCountsFrame | NotificationFrame | NotificationReadFrame | TaskStatusUpdateFrame | AnnouncementFrame;

/** What the server says to a message of the outbox. */
export type MessageAnswer = MessageSentFrame | WarningFrame | ErrorFrame;

/** Refusals that may pass: nothing was stored, or nobody knows. The same again does no harm. */
export const retriable: ReadonlySet<ErrorFrame['code']> = new Set(['rate_limited', 'unavailable', 'internal', 'unauthenticated']);

/** atMostAnHour bounds the seconds that a server wants to be left alone: a timer of more than 24 days would end at once. */
export function atMostAnHour(seconds: number): number {
	return Math.min(seconds, 3_600);
}

const sequenced = new Set<ServerFrame['type']>(['chat_message', 'message_erased', 'conversation']);
const durable = new Set<ServerFrame['type']>([
	...sequenced, 'message_status', 'notification', 'notification_read', 'task_status_update', 'announcement',
]);

/** isSequenced says whether a frame has a seq among its conversation's pushes. */
export function isSequenced(frame: ServerFrame): frame is SequencedFrame {
	return sequenced.has(frame.type);
}

/** isDurable says whether a frame stands for an event of the log. */
export function isDurable(frame: ServerFrame): frame is DurableFrame {
	return durable.has(frame.type);
}

/** parseFrame reads a frame; null for what is none. What fields a frame of a type has is taken from the server on trust. */
export function parseFrame(data: unknown): ServerFrame | null {
	if (typeof data !== 'string') return null;
	try {
		const value: unknown = JSON.parse(data);
		return isFrame(value) ? value : null;
	} catch {
		return null;
	}
}

function isFrame(value: unknown): value is ServerFrame {
	return typeof value === 'object' && value !== null && 'type' in value && typeof value.type === 'string';
}
