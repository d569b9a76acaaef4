// Base64 of RFC 4648 §4.

import type { Bytes } from './bytes';
import { need } from './refused';

/** toBase64 writes bytes with padding. */
export function toBase64(bytes: Uint8Array): string {
	let text = '';
	for (const byte of bytes) text += String.fromCharCode(byte);
	return btoa(text);
}

/** fromBase64 undoes toBase64, and refuses every other spelling (RFC 4648 §3.5): line breaks, missing padding, unused bits that are set. */
export function fromBase64(text: string): Bytes {
	const bytes = fromLooseBase64(text);
	need(toBase64(bytes) === text, 'base64 is not written in its canonical form');
	return bytes;
}

/** fromLooseBase64 reads also what has unused bits set, as the signatures of keys that nobody knows may. */
export function fromLooseBase64(text: string): Bytes {
	need(text.length % 4 === 0 && /^[A-Za-z0-9+/]*={0,2}$/.test(text), 'what should be base64 is not');
	const raw = atob(text);
	const bytes = new Uint8Array(raw.length);
	for (let at = 0; at < raw.length; at++) bytes[at] = raw.charCodeAt(at);
	return bytes;
}
