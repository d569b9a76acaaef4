// What the witness remembers, in the browser.

import type { WitnessStorage } from './proof/witness';

/** witnessStorage keeps texts for one server in localStorage, or in memory where there is none or it can't be used. */
export function witnessStorage(url: string): WitnessStorage {
	const { localStorage: lasting }: { localStorage?: Storage } = typeof window === 'undefined' ? {} : window;
	const memory = new Map<string, string>();
	const place = (name: string) => `chainmail ${new URL(url).origin} ${name}`;
	return {
		get(name) {
			return memory.get(name) ?? lasting?.getItem(place(name)) ?? null;
		},
		set(name, value) {
			try {
				if (lasting) return lasting.setItem(place(name), value);
			} catch {
				// it is full: what is remembered then ends with the page
			}
			memory.set(name, value);
		},
		remove(name) {
			memory.delete(name);
			lasting?.removeItem(place(name));
		},
	};
}
