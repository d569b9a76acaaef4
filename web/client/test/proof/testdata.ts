// What the tests of the verifier read: the proofs on which every verifier of the project is tried.

import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { parseKeys, type VerifierKey } from '../../src/proof/keys';

/** The checkout's root. */
export const root = join(import.meta.dirname, '..', '..', '..', '..');

/** The folders of proofs: those of the tree alone, and those that rest on what an event is. */
export const proofFolders = ['merkle/testdata', 'cmd/chainmail/testdata/proofs'].map((folder) => join(root, folder));

/** logKeys are the keys under which the good proofs hold. */
export function logKeys(): Promise<readonly VerifierKey[]> {
	return parseKeys(readFileSync(join(root, 'merkle/testdata/log.keys'), 'utf8'));
}

/** filesOf are the names and bytes of a folder's files. */
export function filesOf(folder: string): readonly (readonly [name: string, bytes: Uint8Array])[] {
	return readdirSync(folder).map((name) => [name, new Uint8Array(readFileSync(join(folder, name)))]);
}
