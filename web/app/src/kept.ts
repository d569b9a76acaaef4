// Small texts that the browser keeps. Where it keeps none (cookies are forbidden, the disk is full) all goes on without.

/** read returns a kept text; null where there is none. */
export function read(storage: 'local' | 'session', name: string): string | null {
	try {
		return area(storage).getItem(name);
	} catch {
		return null;
	}
}

/** write keeps a text, or drops it for null. */
export function write(storage: 'local' | 'session', name: string, value: string | null): void {
	try {
		if (value === null) area(storage).removeItem(name);
		else area(storage).setItem(name, value);
	} catch {
		// then this page alone knows it
	}
}

function area(storage: 'local' | 'session'): Storage {
	return storage === 'local' ? localStorage : sessionStorage;
}
