// A conversation as it stood at any past position: the frames of its history, folded up to there.

import type { ServerFrame } from '@chainmail/client';

/** A message as it stood. */
export interface PastMessage {
	readonly kind: 'message';
	readonly id: string;
	readonly seq: number;
	readonly position: number;
	readonly senderId: string;
	/** null once erased; the words of one that was erased later are gone at every position. */
	readonly content: string | null;
	readonly timestamp: string;
	/** Whether it was erased by then. */
	readonly erased: boolean;
	/** Who had received it by then, and when; who has read it has received it. */
	readonly delivered: ReadonlyMap<string, string>;
	readonly read: ReadonlyMap<string, string>;
	/** Those whom it was sent to: who took part, but for its sender. */
	readonly recipients: readonly string[];
}

/** A change of those who took part. */
export interface PastChange {
	readonly kind: 'change';
	readonly seq: number;
	readonly position: number;
	readonly change: 'started' | 'participant_added' | 'participant_left';
	readonly userId: string;
	readonly timestamp: string;
}

/** A conversation as it stood. */
export interface Past {
	/** The position of the last event that is in it; 0 before the first. */
	readonly position: number;
	/** When that was, RFC 3339; null before the first. */
	readonly timestamp: string | null;
	readonly title: string | null;
	readonly participantIds: readonly string[];
	readonly entries: readonly (PastMessage | PastChange)[];
}

/** A frame that tells an event of a conversation. */
export type PastFrame = Extract<ServerFrame, { type: 'chat_message' | 'message_status' | 'message_erased' | 'conversation' }>;

/** isPastFrame reports whether a frame tells an event of a conversation. */
export function isPastFrame(frame: ServerFrame): frame is PastFrame {
	return ['chat_message', 'message_status', 'message_erased', 'conversation'].includes(frame.type);
}

/** stateAt folds the frames with positions up to this one. Frames come in ascending position, and the same frames give the same state. */
export function stateAt(frames: readonly PastFrame[], position: number): Past {
	const state: Draft = { position: 0, timestamp: null, title: null, participantIds: [], entries: new Map() };
	for (const frame of frames) {
		if (frame.position > position) break;
		fold(state, frame);
		state.position = frame.position;
		state.timestamp = frame.timestamp;
	}
	return { ...state, entries: [...state.entries.values()] };
}

/** progressOf is how far a message had come with all its recipients. */
export function progressOf({ recipients, delivered, read }: PastMessage): 'sent' | 'delivered' | 'read' {
	if (recipients.length === 0) return 'sent';
	if (recipients.every((id) => read.has(id))) return 'read';
	return recipients.every((id) => delivered.has(id)) ? 'delivered' : 'sent';
}

type Draft = { -readonly [Key in keyof Omit<Past, 'entries'>]: Past[Key] } & { readonly entries: Map<string, PastMessage | PastChange> };

function fold(state: Draft, frame: PastFrame): void {
	switch (frame.type) {
		case 'conversation':
			state.title = frame.title;
			state.participantIds = frame.participant_ids;
			state.entries.set(`seq ${frame.seq}`, {
				kind: 'change', seq: frame.seq, position: frame.position, change: frame.change, userId: frame.user_id, timestamp: frame.timestamp,
			});
			return;
		case 'chat_message':
			state.entries.set(frame.message_id, {
				kind: 'message', id: frame.message_id, seq: frame.seq, position: frame.position, senderId: frame.sender_id, content: frame.content,
				timestamp: frame.timestamp, erased: false, delivered: new Map(), read: new Map(),
				recipients: recipientsOf(state.participantIds, frame.sender_id, frame.receiver_id),
			});
			return;
		case 'message_erased':
			return change(state, frame.message_id, (message) => ({ ...message, content: null, erased: true }));
		case 'message_status':
			return 'user_id' in frame ? change(state, frame.message_id, (message) => receipted(message, frame)) : undefined;
	}
}

/** recipientsOf falls back on the receiver where the history begins after those who took part were told. */
function recipientsOf(participantIds: readonly string[], senderId: string, receiverId: string | undefined): readonly string[] {
	if (participantIds.length === 0) return receiverId === undefined ? [] : [receiverId];
	return participantIds.filter((id) => id !== senderId);
}

function change(state: Draft, id: string, how: (message: PastMessage) => PastMessage): void {
	const message = state.entries.get(id);
	if (message?.kind === 'message') state.entries.set(id, how(message));
}

function receipted(message: PastMessage, { user_id: userId, status, timestamp }: Extract<PastFrame, { status: string }>): PastMessage {
	const first = (times: ReadonlyMap<string, string>): ReadonlyMap<string, string> =>
		times.has(userId) ? times : new Map(times).set(userId, timestamp);
	return { ...message, delivered: first(message.delivered), read: status === 'read' ? first(message.read) : message.read };
}

/** describe says in a sentence what a frame tells. `name` gives a user's name. */
export function describe(frame: PastFrame, name: (userId: string) => string): string {
	switch (frame.type) {
		case 'chat_message': return `${name(frame.sender_id)} sent a message`;
		case 'message_erased': return 'A message was erased';
		case 'conversation': return changeText(frame.change, name(frame.user_id));
		case 'message_status':
			return 'user_id' in frame
				? `${name(frame.user_id)} ${frame.status === 'read' ? 'read' : 'received'} a message`
				: `A message was received by ${frame.delivered_count} and read by ${frame.read_count}`;
	}
}

/** changeText says what a change of the participants was. */
export function changeText(change: PastChange['change'], name: string): string {
	return { started: `${name} started the conversation`, participant_added: `${name} joined`, participant_left: `${name} left` }[change];
}
