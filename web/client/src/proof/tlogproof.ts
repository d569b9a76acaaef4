// The text of a proof (C2SP tlog-proof; docs/verification.md, 5).

import { fromBase64, toBase64 } from './base64';
import { fromHex, type Bytes } from './bytes';
import { parseHash, parseNumber } from './checkpoint';
import { need } from './refused';

/** What a proof says. Nothing of it is verified. */
export interface TlogProof {
	readonly leaf: Bytes;
	readonly index: number;
	/** Lower-case hex, the leaf's neighbour first. */
	readonly path: readonly string[];
	/** The signed note. */
	readonly checkpoint: string;
}

/** parseTlogProof reads the text of a proof, and nothing that is spelt otherwise. Throws Refused. */
export function parseTlogProof(text: string): TlogProof {
	const gap = text.indexOf('\n\n');
	need(gap >= 0, 'the proof has no empty line before a checkpoint');
	const [header, extra = '', index = '', ...path] = text.slice(0, gap).split('\n');
	need(header === 'c2sp.org/tlog-proof@v1', 'the proof does not begin as a tlog-proof does');
	need(extra.startsWith('extra '), 'the second line of the proof is not the leaf');
	need(index.startsWith('index '), 'the third line of the proof is not the index');
	const leaf = fromBase64(extra.slice('extra '.length));
	need(leaf.length > 0, 'the leaf is empty');
	return { leaf, index: parseNumber(index.slice('index '.length)), path: path.map(parseHash), checkpoint: text.slice(gap + 2) };
}

/** The fields in which the JSON of a proof repeats its text. */
export type Repeated = 'index' | 'tree_size' | 'leaf' | 'path' | 'checkpoint';

/** differing names the first field of the JSON that does not say what the text says; null for none. */
export function differing(json: Readonly<Record<Repeated, unknown>>, proof: TlogProof): Repeated | null {
	const path = proof.path.map((hash) => toBase64(fromHex(hash)));
	if (json.index !== proof.index) return 'index';
	if (typeof json.tree_size !== 'number' || String(json.tree_size) !== proof.checkpoint.split('\n')[1]) return 'tree_size';
	if (json.leaf !== toBase64(proof.leaf)) return 'leaf';
	if (!Array.isArray(json.path) || json.path.length !== path.length || json.path.some((hash, at) => hash !== path[at])) return 'path';
	return json.checkpoint === proof.checkpoint ? null : 'checkpoint';
}
