// How one key of the log announces the next (docs/verification.md, "Keys change").

import { parseKey, type VerifierKey } from './keys';
import { openNote, parseNote } from './note';
import { need, Refused } from './refused';

/** readAnnouncement returns the two keys of an announcement that both have signed. Rejects with Refused. */
export async function readAnnouncement(note: string): Promise<{ readonly previous: VerifierKey; readonly next: VerifierKey }> {
	const [header, before = '', after = '', end, ...more] = parseNote(note).text.split('\n');
	need(header === 'chainmail log key rotation v1' && end === '' && more.length === 0, 'the note announces no key');
	const [previous, next] = [await parseKey(before), await parseKey(after)];
	need(previous.name === next.name && previous.id !== next.id, 'a key announces another one of the same name');
	const { signers } = await openNote(note, [previous, next]);
	need(signers.length === 2, 'the announcement is not signed by both keys');
	return { previous, next };
}

/**
 * followAnnouncements returns the trusted keys and those that they have announced, one after the other, the newest first. The notes
 * come oldest first. One that
 * does not hold, or comes from a key that is not trusted, is passed over: it vouches for nothing.
 */
export async function followAnnouncements(trusted: readonly VerifierKey[], notes: readonly string[]): Promise<readonly VerifierKey[]> {
	const keys = [...trusted];
	const knows = (key: VerifierKey): boolean => keys.some(({ text }) => text === key.text);
	for (const note of notes) {
		try {
			const { previous, next } = await readAnnouncement(String(note));
			if (knows(previous) && !knows(next)) keys.unshift(next);
		} catch (error) {
			if (!(error instanceof Refused)) throw error;
		}
	}
	return keys;
}
