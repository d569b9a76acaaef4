// Clients for tests, and what tests wait for.

import { afterEach } from 'vitest';
import { WebSocket } from 'ws';
import { type Chainmail, type Events, memoryStorage, type Options, type Phase } from '@chainmail/client';
import { createBackoff } from '../src/backoff';
import { createWith, type Seams } from '../src/create';

const clients: Chainmail[] = [];

afterEach(async () => {
	await Promise.all(clients.splice(0).map((client) => client.stop()));
});

/** makeClient makes a client that is stopped after the test. Its delays are not random, and its world is empty, unless told otherwise. */
export function makeClient(options: Partial<Options> & { url: string }, seams: Partial<Seams> = {}): Chainmail {
	const client = createWith(
		{ token: async () => 'token', WebSocket, storage: memoryStorage(), ...options },
		{ backoff: () => createBackoff(500, () => 1), surroundings: {}, ...seams },
	);
	clients.push(client);
	return client;
}

/** hastily is a backoff for tests that lose connections on purpose. */
export const hastily: Partial<Seams> = { backoff: () => createBackoff(1, () => 1) };

/** phase resolves once the client is in this phase. */
export function phase(client: Chainmail, wanted: Phase): Promise<void> {
	return until(client, 'connection', () => client.connection().phase === wanted);
}

/** until resolves once a condition holds, which it looks at now and after each event of this name. */
export function until(client: Chainmail, name: keyof Events, holds: () => boolean): Promise<void> {
	return new Promise((resolve) => {
		if (holds()) return resolve();
		const off = client.on(name, () => {
			if (!holds()) return;
			off();
			resolve();
		});
	});
}

/** collect gathers all events of these names, in the order of coming. */
export function collect<K extends keyof Events>(client: Chainmail, ...names: K[]): Events[K][] {
	const events: Events[K][] = [];
	for (const name of names) client.on(name, (event) => void events.push(event));
	return events;
}

const later = setTimeout; // which tests may fake later

/** eventually resolves once a condition holds, which it looks at every few milliseconds: a real server needs the processor too. */
export async function eventually(holds: () => boolean): Promise<void> {
	while (!holds()) await new Promise((resolve) => later(resolve, 2));
}
