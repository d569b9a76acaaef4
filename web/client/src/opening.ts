// The outbox is opened once for each start, as soon as it is known whose it is.

import { Trouble } from './errors';
import { inTime } from './intime';
import type { Outbox } from './outbox';
import type { Receipts } from './receipts';
import type { OutboxEntry, OutboxStorage } from './storage';

/** Opens the outbox and closes it. */
export interface Opening {
	start(): void;
	/** begin loads what an earlier run of this user has left. */
	begin(userId: string): void;
	/** ready resolves when that is loaded; rejects with Trouble when the client is stopped, or stops or becomes another user's before. */
	ready(): Promise<void>;
	/** stop resolves when all is stored, or storage has not answered for 2 s, and the storage closed unless `start` was called again. */
	stop(): Promise<void>;
}

interface Run {
	readonly ready: Promise<void>;
	resolve(): void;
	reject(reason: Trouble): void;
	userId: string | null;
}

const patience = 2_000;

/** createOpening opens nothing yet. */
export function createOpening(storage: OutboxStorage, outbox: Outbox, receipts: Receipts): Opening {
	let run: Run | null = null;
	let loading: Promise<unknown> = Promise.resolve(); // what storage was asked for last

	async function load(userId: string, mine: Run): Promise<void> {
		const counts = (): boolean => run === mine && mine.userId === userId;
		await idle();
		if (!counts()) return; // it may be closed by now, and would be opened again
		const found = storage.load(userId).catch((): OutboxEntry[] => []); // what can't be read now is still there the next time
		loading = found;
		const entries = await found;
		if (!counts()) return;
		receipts.adopt(entries.flatMap((entry) => (entry.kind === 'receipt' ? [entry] : [])));
		outbox.adopt(entries.flatMap((entry) => (entry.kind === 'message' ? [entry] : [])));
		mine.resolve();
	}
	async function idle(): Promise<void> {
		const stored = Promise.all([outbox.idle(), receipts.idle(), loading]);
		await inTime(stored, patience, () => new Error('the storage does not answer')).catch(() => undefined);
	}

	return {
		start() {
			run ??= newRun();
		},
		begin(userId) {
			if (run === null || run.userId === userId) return;
			if (run.userId !== null) {
				run.reject(stopped());
				run = newRun();
			}
			run.userId = userId;
			outbox.begin(userId);
			receipts.begin(userId);
			void load(userId, run);
		},
		async ready() {
			if (run === null) throw stopped();
			await run.ready;
		},
		async stop() {
			run?.reject(stopped());
			run = null;
			await idle();
			if (run === null) storage.close();
		},
	};
}

function newRun(): Run {
	let resolve: () => void = () => undefined;
	let reject: (reason: Trouble) => void = () => undefined;
	const ready = new Promise<void>((yes, no) => {
		resolve = yes;
		reject = no;
	});
	ready.catch(() => undefined); // nobody may be waiting
	return { ready, resolve, reject, userId: null };
}

function stopped(): Trouble {
	return new Trouble({ code: 'stopped', message: 'The client is stopped.', field: null, retryAfter: null, status: null });
}
