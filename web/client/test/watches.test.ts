import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import type { ClientFrame } from '@chainmail/client';
import { eventually, makeClient, phase } from './client';
import { type Scripted, type Session, startScripted } from './scripted';

let server: Scripted;

beforeEach(async () => {
	server = await startScripted();
	vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout'] });
});
afterEach(async () => {
	await server.stop();
	vi.useRealTimers();
});

/** refuse answers a subscription with a refusal that may pass, and returns once that has come. */
async function refuse(session: Session, request: ClientFrame, came: () => number): Promise<void> {
	const before = came();
	session.send(
		{ type: 'error', code: 'unavailable', message: 'No.', ...('ref' in request && { ref: request.ref }) }, { type: 'heartbeat', position: 100, timestamp: '' },
	);
	await eventually(() => came() > before);
}

test('a subscription is asked for while anybody watches, and again on each connection', async () => {
	const client = makeClient(server);
	const unwatch = [client.watch('task:1'), client.watch('task:1')];
	client.start();
	let session = await server.session();
	session.live();
	expect(await session.next()).toMatchObject({ type: 'subscribe', channel: 'task:1' });
	session.cut();
	await phase(client, 'offline');
	client.reconnect();
	session = await server.session();
	session.live();
	expect(await session.next()).toMatchObject({ type: 'subscribe', channel: 'task:1' });
	unwatch[0]?.();
	unwatch[0]?.();
	client.watch('task:2');
	unwatch[1]?.();
	expect([await session.next(), await session.next()]).toMatchObject([{ channel: 'task:2' }, { type: 'unsubscribe', channel: 'task:1' }]);
});

test('one that is refused for now is asked for again, unless nobody watches any more', async () => {
	const client = makeClient(server);
	let beats = 0;
	client.on('heartbeat', () => void (beats += 1));
	client.watch('task:1');
	const unwatch = client.watch('task:2');
	client.start();
	const session = await server.session();
	session.live();
	await refuse(session, await session.next(), () => beats);
	await refuse(session, await session.next(), () => beats);
	unwatch();
	expect(await session.next()).toMatchObject({ type: 'unsubscribe' });
	await vi.advanceTimersByTimeAsync(4_999);
	client.watch('task:3');
	await vi.advanceTimersByTimeAsync(1);
	expect([await session.next(), await session.next()]).toMatchObject([{ channel: 'task:3' }, { type: 'subscribe', channel: 'task:1' }]);
	expect(session.waiting).toEqual([]);
});
