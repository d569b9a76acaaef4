// What is asked of the HTTP API: lists, pages of history, and conversations that a frame names and nobody knows.

import type { Answer, Api, Page } from '../api';
import { Trouble } from '../errors';
import type { Conversation as Listed } from '../generated/answers';
import type { Target } from '../model';
import { type ConversationRecord, find } from './conversations';
import { addListed, addPage } from './history';
import type { Known } from './known';
import type { People } from './people';

/** The most conversations that the list loads. Older ones are loaded when something happens in them, or when they are asked for by id. */
const mostConversations = 1_000;
/** The most unknown conversations that are loaded one by one for one frame. */
const mostAtOnce = 20;
/** How long unknown conversations are left alone after a failure, in milliseconds. */
const quiet = 30_000;

/** Loads conversations. */
export interface Loading {
	/** list loads the conversations, at least as of a position. Rejects with Trouble; what came till then stays. */
	list(position: number): Promise<void>;
	/** older loads the page before the first entry. Twice at once is once. Rejects with Trouble. */
	older(target: Target): Promise<void>;
	/** unknown loads what frames have named and nobody knows. It never rejects: the next frame tries again. */
	unknown(): Promise<void>;
}

/** What loading works with. */
export interface Sources {
	readonly api: Api;
	readonly known: Known;
	readonly people: People;
	readonly changed: () => void;
}

/** createLoading asks nothing until it is called. */
export function createLoading({ api, known, people, changed }: Sources): Loading {
	const { conversations } = known;
	const pages = new Map<string, Promise<void>>();
	let learning = false;
	let failedAt = -quiet; // by a clock that nobody sets

	function take({ value, position }: Answer<Page<Listed>>): void {
		for (const told of value.items) {
			people.learn(told.participants);
			addListed(known, told, position);
		}
		conversations.listed = true;
		changed();
	}

	// one loads a conversation by its id. Of one that this user has left the server tells how he left it.
	async function one(id: string): Promise<ConversationRecord> {
		const { value: told, position } = await api.conversation(id, known.newest);
		people.learn(told.participants);
		const record = addListed(known, told, position);
		changed();
		return record;
	}

	async function page(record: ConversationRecord, id: string): Promise<void> {
		const { floor } = record.timeline;
		const { items, next_cursor } = await api.history(id, floor === Infinity ? {} : { before: floor }, known.newest);
		addPage(known, record, items, next_cursor === null);
		changed();
	}

	const isUnknown = (record: ConversationRecord): boolean => record.id !== null && (record.knownAt < 0 || record.unread.base === null);
	const unknownOnes = (): ConversationRecord[] => [...conversations.all].filter(isUnknown);

	async function learnUnknown(): Promise<void> {
		take(await api.conversations(null, known.newest));
		for (const { id } of unknownOnes().slice(0, mostAtOnce)) {
			if (id !== null) await one(id);
		}
	}

	return {
		async list(position) {
			let cursor: string | null = null;
			let loaded = 0;
			do {
				const answer: Answer<Page<Listed>> = await api.conversations(cursor, position);
				take(answer);
				cursor = answer.value.next_cursor;
				loaded += answer.value.items.length;
			} while (cursor !== null && loaded < mostConversations);
		},
		async older(target) {
			if (known.liveFrom === null) throw notYet();
			const record = find(conversations, target) ?? ('conversationId' in target ? await one(target.conversationId) : undefined);
			if (!record || record.id === null || record.complete || record.timeline.floor <= 1) return;
			const { id } = record;
			const running = pages.get(id) ?? page(record, id).finally(() => pages.delete(id));
			pages.set(id, running);
			await running;
		},
		async unknown() {
			if (learning || !conversations.listed || performance.now() - failedAt < quiet || known.me === '' || unknownOnes().length === 0) return;
			learning = true;
			try {
				await learnUnknown();
			} catch {
				failedAt = performance.now();
			} finally {
				learning = false;
			}
		},
	};
}

function notYet(): Trouble {
	const message = 'There was no connection yet. Try again once there is one.';
	return new Trouble({ code: 'unreachable', message, field: null, retryAfter: null, status: null });
}
