// Texts that were begun and not sent, one for each user and conversation. They live as long as the tab, and nobody sees what another one
// has begun who was signed in in it before.

import type { Target } from '@chainmail/client';
import { useSyncExternalStore } from 'react';
import { read, write } from '../kept';
import { targetKey } from './target';

const prefix = 'chainmail.text.';
const listeners = new Set<() => void>();

/** textKey returns under what a user's words to a target are kept. */
export function textKey(userId: string, target: Target): string {
	return `${userId}.${targetKey(target)}`;
}

/** unfinishedText returns what was begun, or the empty string. */
export function unfinishedText(key: string): string {
	return read('session', prefix + key) ?? '';
}

/** keepText keeps what was begun, in place of what was kept before. */
export function keepText(key: string, text: string): void {
	write('session', prefix + key, text === '' ? null : text);
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
