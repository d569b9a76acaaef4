import { execFileSync } from 'node:child_process';
import { beforeAll, expect, it } from 'vitest';
import { openCheckpoint, parseHash } from '../../src/proof/checkpoint';
import { parseKey } from '../../src/proof/keys';
import { Refused } from '../../src/proof/refused';
import { climb, verifyConsistency } from '../../src/proof/tree';
import { root } from './testdata';

/** What `go run ./internal/cmd/vectors` prints. */
interface Vectors {
	readonly inclusion: readonly { index: number; size: number; leaf_hash: string; path: readonly string[]; root: string }[];
	readonly consistency: readonly { from: number; to: number; from_root: string; to_root: string; path: readonly string[] }[];
	readonly notes: readonly { name: string; note: string; verifier: string; valid: boolean; why: string; origin?: string; size?: number; root?: string }[];
}

let vectors: Vectors;

/** Trees up to this size have every shape: complete, one more, one less, and what lies between. */
const small = 40;

/** isSample chooses one proof in seven, of all sizes, that is also tried broken. */
function isSample(sum: number): boolean {
	return sum % 7 === 0;
}

beforeAll(() => {
	const flags = process.env['CHAINMAIL_GO_FLAGS']?.split(' ') ?? [];
	const all = JSON.parse(execFileSync('go', ['run', ...flags, './internal/cmd/vectors'], { cwd: root, maxBuffer: 1 << 26 }).toString()) as Vectors;
	vectors = { ...all, inclusion: all.inclusion.filter(({ size }) => size <= small), consistency: all.consistency.filter(({ to }) => to <= small) };
});

it('every leaf of every small tree leads to its root', async () => {
	expect(vectors.inclusion).toHaveLength(small * (small + 1) / 2);
	await Promise.all(vectors.inclusion.map(async ({ index, size, leaf_hash, path, root: want }) => {
		const hashes = path.map(parseHash);
		expect(await climb(parseHash(leaf_hash), index, size, hashes), `${index} in ${size}`).toBe(parseHash(want));
		if (!isSample(index + size)) return;
		await expect(climb(parseHash(leaf_hash), index, size, [...hashes, parseHash(want)])).rejects.toThrow(Refused);
		if (hashes.length > 0) await expect(climb(parseHash(leaf_hash), index, size, hashes.slice(1))).rejects.toThrow(Refused);
	}));
});

it('every small tree begins every larger one, and no other', async () => {
	expect(vectors.consistency).toHaveLength(small * (small + 1) / 2);
	await Promise.all(vectors.consistency.map(async ({ from, to, from_root, to_root, path }) => {
		const [older, newer] = [{ treeSize: from, root: parseHash(from_root) }, { treeSize: to, root: parseHash(to_root) }];
		const hashes = path.map(parseHash);
		await verifyConsistency(older, newer, hashes);
		if (!isSample(from + to)) return;
		const changed = { ...older, root: `${older.root.startsWith('0') ? '1' : '0'}${older.root.slice(1)}` };
		await expect(verifyConsistency(changed, newer, hashes)).rejects.toThrow(Refused);
		await expect(verifyConsistency(older, { ...newer, root: changed.root }, hashes)).rejects.toThrow(Refused);
		await expect(verifyConsistency(older, newer, [...hashes, newer.root])).rejects.toThrow(Refused);
	}));
});

it('notes are opened as package merkle opens them', async () => {
	expect(vectors.notes.length).toBeGreaterThan(15);
	for (const { name, note, verifier, valid, origin, size, root: want } of vectors.notes) {
		const opened = openCheckpoint(note, [await parseKey(verifier)]);
		if (!valid) await expect(opened, name).rejects.toThrow(Refused);
		else expect(await opened, name).toMatchObject({ origin, treeSize: size, root: parseHash(want ?? '') });
	}
});

// A tree of 2^40 + 1 leaves: its last one's path is the root of the 2^40 alone. With 32-bit shifts both would be cut.
it('trees beyond 2^32 leaves are climbed', async () => {
	const [leaf, complete] = ['11'.repeat(32), '22'.repeat(32)];
	const told: string[] = [];
	const top = await climb(leaf, 2 ** 40, 2 ** 40 + 1, [complete], ({ side, result }) => told.push(side, result));
	expect(told).toEqual(['left', top]);
	await verifyConsistency({ treeSize: 2 ** 40, root: complete }, { treeSize: 2 ** 40 + 1, root: await climb(leaf, 2 ** 40, 2 ** 40 + 1, [complete]) }, [leaf]);
	await expect(climb(leaf, 2 ** 32, 2 ** 40 + 1, [complete])).rejects.toThrow(Refused);
});
