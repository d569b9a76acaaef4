import { forceCloseDatabase, IDBFactory } from 'fake-indexeddb';
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import type { Chainmail, ClientFrame, OutboxMessage } from '@chainmail/client';
import { defaultStorage, indexedDBStorage } from '../src/indexeddb';
import { eventually, makeClient, phase } from './client';
import { makeLocks } from './locks';
import { room, said, sent } from './frames';
import { type Scripted, type Session, startScripted } from './scripted';

let server: Scripted;

beforeEach(async () => {
	server = await startScripted();
});
afterEach(() => server.stop());

const here = { conversationId: room };

/** open is a tab of the origin that has this database and these locks. */
async function open(database: IDBFactory, { locks }: Partial<ReturnType<typeof makeLocks>>): Promise<{ client: Chainmail; session: Session }> {
	const client = makeClient({ ...server, storage: indexedDBStorage(database, locks ? { locks } : {}) });
	client.start();
	const session = await server.session();
	session.live();
	await phase(client, 'live');
	return { client, session };
}

async function message(session: Session): Promise<Extract<ClientFrame, { type: 'chat_message' }>> {
	const frame = await session.next();
	return frame.type === 'chat_message' ? frame : message(session);
}

/** draft is a message as the outbox stores it. */
function draft(key: string): OutboxMessage {
	return { kind: 'message', key, userId: 'u', target: here, content: key, createdAt: '', status: 'waiting', warning: null, problem: null };
}

describe('the outbox survives a reload', () => {
	test('messages, in order and under their keys', async () => {
		const [database, tab] = [new IDBFactory(), makeLocks()];
		const before = await open(database, tab);
		const keys = [await before.client.send(here, 'one'), await before.client.send(here, 'two')];
		const lost = await message(before.session); // and its answer never comes
		tab.crash();
		const after = await open(database, tab);
		await eventually(() => after.client.connection().unsent === 2);
		const again = await message(after.session);
		expect(again).toEqual(lost);
		after.session.send(sent(again, 2, { duplicate: true }));
		expect((await message(after.session)).client_message_id).toBe(keys[1]);
	});

	test('receipts', async () => {
		const [database, tab] = [new IDBFactory(), makeLocks()];
		const before = await open(database, tab);
		before.session.send(said(2));
		await before.session.next();
		before.client.read([said(2).message_id]);
		await before.session.next();
		await before.client.stop(); // what was told may have been lost with the connection
		const after = await open(database, tab);
		expect(await after.session.next()).toMatchObject({ type: 'read', message_ids: [said(2).message_id] });
	});

	test('what was answered is gone', async () => {
		const [database, tab] = [new IDBFactory(), makeLocks()];
		const before = await open(database, tab);
		await before.client.send(here, 'one');
		before.session.send(sent(await message(before.session), 2));
		await eventually(() => before.client.connection().unsent === 0);
		await before.client.stop();
		expect((await open(database, tab)).client.connection().unsent).toBe(0);
	});
});

describe('two tabs', () => {
	test('do not both send one entry, and the one that stays takes over at its next start', async () => {
		const [database, tabs] = [new IDBFactory(), makeLocks()];
		const first = await open(database, tabs);
		await first.client.send(here, 'mine');
		const request = await message(first.session);
		const second = await open(database, tabs);
		await second.client.send(here, 'yours'); // its outbox is loaded by now
		expect((await message(second.session)).content).toBe('yours');
		expect(second.client.connection().unsent).toBe(1);
		await first.client.stop(); // unanswered
		await second.client.stop();
		const third = await open(database, tabs);
		await eventually(() => third.client.connection().unsent === 2);
		expect(await message(third.session)).toEqual(request);
	});

	test('that begin at once share out what is left', async () => {
		const [database, tabs] = [new IDBFactory(), makeLocks()];
		const gone = indexedDBStorage(database, {});
		for (const key of ['1', '2', '3']) await gone.put(draft(key));
		const loaded = await Promise.all([1, 2, 3].map(() => indexedDBStorage(database, tabs).load('u')));
		expect(loaded.flat().map(({ key }) => key).sort()).toEqual(['1', '2', '3']);
	});

	test('without locks have everything, each under the same key', async () => {
		const database = new IDBFactory();
		await indexedDBStorage(database, {}).put(draft('1'));
		for (let i = 0; i < 2; i += 1) expect((await indexedDBStorage(database, {}).load('u')).map(({ key }) => key)).toEqual(['1']);
	});
});

test('an entry that is put again keeps its place', async () => {
	const storage = indexedDBStorage(new IDBFactory(), {});
	for (const key of ['1', '2', '1']) await storage.put(draft(key));
	expect((await storage.load('u')).map(({ key }) => key)).toEqual(['1', '2']);
	await storage.remove('u', 'message', ['1', 'nothing']);
	expect((await storage.load('u')).map(({ key }) => key)).toEqual(['2']);
	expect(await storage.load('somebody else')).toEqual([]);
});

describe('a database', () => {
	afterEach(() => {
		vi.useRealTimers();
		vi.unstubAllGlobals();
	});

	test('that another tab holds up for ever is done without', async () => {
		vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout'] });
		const blocked = { open: () => ({}) }; // its request never has a result
		vi.stubGlobal('indexedDB', blocked);
		const storage = defaultStorage();
		const loading = storage.load('u');
		await vi.advanceTimersByTimeAsync(5_000);
		expect(await loading).toEqual([]);
		await storage.put(draft('1'));
		expect(await storage.load('u')).toHaveLength(1);
	});

	test('that may not even be named is done without', async () => {
		vi.stubGlobal('indexedDB', undefined);
		Object.defineProperty(globalThis, 'indexedDB', { configurable: true, get() { throw new DOMException('no', 'SecurityError'); } });
		await defaultStorage().put(draft('1'));
	});

	test('that the browser closes is opened again', async () => {
		const factory = new IDBFactory();
		let last: IDBDatabase | undefined;
		const open: IDBFactory['open'] = (...request) => {
			const opening = factory.open(...request);
			opening.addEventListener('success', () => void (last = opening.result));
			return opening;
		};
		const tabs = makeLocks();
		const storage = indexedDBStorage(Object.assign(Object.create(factory), { open }) as IDBFactory, tabs);
		await storage.put(draft('1'));
		const closed = new Promise((resolve) => last?.addEventListener('close', resolve));
		if (last) forceCloseDatabase(last as unknown as Parameters<typeof forceCloseDatabase>[0]);
		await closed;
		await storage.put(draft('2'));
		expect((await storage.load('u')).map(({ key }) => key)).toEqual(['1', '2']);
	});
});
