// A client that a test plays: it implements the interface on a few conversations in memory.

import type { Chainmail, Conversation, Message, Note, Person, Target } from '@chainmail/client';
import { Trouble } from '@chainmail/client';

/** A client and the strings that move it. */
export interface Scripted {
	readonly client: Chainmail;
	/** Whether it runs. */
	running(): boolean;
	/** How often it was started from standing still. */
	starts(): number;
	/** How many listen to it. */
	listeners(): number;
	/** arrive has a message come to a conversation: at once while it runs, else after the next start. */
	arrive(conversationId: string): void;
	/** sent lists the ids of all messages of a conversation that have come to this client, as its entries should have them. */
	entries(conversationId: string): readonly string[];
	/** answer ends the oldest page of history that is being loaded, or has it fail. It reports whether there was one. */
	answer(trouble?: Trouble): boolean;
	/** How many pages of history were asked for. */
	asked(): number;
	/** withholdList lets it start without its list of conversations, until giveList. */
	withholdList(): void;
	giveList(): void;
	/** notify adds a notification. */
	notify(id: string): void;
	/** appear makes a user known. */
	appear(person: Person): void;
}

/** The pages of a conversation's history, with this many messages each. */
const pages = 2;
const pageSize = 20;

/** trouble is what a scripted client rejects with. */
export const trouble = new Trouble({ code: 'unreachable', message: 'There is no connection.', field: null, retryAfter: null, status: null });

/** scripted returns a client that stands still. */
export function scripted(conversationIds: readonly string[]): Scripted {
	const listeners = new Set<() => void>();
	const conversations = new Map(conversationIds.map((id) => [id, empty(id)]));
	const people = new Map<string, Person>();
	const waiting: string[] = []; // conversations of messages that are on the server
	const questions: { readonly id: string; resolve(): void; reject(error: Trouble): void }[] = [];
	let list: readonly Conversation[] | null = null;
	let notes: readonly Note[] | null = null;
	let running = false;
	let starts = 0;
	let asked = 0;
	let withheld = false;

	function changed(): void {
		list = list && [...conversations.values()];
		for (const listener of [...listeners]) listener();
	}

	function change(id: string, next: (now: Conversation) => Partial<Conversation>): void {
		const now = conversations.get(id);
		if (now) conversations.set(id, { ...now, ...next(now) });
		changed();
	}

	function fetchAll(): void {
		for (const id of waiting.splice(0)) {
			change(id, ({ entries }) => ({ entries: [...entries, message(id, (entries.at(-1)?.seq ?? 1000) + 1)] }));
		}
	}

	const find = (target: Target): Conversation | undefined => ('conversationId' in target ? conversations.get(target.conversationId) : undefined);

	function loadOlder(target: Target): Promise<void> {
		asked += 1;
		const id = find(target)?.id ?? '';
		if (questions.some((question) => question.id === id)) throw new Error('a page is being loaded already');
		return new Promise<void>((resolve, reject) => questions.push({ id, resolve, reject }));
	}

	const used = {
		start() {
			if (running) return;
			running = true;
			starts += 1;
			if (!withheld) list ??= [];
			changed();
			fetchAll();
		},
		async stop() {
			running = false;
			changed();
		},
		connection: () => connections[running ? 'live' : 'stopped'],
		userId: () => (starts > 0 ? 'me' : null),
		subscribe(listener: () => void) {
			const mine = (): void => listener(); // so that the same listener twice counts twice
			listeners.add(mine);
			return () => void listeners.delete(mine);
		},
		conversations: () => list,
		conversation: find,
		loadOlder,
		person: (id: string) => people.get(id),
		notes: () => notes,
		loadOlderNotes: async () => false,
		send: async () => 'c-1',
		async readNote(id: string) {
			notes = notes?.map((note) => (note.id === id ? { ...note, read: true } : note)) ?? null;
			changed();
		},
	};
	return {
		client: used as unknown as Chainmail,
		running: () => running, starts: () => starts, listeners: () => listeners.size, asked: () => asked,
		arrive(id) {
			waiting.push(id);
			if (running) fetchAll();
		},
		entries: (id) => conversations.get(id)?.entries.map((entry) => String(entry.seq)) ?? [],
		answer(error) {
			const question = questions.shift();
			if (!question) return false;
			if (error) {
				question.reject(error);
				return true;
			}
			change(question.id, ({ entries }) => {
				const first = entries[0]?.seq ?? 1001;
				const older = Array.from({ length: pageSize }, (_, i) => message(question.id, first - pageSize + i));
				return { entries: [...older, ...entries], complete: first - pageSize <= 1001 - pages * pageSize };
			});
			question.resolve();
			return true;
		},
		withholdList() {
			withheld = true;
		},
		giveList() {
			withheld = false;
			list = [];
			changed();
		},
		notify(id) {
			notes = [{ id, type: 'told', title: id, message: '', link: null, createdAt: '', position: 1, read: false }, ...(notes ?? [])];
			changed();
		},
		appear(person) {
			people.set(person.id, person);
			changed();
		},
	};
}

const connections = {
	live: { phase: 'live', unsent: 0, reason: null, retryAt: null },
	stopped: { phase: 'stopped', unsent: 0, reason: null, retryAt: null },
} as const;

function empty(id: string): Conversation {
	return {
		id, peerId: null, title: id, participantIds: ['me', 'ann'], unread: 0, entries: [], drafts: [], complete: false, typing: [],
		lastMessage: null, activeAt: '',
	};
}

function message(conversationId: string, seq: number): Message {
	return {
		kind: 'message', id: `${conversationId}-${seq}`, clientMessageId: null, conversationId, seq, position: seq, senderId: 'ann', content: String(seq),
		contentHash: '', salt: '', timestamp: '', erased: false, receipts: [], deliveredCount: 0, readCount: 0, progress: 'delivered',
	};
}
