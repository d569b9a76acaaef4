// Signed notes (C2SP signed-note; docs/verification.md, 2).

import { fromBase64, fromLooseBase64 } from './base64';
import { hex, utf8 } from './bytes';
import { isSigned } from './ed25519';
import { isKeyName, type VerifierKey } from './keys';
import { need, Refused } from './refused';

/** Unsigned is the Refused of a well-formed note that no known key has signed. */
export class Unsigned extends Refused {}

/** A signature line. */
interface Line {
	readonly name: string;
	/** Of the key, lower-case hex. */
	readonly id: string;
	readonly base64: string;
}

/** A note without a verdict on its signatures. */
export interface ParsedNote {
	/** With the line break of its last line. */
	readonly text: string;
	readonly lines: readonly Line[];
}

/** Notes have at most so many signatures. */
const mostSignatures = 100;

/** parseNote takes a note apart and believes it. Throws Refused. */
export function parseNote(note: string): ParsedNote {
	need(!/[\u0000-\u0009\u000b-\u001f]/.test(note), 'a signed note has no control characters but line breaks');
	const gap = note.lastIndexOf('\n\n');
	need(gap >= 0 && note.length > gap + 2 && note.endsWith('\n'), 'a signed note ends with an empty line and signatures');
	const lines = note.slice(gap + 2, -1).split('\n');
	need(lines.length <= mostSignatures, `a signed note has at most ${mostSignatures} signatures`);
	return { text: note.slice(0, gap + 1), lines: lines.map(parseLine) };
}

function parseLine(line: string): Line {
	const [dash, name = '', base64 = '', ...rest] = line.split(' ');
	need(dash === '\u2014' && isKeyName(name) && base64 !== '' && rest.length === 0, 'a signature line of the note is malformed');
	const raw = fromLooseBase64(base64);
	need(raw.length >= 5, 'a signature of the note is too short');
	return { name, id: hex(raw.subarray(0, 4)), base64 };
}

/**
 * openNote returns the note's text and those of the keys that have signed it. Lines of other keys are passed over. Rejects with
 * Refused when the note is malformed
 * or a line of a known key is wrong, and with Unsigned when there is none of a known key.
 */
export async function openNote(
	note: string, keys: readonly VerifierKey[],
): Promise<{ readonly text: string; readonly signers: readonly VerifierKey[] }> {
	const { text, lines } = parseNote(note);
	const signers: VerifierKey[] = [];
	for (const line of lines) {
		const key = keys.find((known) => known.name === line.name && known.id === line.id);
		if (key === undefined || signers.includes(key)) continue;
		const signature = fromBase64(line.base64).slice(4);
		const holds = await isSigned(key.publicKey, signature, utf8(text));
		need(holds, `what stands there as the signature of ${key.name}+${key.id} is not its signature over this text`);
		signers.push(key);
	}
	if (signers.length === 0) throw new Unsigned('no trusted key has signed it');
	return { text, signers };
}
