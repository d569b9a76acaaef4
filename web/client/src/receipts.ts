// Receipts on their way to the server. It answers none, so that nobody can know at once which a lost connection has swallowed.

import type { ClientFrame } from './generated/frames';
import type { OutboxReceipt, OutboxStorage } from './storage';

/** What receipts are made with. */
export interface ReceiptsOptions {
	readonly storage: OutboxStorage;
	/** send reports whether the frame left. */
	send(frame: ClientFrame): boolean;
}

/** Receipts that wait, and those that were sent and may still be lost. */
export interface Receipts {
	/** begin says whose receipts these are. Another user's stay in storage alone. */
	begin(userId: string): void;
	/** adopt takes what storage has. */
	adopt(receipts: readonly OutboxReceipt[]): void;
	/** tell sends receipts now, or as soon as there is a connection. What is told already, and delivery after reading, is passed over. */
	tell(status: OutboxReceipt['status'], messageIds: readonly string[]): void;
	/** connected tells everything that is not known to have arrived. */
	connected(): void;
	/** heartbeat takes out what was sent before the last one: had it been lost, so would have been the connection. */
	heartbeat(): void;
	/** refused says that the receipts of this ref, told too fast, are to be told again after so many seconds. */
	refused(ref: unknown, retryAfter: number): void;
	/** disconnected sends nothing more, and stops all timers. */
	disconnected(): void;
	/** idle resolves when what was to be stored is. */
	idle(): Promise<void>;
}

interface Told {
	readonly receipt: OutboxReceipt;
	/** How many heartbeats there had been when it was sent; for what waits it says nothing. */
	sent: number;
}

const most = 10_000;
const mostPerFrame = 500;

/**
 * createReceipts holds 10,000 receipts at most, and of more drops the oldest: the server offers a message again whose delivery it was never told.
 */
export function createReceipts({ storage, send }: ReceiptsOptions): Receipts {
	const told = new Map<string, Told>(); // by message, in the order of telling
	const unsent = new Set<string>(); // of those, in the order of telling
	const batches = new Map<number, readonly string[]>(); // by ref, of this connection
	const writing = new Set<Promise<void>>();
	let owner: string | null = null;
	let heartbeats = 0;
	let ref = 0;
	let timer: ReturnType<typeof setTimeout> | undefined;
	let waiting = true; // for a connection, or for the timer

	/** write lets storage go its way. What it can't keep is told all the same. */
	function write(work: Promise<void>): void {
		const settled = work.catch(() => undefined).then(() => void writing.delete(settled));
		writing.add(settled);
	}
	function drop(ids: readonly string[]): void {
		for (const id of ids) {
			told.delete(id);
			unsent.delete(id);
		}
		if (owner !== null && ids.length > 0) write(storage.remove(owner, 'receipt', ids));
	}
	function flush(): void {
		if (waiting) return;
		const read: string[] = [];
		for (const key of [...unsent]) {
			if (told.get(key)?.receipt.status === 'read') read.push(key);
			else transmit([key], { type: 'delivered', message_id: key });
		}
		for (let i = 0; i < read.length; i += mostPerFrame) {
			const [first, ...others] = read.slice(i, i + mostPerFrame);
			if (first !== undefined) transmit([first, ...others], { type: 'read', message_ids: [first, ...others] });
		}
	}
	function transmit(ids: readonly string[], frame: ClientFrame): void {
		if (!send({ ...frame, ref: (ref += 1) })) return;
		batches.set(ref, ids);
		for (const id of ids) {
			unsent.delete(id);
			const one = told.get(id);
			if (one) one.sent = heartbeats;
		}
	}
	function add(receipt: OutboxReceipt): void {
		told.set(receipt.key, { receipt, sent: heartbeats });
		unsent.add(receipt.key);
	}

	return {
		begin(userId) {
			if (owner === userId) return;
			owner = userId;
			told.clear();
			unsent.clear();
			batches.clear();
		},
		adopt(receipts) {
			for (const receipt of receipts) if (!told.has(receipt.key)) add(receipt);
			flush();
		},
		tell(status, messageIds) {
			if (owner === null) return;
			for (const key of messageIds) {
				const known = told.get(key)?.receipt.status;
				if (known === status || known === 'read') continue;
				const receipt: OutboxReceipt = { kind: 'receipt', key, userId: owner, status };
				add(receipt);
				write(storage.put(receipt));
			}
			if (told.size > most) drop([...told.keys()].slice(0, told.size - most));
			flush();
		},
		connected() {
			for (const key of told.keys()) unsent.add(key);
			batches.clear();
			waiting = false;
			flush();
		},
		heartbeat() {
			heartbeats += 1;
			const arrived = [...told].filter(([key, { sent }]) => !unsent.has(key) && heartbeats - sent >= 2);
			drop(arrived.map(([key]) => key));
			for (const [of, ids] of batches) if (!ids.some((id) => told.has(id))) batches.delete(of);
		},
		refused(of, retryAfter) {
			const ids = typeof of === 'number' ? batches.get(of) : undefined;
			if (!ids) return;
			for (const id of ids) if (told.has(id)) unsent.add(id);
			waiting = true;
			clearTimeout(timer);
			timer = setTimeout(() => {
				waiting = false;
				flush();
			}, retryAfter * 1000);
		},
		disconnected() {
			clearTimeout(timer);
			waiting = true;
		},
		async idle() {
			await Promise.all(writing);
		},
	};
}
