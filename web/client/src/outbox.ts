// The outbox: messages that wait for the server's answer, and those that it would not have.

import type { Backoff } from './backoff';
import { checkContent } from './content';
import { Trouble, type TypedError } from './errors';
import { atMostAnHour, type MessageAnswer, retriable } from './frames';
import type { ClientFrame } from './generated/frames';
import { newKey } from './keys';
import type { Draft, Target } from './model';
import type { OutboxMessage, OutboxStorage } from './storage';

/** What an outbox is made with, and whom it tells. */
export interface OutboxOptions {
	readonly storage: OutboxStorage;
	readonly backoff: Backoff;
	/** send reports whether the frame left. */
	send(frame: ClientFrame): boolean;
	/** lane names the conversation of a target: one name for a direct conversation, however it is addressed. */
	lane(target: Target): string;
	/** changed is called after `messages` has. */
	changed(): void;
}

/** What became of a message. */
export interface Outcome {
	readonly message: OutboxMessage;
	readonly result: 'accepted' | 'blocked' | 'refused';
}

/**
 * The outbox. Of each conversation one message is on its way at a time, so that a refusal in the middle never changes the order.
 */
export interface Outbox {
	/** begin says whose outbox this is. Another user's messages stay in storage alone. */
	begin(userId: string): void;
	/** adopt takes what storage has; nothing may be under way to it meanwhile. */
	adopt(messages: readonly OutboxMessage[]): void;
	/** add stores a message, and resolves with its key when it is. Rejects with Trouble as Chainmail.send does. */
	add(target: Target, content: string): Promise<string>;
	/** retry makes a refused message wait again. Rejects with Trouble (`not_stored`), as discard does. */
	retry(key: string): Promise<void>;
	/** discard takes a message out. */
	discard(key: string): Promise<void>;
	/** answer takes in the server's answer, and returns what became of the message; null where it has yet to be sent again, or is not of this outbox. */
	answer(frame: MessageAnswer): Outcome | null;
	/** onTheWay returns the key of the message in this lane that waits for its answer; null if there is none. */
	onTheWay(name: string): string | null;
	/** messages returns what is in the outbox, in the order of writing; the same array while nothing changes. */
	messages(): readonly OutboxMessage[];
	/** connected sends, from the first unanswered message on. */
	connected(): void;
	/** disconnected counts everything on its way as unanswered. */
	disconnected(): void;
	/** idle resolves when what was to be stored is. */
	idle(): Promise<void>;
}

const most = 1_000;
const mostOnTheWay = 64;

/** createOutbox makes an outbox that takes nothing before `begin`. */
export function createOutbox({ storage, backoff, send, lane, changed }: OutboxOptions): Outbox {
	let all: readonly OutboxMessage[] = [];
	let owner: string | null = null;
	let connected = false;
	let pause: ReturnType<typeof setTimeout> | null = null; // set while the server wants to be left alone
	const unstored = new Set<string>(); // may not be sent yet
	const onTheWay = new Set<string>();
	const discarded = new Map<string, OutboxMessage>(); // on their way when they were: the server may have taken them
	const writing = new Set<Promise<unknown>>();

	/** write rejects with Trouble where storage does. */
	function write(work: Promise<void>): Promise<void> {
		const stored = work.catch(() => {
			throw fault('not_stored', 'This could not be kept on this device.');
		});
		const settled = stored.catch(() => undefined).then(() => void writing.delete(settled));
		writing.add(settled);
		return stored;
	}
	function set(messages: readonly OutboxMessage[]): void {
		all = messages;
		changed();
	}
	function find(key: string | null | undefined): OutboxMessage | undefined {
		return all.find((message) => message.key === key);
	}
	/** replace puts a message in the place of that with its key. */
	function replace(message: OutboxMessage): Promise<void> {
		set(all.map((other) => (other.key === message.key ? message : other)));
		return write(storage.put(message));
	}
	function remove(message: OutboxMessage): Promise<void> {
		set(all.filter((other) => other.key !== message.key));
		return write(storage.remove(message.userId, 'message', [message.key]));
	}

	/** pump sends the first waiting message of each conversation that has none on its way. */
	function pump(): void {
		if (!connected || pause !== null) return;
		const busy = new Set<string>();
		const lanes = new Map<string, string>(); // by the target's id: there are far fewer targets than messages
		for (const message of all) {
			if (message.status !== 'waiting') continue;
			if (onTheWay.size >= mostOnTheWay) return;
			const id = 'userId' in message.target ? message.target.userId : message.target.conversationId;
			const name = lanes.get(id) ?? lane(message.target);
			lanes.set(id, name);
			if (busy.has(name)) continue;
			busy.add(name);
			if (unstored.has(message.key) || onTheWay.has(message.key)) continue;
			if (!send(request(message))) return;
			onTheWay.add(message.key);
		}
	}
	function wait(seconds: number): void {
		if (pause !== null) clearTimeout(pause);
		pause = setTimeout(() => {
			pause = null;
			pump();
		}, atMostAnHour(seconds) * 1000);
	}
	function settle(message: OutboxMessage, frame: MessageAnswer): Outcome | null {
		if (frame.type === 'message_sent') {
			backoff.reset();
			remove(message).catch(() => undefined); // it would be sent again after a reload, which changes nothing
			return { message, result: 'accepted' };
		}
		if (frame.type === 'error' && retriable.has(frame.code)) {
			wait(frame.retry_after || backoff.next() / 1000);
			return null;
		}
		const settled: OutboxMessage = frame.type === 'warning'
			? { ...message, status: 'blocked', warning: frame, problem: null }
			: { ...message, status: 'refused', problem: problemOf(frame) };
		replace(settled).catch(() => undefined);
		return { message: settled, result: frame.type === 'warning' ? 'blocked' : 'refused' };
	}

	return {
		begin(userId) {
			if (owner === userId) return;
			owner = userId;
			onTheWay.clear();
			discarded.clear();
			set([]);
		},
		adopt(messages) {
			set(messages);
			pump();
		},
		async add(target, content) {
			checkContent(content);
			if (owner === null) throw fault('stopped', 'The client was not started.');
			if (all.length >= most) throw fault('outbox_full', `${most} messages wait to be sent. Try again when some of them are.`);
			const message: OutboxMessage = {
				kind: 'message', key: newKey(), userId: owner, target, content, createdAt: new Date().toISOString(), status: 'waiting', warning: null, problem: null,
			};
			unstored.add(message.key);
			set([...all, message]);
			try {
				await write(storage.put(message));
			} catch (error) {
				set(all.filter((other) => other.key !== message.key));
				throw error;
			} finally {
				unstored.delete(message.key);
				pump();
			}
			return message.key;
		},
		async retry(key) {
			const message = find(key);
			if (message?.status !== 'refused') return;
			const stored = replace({ ...message, status: 'waiting', problem: null });
			pump();
			await stored;
		},
		async discard(key) {
			const message = find(key);
			if (!message) return;
			if (onTheWay.has(key)) discarded.set(key, message);
			await remove(message);
		},
		answer(frame) {
			const key = frame.client_message_id;
			if (typeof key !== 'string' || !onTheWay.delete(key)) return null;
			const taken = discarded.get(key);
			discarded.delete(key);
			const message = find(key);
			const outcome = message
				? settle(message, frame)
				: taken && frame.type === 'message_sent' ? { message: taken, result: 'accepted' as const } : null;
			pump();
			return outcome;
		},
		onTheWay(name) {
			for (const key of onTheWay) {
				const message = find(key) ?? discarded.get(key);
				if (message && lane(message.target) === name) return key;
			}
			return null;
		},
		messages: () => all,
		connected() {
			connected = true;
			pump();
		},
		disconnected() {
			connected = false;
			onTheWay.clear();
			discarded.clear();
			if (pause !== null) clearTimeout(pause);
			pause = null;
		},
		async idle() {
			await Promise.all(writing);
		},
	};
}

function request({ target, content, key }: OutboxMessage): ClientFrame {
	const where = 'conversationId' in target ? { conversation_id: target.conversationId } : { receiver_id: target.userId };
	return { type: 'chat_message', ...where, content, client_message_id: key };
}

function problemOf(frame: MessageAnswer): TypedError | null {
	if (frame.type !== 'error') return null;
	return { code: frame.code, message: frame.message, field: frame.field ?? null, retryAfter: frame.retry_after ?? null, status: null };
}

function fault(code: string, message: string): Trouble {
	return new Trouble({ code, message, field: null, retryAfter: null, status: null });
}

/** draftOf shows a message of the outbox as the model has it. */
export function draftOf(message: OutboxMessage): Draft {
	const { key, userId: _, ...draft } = message;
	return { ...draft, kind: 'draft', clientMessageId: key };
}
