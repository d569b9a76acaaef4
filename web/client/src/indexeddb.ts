// The outbox in IndexedDB, which survives a reload and a crash of the browser.

import { inTime } from './intime';
import { newKey } from './keys';
import { memoryStorage } from './memory';
import { own, type Ownership } from './ownership';
import type { OutboxEntry, OutboxStorage } from './storage';
import { type DatabaseFactory, type Surroundings, surroundings } from './surroundings';

/** An entry as it is stored. `order` is the primary key, which grows. */
interface Row {
	readonly order?: number;
	readonly owner: string;
	readonly userId: string;
	readonly kind: OutboxEntry['kind'];
	readonly key: string;
	readonly entry: OutboxEntry;
}

const databaseName = 'chainmail';
const version = 1;
const table = 'outbox';
const patience = 5_000; // another tab may hold up the opening for ever
const byUser = 'user';
const byName = 'name';

/**
 * indexedDBStorage keeps entries in the database `chainmail` of this origin. Several tabs can: each has the entries that it put, and those
 * of tabs that have gone. `factory` and `locks` are the browser's unless told otherwise.
 */
export function indexedDBStorage(factory: DatabaseFactory = indexedDB, { locks }: Surroundings = surroundings()): OutboxStorage {
	const name = newKey();
	let owning: Promise<Ownership> | null = null;
	let opening: Promise<IDBDatabase> | null = null; // null also after the browser has closed it, so that the next call tries again

	function owned(): Promise<Ownership> {
		owning ??= own(name, locks);
		owning.catch(() => (owning = null));
		return owning;
	}
	async function opened(): Promise<IDBDatabase> {
		await owned(); // before anything is put in its name
		if (opening) return opening;
		const lost = (): void => void (opening === mine && (opening = null));
		const mine: Promise<IDBDatabase> = open(factory, lost);
		mine.catch(lost);
		return (opening = mine);
	}

	return {
		async load(userId) {
			const database = await opened();
			const rows = await (await owned()).adopting((lives) => adopt(database, userId, name, lives));
			return rows.map(({ entry }) => entry);
		},
		async put(entry) {
			await put(await opened(), { owner: name, userId: entry.userId, kind: entry.kind, key: entry.key, entry });
		},
		async remove(userId, kind, keys) {
			await remove(await opened(), keys.map((key) => [userId, kind, key]));
		},
		close() {
			opening?.then((database) => database.close(), () => undefined);
			owning?.then((ownership) => ownership.release(), () => undefined);
			opening = null;
			owning = null;
		},
	};
}

/** defaultStorage is IndexedDB where there is one that can be opened, else memory: some browsers have it and refuse it in private windows. */
export function defaultStorage(): OutboxStorage {
	const factory = found();
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

/** found is the browser's. Where cookies are blocked, to name it is an error in some. */
function found(): IDBFactory | null {
	try {
		return globalThis.indexedDB ?? null;
	} catch {
		return null;
	}
}

/** open rejects when the database has not opened within 5 s. `lost` is called when the browser, or a newer page, closes it. */
async function open(factory: IDBFactory, lost: () => void): Promise<IDBDatabase> {
	const request = factory.open(databaseName, version);
	request.onupgradeneeded = () => {
		const store = request.result.createObjectStore(table, { keyPath: 'order', autoIncrement: true });
		store.createIndex(byUser, 'userId');
		store.createIndex(byName, ['userId', 'kind', 'key'], { unique: true });
	};
	const opening = result(request);
	const database = await inTime(opening, patience, () => new Error('the database does not open')).catch((error: unknown) => {
		opening.then((late) => late.close(), () => undefined);
		throw error;
	});
	database.onclose = lost;
	database.onversionchange = () => { // a newer page's tables don't wait for this one
		database.close();
		lost();
	};
	return database;
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
