// Checkpoints (C2SP tlog-checkpoint; docs/verification.md, 3).

import { fromBase64 } from './base64';
import { hex } from './bytes';
import type { VerifierKey } from './keys';
import { openNote, parseNote, Unsigned } from './note';
import { need } from './refused';
import type { SeenCheckpoint } from './witness';

/** A checkpoint whose signature was checked, and the key that signed it. */
export interface OpenedCheckpoint extends SeenCheckpoint {
	readonly signer: VerifierKey;
}

/**
 * openCheckpoint opens a signed checkpoint. Rejects with Refused, and with Unsigned where it is well-formed and no trusted key of
 * its origin signed it.
 */
export async function openCheckpoint(note: string, keys: readonly VerifierKey[]): Promise<OpenedCheckpoint> {
	const { text, signers } = await openNote(note, keys);
	const claim = parseClaim(text);
	const signer = signers.find((key) => key.name === claim.origin);
	if (signer === undefined) throw new Unsigned(`the key is not one of ${claim.origin}`);
	return { ...claim, note, signer };
}

/** readCheckpoint reads a checkpoint and believes it. Throws Refused for what is none. */
export function readCheckpoint(note: string): SeenCheckpoint {
	return { ...parseClaim(parseNote(note).text), note };
}

function parseClaim(text: string): { readonly origin: string; readonly treeSize: number; readonly root: string } {
	const lines = text.slice(0, -1).split('\n');
	const [origin = '', size = '', root = ''] = lines;
	need(lines.length >= 3 && lines.every((line) => line !== ''), 'a checkpoint has an origin, a tree size and a root hash, and no empty line');
	return { origin, treeSize: parseNumber(size), root: parseHash(root) };
}

/** parseNumber reads a decimal without sign or leading zero, up to 2^53 - 1. Throws Refused. */
export function parseNumber(text: string): number {
	const value = Number(text);
	need(/^(0|[1-9][0-9]{0,15})$/.test(text) && Number.isSafeInteger(value), `${JSON.stringify(text)} is no number that can be checked here`);
	return value;
}

/** parseHash turns a hash from base64 into lower-case hex. Throws Refused. */
export function parseHash(text: string): string {
	const raw = fromBase64(text);
	need(raw.length === 32, 'what should be a hash is not 32 bytes long');
	return hex(raw);
}
