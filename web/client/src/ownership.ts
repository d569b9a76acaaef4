// Several tabs share one outbox: which entries are whose. A tab holds a lock of its own name for as long as it lives, so that the entries
// of a tab that has gone can be told by its lock, which nobody holds.

import type { Surroundings } from './surroundings';

/** The claim of one tab. */
export interface Ownership {
	/** This tab's name. */
	readonly name: string;
	/**
	 * adopting calls `adopt` with a function that says whether an owner lives. Tabs do so one after another. Without locks everybody
	 * else counts as gone: an entry is then sent by more than one tab, which its client_message_id makes harmless.
	 */
	adopting<T>(adopt: (lives: (owner: string) => boolean) => Promise<T>): Promise<T>;
	/** release gives up what this tab owns. */
	release(): void;
}

const prefix = 'chainmail-outbox:';
const adoption = 'chainmail-outbox-adoption';

/** own claims a name, and resolves once it is held. */
export async function own(name: string, locks: Surroundings['locks']): Promise<Ownership> {
	if (!locks) {
		return { name, adopting: (adopt) => adopt((owner) => owner === name), release() {} };
	}
	let release: () => void = () => undefined;
	const released = new Promise<void>((resolve) => (release = resolve));
	await new Promise<void>((held, failed) => {
		locks.request(prefix + name, () => {
			held();
			return released;
		}).catch(failed);
	});
	return {
		name,
		adopting: (adopt) => locks.request(adoption, async () => {
			const { held = [] } = await locks.query();
			const living = new Set(held.map((lock) => lock.name));
			return adopt((owner) => living.has(prefix + owner));
		}),
		release,
	};
}
