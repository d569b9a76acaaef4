// How long a client runs: while anybody holds it.

import type { Chainmail } from '@chainmail/client';

interface Lifetime {
	holders: number;
	/** Under way while the client stops; the next start waits for it. */
	stopping: Promise<void> | null;
}

const lifetimes = new WeakMap<Chainmail, Lifetime>();

/**
 * hold starts a client and returns what lets go of it. It stops when the last holder has let go and none has come in the same turn of the event
 * loop: strict mode and a moved component unmount and mount in one turn, and leave the connection alone.
 */
export function hold(client: Chainmail): () => void {
	const lifetime = lifetimes.get(client) ?? { holders: 0, stopping: null };
	lifetimes.set(client, lifetime);
	lifetime.holders += 1;
	if (lifetime.stopping) void lifetime.stopping.then(() => lifetime.holders > 0 && client.start());
	else client.start();
	let held = true;
	return () => {
		if (!held) return;
		held = false;
		lifetime.holders -= 1;
		queueMicrotask(() => letGo(client, lifetime));
	};
}

function letGo(client: Chainmail, lifetime: Lifetime): void {
	if (lifetime.holders > 0 || lifetime.stopping) return;
	lifetime.stopping = client.stop().finally(() => {
		lifetime.stopping = null;
	});
}
