// Texts that were begun and not sent, one for each conversation. They live as long as the tab.

import { useSyncExternalStore } from 'react';

const prefix = 'chainmail.text.';
const texts = new Map<string, string>();
const listeners = new Set<() => void>();

/** unfinishedText returns what was begun for a conversation (its targetKey), or the empty string. */
export function unfinishedText(key: string): string {
	let text = texts.get(key);
	if (text === undefined) {
		text = storedText(key);
		texts.set(key, text);
	}
	return text;
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
	for (const listener of listeners) {
		listener();
	}
}

/** giveBack puts words that could not be sent, or shall be written anew, before what was begun since. */
export function giveBack(key: string, words: string): void {
	const begun = unfinishedText(key);
	keepText(key, begun === '' ? words : `${words}\n\n${begun}`);
}

/** useUnfinished returns what was begun for a conversation, and follows it. */
export function useUnfinished(key: string): string {
	return useSyncExternalStore(subscribe, () => unfinishedText(key));
}

function subscribe(listener: () => void): () => void {
	listeners.add(listener);
	return () => listeners.delete(listener);
}

function storedText(key: string): string {
	try {
		return sessionStorage.getItem(prefix + key) ?? '';
	} catch {
		return '';
	}
}
