// A model of the server: a log, the frames that one user gets of it, and its HTTP API as of any position.

import type { Answer, Api, Page } from '../../src/api';
import { Trouble } from '../../src/errors';
import type * as answers from '../../src/generated/answers';
import type { ChatMessageFrame, ConversationFrame, ServerFrame } from '../../src/generated/frames';

/** One thing that happened; `seq` where it has a place in its conversation. */
export type Happening = { readonly position: number; readonly conversation: string } & (
	| { readonly kind: 'started'; readonly seq: number; readonly user: string; readonly present: readonly string[]; readonly direct: boolean }
	| { readonly kind: 'participant_added' | 'participant_left'; readonly seq: number; readonly user: string; readonly present: readonly string[] }
	| { readonly kind: 'message'; readonly seq: number; readonly id: string; readonly user: string; readonly present: readonly string[] }
	| { readonly kind: 'delivered' | 'read'; readonly message: string; readonly sender: string; readonly user: string }
	| { readonly kind: 'erased'; readonly seq: number; readonly message: string; readonly present: readonly string[] }
	| { readonly kind: 'notified'; readonly id: string }
	| { readonly kind: 'noted'; readonly id: string }
);

export const me = 'me';
export const users = ['me', 'ann', 'bob', 'cyd', 'dan'];

/** time is when a position was stored. */
export function time(position: number): string {
	return new Date(1.77e12 + position * 1000).toISOString();
}

type Log = readonly Happening[];
type Sent = Extract<Happening, { kind: 'message' }>;
type Changed = Extract<Happening, { kind: 'started' | 'participant_added' | 'participant_left' }>;

const isChange = (h: Happening): h is Changed => h.kind === 'started' || h.kind === 'participant_added' || h.kind === 'participant_left';
const saw = (h: Sent | Changed): boolean => h.present.includes(me) || (h.kind === 'participant_left' && h.user === me);

function chatMessage(h: Sent, direct: boolean, erased: boolean): ChatMessageFrame {
	return {
		type: 'chat_message', message_id: h.id, conversation_id: h.conversation, seq: h.seq, position: h.position, sender_id: h.user,
		...(h.user === me ? { client_message_id: `c-${h.id}` } : {}),
		...(direct ? { receiver_id: h.present.find((id) => id !== h.user) ?? '' } : {}),
		content: erased ? null : `words of ${h.id}`, content_hash: `hash ${h.id}`, salt: erased ? null : `salt ${h.id}`, timestamp: time(h.position),
	};
}

function conversationFrame(h: Changed, direct: boolean): ConversationFrame {
	return {
		type: 'conversation', conversation_id: h.conversation, change: h.kind, user_id: h.user, participant_ids: [...h.present],
		title: direct ? null : `title of ${h.conversation}`, seq: h.seq, position: h.position, timestamp: time(h.position),
	};
}

// What is looked up often, of whole logs.
interface Index {
	readonly direct: ReadonlySet<string>;
	/** Receipts and erasures by message. */
	readonly about: ReadonlyMap<string, readonly Happening[]>;
}
const indexes = new WeakMap<Log, Index>();

function indexOf(log: Log): Index {
	const known = indexes.get(log);
	if (known) return known;
	const about = new Map<string, Happening[]>();
	for (const h of log) {
		if ('message' in h) about.set(h.message, [...(about.get(h.message) ?? []), h]);
	}
	const index = { direct: new Set(log.flatMap((h) => (h.kind === 'started' && h.direct ? [h.conversation] : []))), about };
	indexes.set(log, index);
	return index;
}

/** isDirect says which conversations are between two. */
export function isDirect(log: Log, conversation: string): boolean {
	return indexOf(log).direct.has(conversation);
}

/** erasedBy says whether a message's words were gone at a position. */
export function erasedBy(log: Log, h: Happening, position: number): boolean {
	return h.kind === 'message' && (indexOf(log).about.get(h.id) ?? []).some((e) => e.kind === 'erased' && e.position <= position);
}

/** frameOf is the frame that this user gets of a happening, if he gets any. `erased`: it is made after the words have gone. */
export function frameOf(log: Log, h: Happening, erased = false): ServerFrame | undefined {
	const { position, conversation } = h;
	switch (h.kind) {
		case 'message':
			return saw(h) ? chatMessage(h, isDirect(log, conversation), erased) : undefined;
		case 'delivered':
		case 'read':
			if (h.sender !== me && (h.kind === 'delivered' || h.user !== me)) return undefined;
			return {
				type: 'message_status', message_id: h.message, conversation_id: conversation, user_id: h.user, status: h.kind, position, timestamp: time(position),
			};
		case 'erased':
			return h.present.includes(me)
				? { type: 'message_erased', message_id: h.message, conversation_id: conversation, seq: h.seq, position, timestamp: time(position) } : undefined;
		case 'notified':
			return {
				type: 'notification', notification_id: h.id, notification_type: 'told', title: h.id, message: '', link: null, created_at: time(position), position,
			};
		case 'noted':
			return { type: 'notification_read', notification_id: h.id, position };
		default:
			return saw(h) ? conversationFrame(h, isDirect(log, conversation)) : undefined;
	}
}

function pastMessage(log: Log, h: Sent, position: number): answers.PastMessage {
	const about = (indexOf(log).about.get(h.id) ?? []).filter((e) => e.position <= position);
	const erased = about.find((e) => e.kind === 'erased');
	const receipts = new Map<string, answers.Receipt>();
	for (const e of about) {
		if (e.kind !== 'delivered' && e.kind !== 'read') continue;
		const known = receipts.get(e.user);
		const at = time(e.position);
		receipts.set(e.user, { user_id: e.user, delivered_at: known?.delivered_at ?? at, read_at: e.kind === 'read' ? at : known?.read_at ?? null });
	}
	const all = h.present.length - 1;
	return {
		...chatMessage(h, isDirect(log, h.conversation), erased !== undefined), id: h.id, erased_at: erased ? time(erased.position) : null,
		receipts: [...receipts.values()],
		is_delivered: all > 0 && receipts.size >= all, is_read: all > 0 && [...receipts.values()].filter((r) => r.read_at !== null).length >= all,
	};
}

/** Where the API stands: the log as it was, and what is asked for is at least as new. */
export interface Head {
	at(atLeast: number | undefined): number;
}

const listPage = 2;
const historyPage = 4;

/** apiOf is the part of the HTTP API that a store uses. */
export function apiOf(whole: Log, head: Head): Api {
	const asOf = (atLeast?: number): { log: Log; position: number } => {
		const position = head.at(atLeast);
		return { log: whole.slice(0, position), position };
	};
	const listed = (log: Log, id: string): answers.Conversation | undefined => {
		const direct = isDirect(whole, id);
		const changes = log.filter(isChange).filter((h) => h.conversation === id);
		const last = changes.filter(saw).at(-1);
		if (!last) return undefined;
		const seen = log.filter((h): h is Sent => h.kind === 'message' && h.conversation === id && saw(h));
		const joined = changes.filter((h) => h.kind === 'started' || (h.kind === 'participant_added' && h.user === me)).at(-1)?.position ?? 0;
		const unread = seen.filter((h) => h.position > joined && h.user !== me && !(indexOf(whole).about.get(h.id) ?? []).some((e) =>
			e.position <= log.length && (e.kind === 'erased' || (e.kind === 'read' && e.user === me)))).length;
		const newest = seen.at(-1);
		const { receipts: _, ...lastMessage } = newest ? pastMessage(whole, newest, log.length) : { receipts: [] };
		return {
			id, title: direct ? null : `title of ${id}`, direct, created_at: time(changes[0]?.position ?? 0),
			participants: last.present.map(user), last_message: 'id' in lastMessage ? lastMessage : null, unread_count: unread,
		};
	};
	const conversation = async (id: string, atLeast?: number): Promise<Answer<answers.Conversation>> => {
		const { log, position } = asOf(atLeast);
		const value = listed(log, id);
		if (!value) throw new Trouble({ code: 'conversation_not_found', message: 'no', field: null, retryAfter: null, status: 404 });
		return { value, position };
	};
	const used = {
		user: async (id: string): Promise<answers.User> => user(id),
		conversation,
		async conversations(cursor?: string | null, atLeast?: number): Promise<Answer<Page<answers.Conversation>>> {
			const { log, position } = asOf(atLeast);
			const activity = (id: string): number => log.filter((h) => h.conversation === id && (h.kind === 'message' || h.kind === 'started')).at(-1)?.position ?? 0;
			const rows = [...new Set(log.map((h) => h.conversation))].flatMap((id) => listed(log, id) ?? [])
				.filter((c) => c.participants.some((p) => p.id === me) && activity(c.id) < Number(cursor ?? Infinity))
				.sort((a, b) => activity(b.id) - activity(a.id));
			const items = rows.slice(0, listPage);
			const end = rows.length > listPage ? items.at(-1) : undefined;
			return { value: { items, next_cursor: end ? String(activity(end.id)) : null }, position };
		},
		async history(id: string, { before = Infinity }: { before?: number }, atLeast?: number): Promise<Page<answers.PastMessage | answers.Change>> {
			const { log } = asOf(atLeast);
			const all = log.flatMap((h): (answers.PastMessage | answers.Change)[] => {
				if (h.conversation !== id || !('seq' in h) || h.seq >= before || h.kind === 'erased' || !saw(h)) return [];
				return [h.kind === 'message' ? pastMessage(whole, h, log.length) : conversationFrame(h, isDirect(whole, id))];
			});
			const items = all.slice(-historyPage);
			return { items, next_cursor: all.length > historyPage ? 'older' : null };
		},
		async notifications(cursor?: string | null, atLeast?: number): Promise<Answer<Page<answers.Notification>>> {
			const { log, position } = asOf(atLeast);
			const all = log.flatMap((h) => (h.kind === 'notified' && h.position < Number(cursor ?? Infinity) ? [h] : [])).reverse();
			const items = all.slice(0, listPage).map((h): answers.Notification => {
				const read = log.find((e) => e.kind === 'noted' && e.id === h.id);
				return {
					id: h.id, notification_type: 'told', title: h.id, message: '', link: null, created_at: time(h.position), position: h.position,
					is_read: read !== undefined, read_at: read ? time(read.position) : null,
				};
			});
			return { value: { items, next_cursor: all.length > listPage ? String(items.at(-1)?.position) : null }, position };
		},
	};
	return new Proxy(used, { get: (calls, name) => Reflect.get(calls, name) ?? unused(String(name)) }) as unknown as Api;
}

function unused(name: string): () => never {
	return () => {
		throw new Error(`a store does not call ${name}`);
	};
}

function user(id: string): answers.User {
	return { id, name: id.toUpperCase(), wallet_address: null, online: false, last_seen: null };
}
