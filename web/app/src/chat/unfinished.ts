// Texts that were begun and not sent, one for each conversation. They live as long as the tab.

const prefix = 'chainmail.text.';
const texts = new Map<string, string>();

/** unfinishedText returns what was begun for a conversation (its targetKey), or the empty string. */
export function unfinishedText(key: string): string {
	const text = texts.get(key);
	if (text !== undefined) {
		return text;
	}
	try {
		return sessionStorage.getItem(prefix + key) ?? '';
	} catch {
		return ''; // storage is forbidden: memory alone keeps it
	}
}

/** keepText keeps what was begun, in place of what was kept before. */
export function keepText(key: string, text: string): void {
	texts.set(key, text);
	try {
		if (text === '') {
			sessionStorage.removeItem(prefix + key);
		} else {
			sessionStorage.setItem(prefix + key, text);
		}
	} catch {
		// Storage is forbidden or full: memory alone keeps it.
	}
}
