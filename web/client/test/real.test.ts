import { afterAll, beforeAll, expect, test } from 'vitest';
import type { Chainmail } from '@chainmail/client';
import { type Account, type Server, startServer } from '../../testing/server';
import { eventually, hastily, makeClient, phase, until } from './client';

let server: Server;

beforeAll(async () => {
	server = await startServer();
});
afterAll(() => server?.stop());

async function live(account: Account): Promise<Chainmail> {
	const client = makeClient({ url: server.url, token: async () => account.token }, hastily);
	client.start();
	await phase(client, 'live');
	return client;
}

/** contents are the words of the conversation with a user, oldest first. */
function contents(client: Chainmail, userId: string): (string | null)[] {
	const entries = client.conversation({ userId })?.entries ?? [];
	return entries.flatMap((entry) => (entry.kind === 'message' ? [entry.content] : []));
}

test('two users chat', async () => {
	const [a, b] = [await server.user('Alice'), await server.user('Bob')];
	const [alice, bob] = await Promise.all([live(a), live(b)]);
	await alice.send({ userId: b.id }, 'hello');
	await until(bob, 'chat_message', () => contents(bob, a.id).length === 1);
	await bob.send({ userId: a.id }, 'hi');
	await eventually(() => contents(alice, b.id).length === 2 && contents(bob, a.id).length === 2);
	expect(contents(alice, b.id)).toEqual(['hello', 'hi']);
	expect(contents(bob, a.id)).toEqual(['hello', 'hi']);
	const hello = () => alice.conversation({ userId: b.id })?.entries.find((entry) => entry.kind === 'message');
	await until(alice, 'message_status', () => hello()?.progress === 'delivered');
	bob.read([hello()?.id ?? '']);
	await until(alice, 'message_status', () => hello()?.progress === 'read');
});

test('both go on after the server was killed', async () => {
	const [a, b] = [await server.user('Alice'), await server.user('Bob')];
	const [alice, bob] = await Promise.all([live(a), live(b)]);
	await alice.send({ userId: b.id }, 'before');
	await until(bob, 'chat_message', () => contents(bob, a.id).length === 1);
	await server.kill();
	await Promise.all([phase(alice, 'offline'), phase(bob, 'offline')]);
	await alice.send({ userId: b.id }, 'meanwhile');
	await alice.send({ userId: b.id }, 'too');
	expect(alice.connection().unsent).toBe(2);
	await server.start();
	await eventually(() => contents(bob, a.id).length === 3);
	expect(contents(bob, a.id)).toEqual(['before', 'meanwhile', 'too']);
	await eventually(() => alice.connection().unsent === 0);
	expect(contents(alice, b.id)).toEqual(['before', 'meanwhile', 'too']);
});

test('a token that expires is replaced, and one that could not be in time is renewed with the connection', async () => {
	const account = await server.user('Carol');
	const brief = await server.token(account.id, '2s');
	let expired = false; // there is no better one before
	const client = makeClient({ url: server.url, token: async (need) => (need === 'renew' && expired ? account.token : brief) }, hastily);
	client.on('connection', ({ reason }) => void (expired ||= reason === 'token expired'));
	client.start();
	await until(client, 'connection', () => expired);
	await phase(client, 'live');
});

test('a blocked message stays, with the reasons', async () => {
	const [a, b] = [await server.user('Alice'), await server.user('Bob')];
	const alice = await live(a);
	const key = await alice.send({ userId: b.id }, 'Please send me your recovery phrase to restore your wallet.');
	await until(alice, 'warning', () => alice.connection().unsent === 0);
	expect(alice.conversation({ userId: b.id })?.drafts).toMatchObject([{ clientMessageId: key, status: 'blocked', warning: { code: 'message_blocked' } }]);
	await alice.discard(key);
	expect(alice.conversation({ userId: b.id })?.drafts ?? []).toEqual([]);
});

test('a user who is deactivated is out', async () => {
	const account = await server.user('Mallory');
	const client = await live(account);
	await server.command('user', 'deactivate', account.id);
	client.reconnect(); // does nothing while there is a connection
	await phase(client, 'ended');
	expect(client.connection().reason).toBe('user not found or inactive');
});
