// Small texts that the browser keeps. What it does not (cookies are forbidden, the disk is full) lives as long as the page.

const held = new Map<string, string>(); // what the browser did not take

/** read returns a kept text; null where there is none. */
export function read(storage: 'local' | 'session', name: string): string | null {
	try {
		return held.get(name) ?? area(storage).getItem(name);
	} catch {
		return null;
	}
}

/** write keeps a text, or drops it for null. */
export function write(storage: 'local' | 'session', name: string, value: string | null): void {
	held.delete(name);
	try {
		if (value === null) area(storage).removeItem(name);
		else area(storage).setItem(name, value);
	} catch {
		if (value !== null) held.set(name, value);
	}
}

function area(storage: 'local' | 'session'): Storage {
	return storage === 'local' ? localStorage : sessionStorage;
}
