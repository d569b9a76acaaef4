// Web Locks of one origin, as far as the client uses them: Node 20 has none.

import type { Surroundings } from '../src/surroundings';

/** makeLocks makes the locks of an origin; `crash` frees all that a tab held, as its end would. */
export function makeLocks(): { readonly locks: NonNullable<Surroundings['locks']>; crash(): void } {
	const held = new Map<string, Promise<unknown>>();
	const crashes = new Map<string, () => void>();
	async function request<T>(name: string, callback: (lock: Lock | null) => T): Promise<Awaited<T>> {
		while (held.has(name)) await held.get(name);
		const crashed = new Promise<void>((resolve) => crashes.set(name, resolve));
		const work = Promise.resolve(callback({ name, mode: 'exclusive' }));
		held.set(name, Promise.race([work, crashed]).finally(() => held.delete(name)));
		return work;
	}
	return {
		locks: {
			request: request as LockManager['request'],
			query: async () => ({ held: [...held.keys()].map((name) => ({ name, mode: 'exclusive' as const, clientId: '' })), pending: [] }),
		},
		crash() {
			for (const [name, end] of crashes) {
				held.delete(name);
				end();
			}
		},
	};
}
