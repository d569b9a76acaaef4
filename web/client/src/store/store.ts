// The store: what one user knows of one log, as a pure function of the frames and answers that were told, twice and in any order.

import type { Api } from '../api';
import type { MessageSentFrame, ServerFrame } from '../generated/frames';
import type { Conversation, Note, Person, Target } from '../model';
import type { OutboxMessage } from '../storage';
import { adopt, conversationSnapshot, endTyping, find, listSnapshot, withPeer } from './conversations';
import { setDrafts } from './drafts';
import { applyAccepted, applyFrame } from './frames';
import { readHere, recordOf } from './history';
import { newKnown, startAt } from './known';
import { createLoading } from './loading';
import { createNotes } from './notes';
import { createPeople } from './people';

/**
 * What one user knows of one log. It opens no connection and has no timer: whoever owns the connection passes frames in, and asks for `load` after
 * the first `synced`. From that position on every durable frame has to be passed in, each conversation's in order of seq; then nothing is missing
 * between what was loaded and what came. Where a log or a user is exchanged, another store is made.
 *
 * A conversation's `entries` are all that this user may see of it from the oldest one that was loaded, or came after `load`, to the newest. What is
 * known below that, such as a list's last message or an undelivered one of last week, waits aside until `loadOlder` has reached it. The one
 * exception is a message of this user: its answer may run ahead of pushes, which then take their places before it.
 */
export interface Store {
	/** begin says whose store this is: after the first `authenticated`, before all else. Again does nothing. */
	begin(userId: string): void;
	/** apply takes a frame, and reports whether anything of it was news here. It is not for a message that an answer told before. */
	apply(frame: ServerFrame): boolean;
	/** accepted makes a message of a draft, as its `message_sent` says. */
	accepted(draft: OutboxMessage, frame: MessageSentFrame): void;
	/** setDrafts takes all messages of the outbox, in the order of writing, whenever they have changed. */
	setDrafts(drafts: readonly OutboxMessage[]): void;
	/**
	 * load loads the conversations, 1,000 at most, and the first page of the inbox, at least as of `position`, that of the first `synced`. Rejects
	 * with Trouble; then it may be called again.
	 */
	load(position: number): Promise<void>;
	/**
	 * loadOlder loads the page of history before the first entry, or the newest one. Twice at once is once; it does nothing when `complete`. A
	 * conversation that is not in the list is loaded by its id. Rejects with Trouble, also before `load`.
	 */
	loadOlder(target: Target): Promise<void>;
	/** loadOlderNotes loads the next page of the inbox and resolves with whether there is more. Rejects with Trouble. */
	loadOlderNotes(): Promise<boolean>;
	/** read marks messages as read and returns the ids of those that the log has to be told of: others', neither read nor erased. */
	read(messageIds: readonly string[]): readonly string[];
	/** disconnected forgets what holds only while frames come: who types, and who is online. */
	disconnected(): void;

	/** The conversations, that with the newest message first; null before the first page of the list. */
	conversations(): readonly Conversation[] | null;
	/** The conversation of a target; one with a user is there before its first message. undefined where nothing is known. */
	conversation(target: Target): Conversation | undefined;
	/** The other one of a direct conversation; undefined or null for others, and where nothing is known. Unlike a snapshot it costs nothing. */
	peerOf(conversationId: string): string | null | undefined;
	/** person returns what is known of a user, and loads him if nothing is; after a failure not again for 30 s. */
	person(id: string): Person | undefined;
	/** The inbox, the newest first; null before its first page. */
	notes(): readonly Note[] | null;
}

/** What a store is made with. */
export interface StoreOptions {
	readonly api: Api;
	/**
	 * Without it a store keeps people and drafts alone, and of conversations with whom they are: nothing that grows with messages. It loads
	 * people alone.
	 */
	readonly remember: boolean;
	/** changed is called after snapshots have changed, at most once a call and an answer. */
	changed(): void;
}

/** createStore returns a store that knows nothing. */
export function createStore({ api, remember, changed }: StoreOptions): Store {
	const known = newKnown();
	const { conversations } = known;
	const people = createPeople(api, changed);
	const notes = createNotes(api, changed);
	const loading = createLoading({ api, known, people, changed });

	return {
		begin(userId) {
			known.me ||= userId;
		},
		apply(frame) {
			if ('position' in frame && frame.type !== 'authenticated') known.newest = Math.max(known.newest, frame.position);
			if (!remember && frame.type !== 'presence') {
				if (frame.type === 'chat_message') recordOf(known, frame);
				return true;
			}
			if (!applyFrame(known, people, notes, frame)) return false;
			changed();
			void loading.unknown();
			return true;
		},
		accepted(draft, frame) {
			known.newest = Math.max(known.newest, frame.position);
			if (!remember) {
				if ('userId' in draft.target) adopt(conversations, known.me, frame.conversation_id, draft.target.userId);
				return;
			}
			applyAccepted(known, draft, frame);
			changed();
			void loading.unknown();
		},
		setDrafts(messages) {
			if (setDrafts(known, messages)) changed();
		},
		async load(position) {
			known.newest = Math.max(known.newest, position);
			startAt(known, position);
			if (!remember) return;
			await Promise.all([loading.list(position), notes.load(position)]);
			await loading.unknown();
		},
		loadOlder: async (target) => (remember ? loading.older(target) : undefined),
		loadOlderNotes: notes.loadOlder,
		read(messageIds) {
			const news = [...new Set(messageIds)].filter((id) => readHere(known, id));
			if (news.length > 0) changed();
			return news;
		},
		disconnected() {
			endTyping(conversations);
			people.disconnected();
			changed();
		},
		conversations: () => listSnapshot(conversations, known.me),
		conversation(target) {
			const isNew = 'userId' in target && known.me !== '';
			const record = isNew ? withPeer(conversations, known.me, target.userId) : find(conversations, target);
			return record && conversationSnapshot(record, known.me);
		},
		peerOf: (conversationId) => conversations.byId.get(conversationId)?.peerId,
		person: people.person,
		notes: notes.snapshot,
	};
}
