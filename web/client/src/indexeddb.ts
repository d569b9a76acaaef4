// The outbox in IndexedDB, which survives a reload and a crash of the browser.

import { newKey } from './keys';
import { memoryStorage } from './memory';
import { own, type Ownership } from './ownership';
import type { OutboxEntry, OutboxStorage } from './storage';
import { type Surroundings, surroundings } from './surroundings';

/** An entry as it is stored. `order` is the primary key, which grows. */
interface Row {
	readonly order?: number;
	readonly owner: string;
	readonly userId: string;
	readonly kind: OutboxEntry['kind'];
	readonly key: string;
	readonly entry: OutboxEntry;
}

interface Opened {
	readonly database: IDBDatabase;
	readonly ownership: Ownership;
}

const databaseName = 'chainmail';
const version = 1;
const table = 'outbox';
const byUser = 'user';
const byName = 'name';

/**
 * indexedDBStorage keeps entries in the database `chainmail` of this origin. Several tabs can: each has the entries that it put, and those
 * of tabs that have gone. `factory` and `locks` are the browser's unless told otherwise.
 */
export function indexedDBStorage(factory: IDBFactory = indexedDB, { locks }: Surroundings = surroundings()): OutboxStorage {
	const name = newKey();
	let opening: Promise<Opened> | null = null;

	function opened(): Promise<Opened> {
		opening ??= open(factory, name, locks);
		opening.catch(() => (opening = null)); // so that the next call tries again
		return opening;
	}

	return {
		async load(userId) {
			const { database, ownership } = await opened();
			const rows = await ownership.adopting((lives) => adopt(database, userId, name, lives));
			return rows.map(({ entry }) => entry);
		},
		async put(entry) {
			const { database } = await opened();
			await put(database, { owner: name, userId: entry.userId, kind: entry.kind, key: entry.key, entry });
		},
		async remove(userId, kind, keys) {
			const { database } = await opened();
			await remove(database, keys.map((key) => [userId, kind, key]));
		},
		close() {
			opening?.then(({ database, ownership }) => {
				database.close();
				ownership.release();
			}, () => undefined);
			opening = null;
		},
	};
}

/** defaultStorage is IndexedDB where there is one that can be opened, else memory: some browsers have it and refuse it in private windows. */
export function defaultStorage(): OutboxStorage {
	const { indexedDB: factory }: { indexedDB?: IDBFactory } = globalThis;
	if (!factory) return memoryStorage();
	const lasting = indexedDBStorage(factory);
	let chosen: OutboxStorage | null = null;
	const choose = async (): Promise<OutboxStorage> => {
		if (chosen) return chosen;
		const works = await lasting.load('').then(() => true, () => false);
		return (chosen ??= works ? lasting : memoryStorage());
	};
	return {
		load: async (userId) => (await choose()).load(userId),
		put: async (entry) => (await choose()).put(entry),
		remove: async (userId, kind, keys) => (await choose()).remove(userId, kind, keys),
		close: () => lasting.close(),
	};
}

async function open(factory: IDBFactory, name: string, locks: Surroundings['locks']): Promise<Opened> {
	const request = factory.open(databaseName, version);
	request.onupgradeneeded = () => {
		const store = request.result.createObjectStore(table, { keyPath: 'order', autoIncrement: true });
		store.createIndex(byUser, 'userId');
		store.createIndex(byName, ['userId', 'kind', 'key'], { unique: true });
	};
	const database = await result(request);
	database.onversionchange = () => database.close(); // a newer page's tables don't wait for this one
	return { database, ownership: await own(name, locks) };
}

/** adopt returns the rows of a user that are this tab's, and makes those its own whose owner has gone. */
async function adopt(database: IDBDatabase, userId: string, name: string, lives: (owner: string) => boolean): Promise<Row[]> {
	const transaction = database.transaction(table, 'readwrite');
	const store = transaction.objectStore(table);
	const rows: Row[] = await result(store.index(byUser).getAll(userId));
	const mine = rows.filter((row) => row.owner === name || !lives(row.owner));
	for (const row of mine) if (row.owner !== name) store.put({ ...row, owner: name });
	await done(transaction);
	return mine;
}

async function put(database: IDBDatabase, row: Row): Promise<void> {
	const transaction = database.transaction(table, 'readwrite');
	const store = transaction.objectStore(table);
	const order = await result(store.index(byName).getKey([row.userId, row.kind, row.key]));
	store.put(order === undefined ? row : { ...row, order });
	await done(transaction);
}

async function remove(database: IDBDatabase, names: readonly string[][]): Promise<void> {
	const transaction = database.transaction(table, 'readwrite');
	const store = transaction.objectStore(table);
	for (const name of names) {
		const order = await result(store.index(byName).getKey(name));
		if (order !== undefined) store.delete(order);
	}
	await done(transaction);
}

function result<T>(request: IDBRequest<T>): Promise<T> {
	return new Promise((resolve, reject) => {
		request.onsuccess = () => resolve(request.result);
		request.onerror = () => reject(request.error);
	});
}

/** done resolves when a transaction is committed. */
function done(transaction: IDBTransaction): Promise<void> {
	return new Promise((resolve, reject) => {
		transaction.oncomplete = () => resolve();
		transaction.onabort = () => reject(transaction.error);
	});
}
