// The tree of RFC 6962 (docs/verification.md, 4). Numbers are halved by division: shifts would cut them to 32 bits.

import { fromHex, hex } from './bytes';
import { need } from './refused';
import { sha256 } from './sha256';
import type { PathNode } from './verdict';

/** leafHash is SHA-256(00 || leaf), in lower-case hex. */
export async function leafHash(leaf: Uint8Array): Promise<string> {
	return hex(await sha256(Uint8Array.of(0), leaf));
}

/** nodeHash is SHA-256(01 || left || right). All three are lower-case hex. */
export async function nodeHash(left: string, right: string): Promise<string> {
	return hex(await sha256(Uint8Array.of(1), fromHex(left), fromHex(right)));
}

/** A place in a level of the tree: the node, and the last node of that level (fn and sn of RFC 9162). */
interface Place {
	node: number;
	last: number;
}

const half = (n: number): number => Math.floor(n / 2);
const isOdd = (n: number): boolean => n % 2 === 1;

/**
 * isRight reports whether the way at this place is a right child, so that its sibling is at the left. A last one without a sibling
 * rises until it is one.
 */
function isRight(place: Place): boolean {
	return isOdd(place.node) || place.node === place.last;
}

/** rise goes up a level, and from a last node that had no sibling up to where it has. */
function rise(place: Place, wasRight: boolean): void {
	while (wasRight && !isOdd(place.node) && place.node > 0) {
		place.node = half(place.node);
		place.last = half(place.last);
	}
	place.node = half(place.node);
	place.last = half(place.last);
}

/**
 * climb computes the way from a leaf up to a root (RFC 9162 §2.1.3.2), and tells each level as it is computed. The last result is the
 * root that path leads to; with an
 * empty path it is the leaf hash. Rejects with Refused when path is not as long as it has to be. Hashes are lower-case hex.
 */
export async function climb(
	leaf: string, index: number, treeSize: number, path: readonly string[], told: (node: PathNode) => unknown = () => {},
): Promise<string> {
	need(index < treeSize, `a tree of ${treeSize} leaves has none with the index ${index}`);
	const place = { node: index, last: treeSize - 1 };
	let result = leaf;
	for (const sibling of path) {
		need(place.last > 0, 'the path is longer than the tree is high');
		const right = isRight(place);
		result = right ? await nodeHash(sibling, result) : await nodeHash(result, sibling);
		await told({ sibling, side: right ? 'left' : 'right', result });
		rise(place, right);
	}
	need(place.last === 0, 'the path ends below the root');
	return result;
}

/** A root over so many leaves, lower-case hex. */
export interface Root {
	readonly treeSize: number;
	readonly root: string;
}

/** verifyConsistency checks that the tree `from`, of one leaf or more, begins the tree `to` (RFC 9162 §2.1.4.2). Rejects with Refused. */
export async function verifyConsistency(from: Root, to: Root, path: readonly string[]): Promise<void> {
	need(from.treeSize >= 1 && from.treeSize <= to.treeSize, `a tree of ${from.treeSize} leaves begins none of ${to.treeSize}`);
	if (from.treeSize === to.treeSize) {
		need(path.length === 0, 'between trees of the same size there is no path');
		need(from.root === to.root, 'two trees of the same size have different roots');
		return;
	}
	const place = { node: from.treeSize - 1, last: to.treeSize - 1 };
	while (isOdd(place.node)) {
		place.node = half(place.node);
		place.last = half(place.last);
	}
	const [first, ...rest] = place.node === 0 ? [from.root, ...path] : path; // a power of two is one subtree: its root begins the path
	need(first !== undefined, 'the path is empty');
	let [older, newer] = [first, first];
	for (const sibling of rest) {
		need(place.last > 0, 'the path is longer than the tree is high');
		const right = isRight(place);
		if (right) older = await nodeHash(sibling, older);
		newer = right ? await nodeHash(sibling, newer) : await nodeHash(newer, sibling);
		rise(place, right);
	}
	need(place.last === 0, 'the path ends below the root');
	need(older === from.root, 'the path does not lead to the root of the older tree');
	need(newer === to.root, 'the path does not lead to the root of the newer tree');
}
