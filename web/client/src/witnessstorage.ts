// What the witness remembers, in the browser.

import type { WitnessStorage } from './proof/witness';

/** witnessStorage keeps texts for one server in localStorage, or in memory where there is none or it can't be used. */
export function witnessStorage(url: string): WitnessStorage {
	const lasting = found();
	const memory = new Map<string, string>();
	const place = (name: string) => `chainmail ${new URL(url).origin} ${name}`;
	return {
		get(name) {
			return memory.get(name) ?? lasting?.getItem(place(name)) ?? null;
		},
		set(name, value) {
			try {
				lasting?.setItem(place(name), value);
				if (lasting) return void memory.delete(name);
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

/** found is the browser's. Where cookies are blocked, to name it is an error. */
function found(): Storage | null {
	try {
		return typeof window === 'undefined' ? null : window.localStorage ?? null;
	} catch {
		return null;
	}
}
