import { WebSocket } from 'ws';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { createChainmail, memoryStorage } from '@chainmail/client';
import { type Server, startServer } from '../../testing/server';

let server: Server;
beforeAll(async () => { server = await startServer(); }, 60_000);
afterAll(() => server.stop(), 60_000);

test('chat', async () => {
	const a = await server.user('Alice');
	const b = await server.user('Bob');
	const make = (token: string) => createChainmail({ url: server.url, token: async () => token, WebSocket, storage: memoryStorage() });
	const alice = make(a.token), bob = make(b.token);
	alice.on('connection', (c) => console.log('alice', JSON.stringify(c)));
	alice.start(); bob.start();
	const got = new Promise((resolve) => bob.on('chat_message', resolve));
	await alice.send({ userId: b.id }, 'hello');
	console.log(await got);
	await new Promise((r) => setTimeout(r, 300));
	console.log(JSON.stringify(alice.conversations()), JSON.stringify(bob.conversations()));
	await alice.stop(); await bob.stop();
	expect(process.getActiveResourcesInfo()).toEqual([]);
});
