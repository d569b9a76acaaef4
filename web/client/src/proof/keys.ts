// Verifier keys (C2SP signed-note; docs/verification.md, 1).

import { fromLooseBase64 } from './base64';
import { hex, utf8, type Bytes } from './bytes';
import { need } from './refused';
import { sha256 } from './sha256';

/** A key that verifies signed notes. */
export interface VerifierKey {
	/** As it is written: `<name>+<id>+<base64>`. */
	readonly text: string;
	/** The origin of the log. */
	readonly name: string;
	/** Eight lower-case hex digits. */
	readonly id: string;
	readonly publicKey: Bytes;
}

/** isKeyName reports whether a text can name a key: it has neither white space nor a plus sign. */
export function isKeyName(name: string): boolean {
	return /^[^\s\u0085+]+$/.test(name);
}

/** parseKey reads a verifier key, and checks that its id is that of its name and public key. Rejects with Refused. */
export async function parseKey(text: string): Promise<VerifierKey> {
	const [name = '', id = '', ...rest] = text.split('+');
	need(isKeyName(name) && /^[0-9a-f]{8}$/i.test(id), `${JSON.stringify(text)} is no verifier key`);
	const raw = fromLooseBase64(rest.join('+'));
	need(raw.length === 33 && raw[0] === 1, `${JSON.stringify(text)} is no verifier key of Ed25519`);
	const hash = await sha256(utf8(name), Uint8Array.of(0x0a), raw);
	need(hex(hash.subarray(0, 4)) === id.toLowerCase(), `the id of the key ${text} is not that of its name and public key`);
	return { text, name, id: id.toLowerCase(), publicKey: raw.slice(1) };
}

/** parseKeys reads verifier keys, a key a line. Rejects with Refused. */
export async function parseKeys(lines: string): Promise<readonly VerifierKey[]> {
	return Promise.all(lines.split('\n').map((line) => line.trim()).filter((line) => line !== '').map(parseKey));
}
