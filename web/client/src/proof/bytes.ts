// Bytes, and the texts that stand for them.

import { need } from './refused';

/** Bytes in a buffer of their own, as WebCrypto takes them. */
export type Bytes = Uint8Array<ArrayBuffer>;

/** concat joins bytes. */
export function concat(...parts: readonly Uint8Array[]): Bytes {
	const joined = new Uint8Array(parts.reduce((size, part) => size + part.length, 0));
	let at = 0;
	for (const part of parts) {
		joined.set(part, at);
		at += part.length;
	}
	return joined;
}

/** hex writes bytes as lower-case hex. */
export function hex(bytes: Uint8Array): string {
	let text = '';
	for (const byte of bytes) text += byte.toString(16).padStart(2, '0');
	return text;
}

/** fromHex undoes hex. It takes lower case alone, so that one value has one text. */
export function fromHex(text: string): Bytes {
	need(/^([0-9a-f]{2})*$/.test(text), 'what should be lower-case hex is not');
	const bytes = new Uint8Array(text.length / 2);
	for (let at = 0; at < bytes.length; at++) bytes[at] = Number.parseInt(text.slice(2 * at, 2 * at + 2), 16);
	return bytes;
}

/**
 * utf8 encodes a text. One with half a surrogate pair is refused: the encoder would put U+FFFD there, so that two texts had the same
 * bytes.
 */
export function utf8(text: string): Bytes {
	const bytes = new TextEncoder().encode(text);
	need(decoder().decode(bytes) === text, 'a text is no Unicode');
	return bytes;
}

/** fromUtf8 undoes utf8: a byte that is no UTF-8 is refused, and a byte order mark is a character like others. */
export function fromUtf8(bytes: Uint8Array): string {
	try {
		return decoder().decode(bytes);
	} catch {
		need(false, 'a text is not UTF-8');
		return '';
	}
}

function decoder(): TextDecoder {
	return new TextDecoder('utf-8', { fatal: true, ignoreBOM: true });
}
