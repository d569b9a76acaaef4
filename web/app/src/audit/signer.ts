import { hexOf } from './batches';

/**
 * signerOf is the verifier key, of these, that has signed a note, by the id with which the signature begins; undefined for none of
 * them.
 */
export function signerOf(note: string, keys: readonly string[]): string | undefined {
	const ids = note.split('\n').flatMap((line) => {
		const [, base64] = /^\u2014 \S+ ([A-Za-z0-9+/]+=*)$/.exec(line) ?? [];
		return base64 === undefined ? [] : [hexOf(base64).slice(0, 8)];
	});
	return keys.find((key) => ids.includes(key.split('+')[1] ?? ''));
}
