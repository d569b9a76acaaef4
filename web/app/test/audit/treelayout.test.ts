import type { Batch } from '@chainmail/client';
import { describe, expect, it } from 'vitest';
import { layoutTree, peaksOf } from '../../src/audit/treelayout';

const measures = { blockWidth: 60, gap: 10, earlierWidth: 100, narrowest: 10, height: 200 };

/** Batches that end at these positions, the newest first. */
function batchesTo(...ends: readonly number[]): readonly Batch[] {
	return ends.map((end, at) => ({ first_position: (ends[at - 1] ?? 0) + 1, last_position: end, tree_size: end, root: '', position: end + 1, sealed_at: '' })).reverse();
}

it('a root is made of the complete subtrees that its size has as binary digits', () => {
	expect(peaksOf(14)).toEqual([[0, 8], [8, 12], [12, 14]]);
	expect(peaksOf(2 ** 40 + 1)).toEqual([[0, 2 ** 40], [2 ** 40, 2 ** 40 + 1]]);
	expect(peaksOf(0)).toEqual([]);
});

describe('the picture', () => {
	it('has the newest batch at the right, and each as wide', () => {
		const { blocks, width, earlier } = layoutTree(batchesTo(4, 14, 16), 16, measures);
		expect(blocks.map(({ batch, x }) => [batch.tree_size, x])).toEqual([[4, 0], [14, 70], [16, 140]]);
		expect([width, earlier]).toEqual([200, 0]);
	});

	it('has each subtree above its leaves, and the root at the top', () => {
		for (const size of [1, 2, 3, 14, 16, 300, 1023]) {
			const { nodes, width } = layoutTree(batchesTo(...[4, 14, 16, 300].filter((end) => end < size), size), size, measures);
			expect(nodes[0]).toMatchObject({ from: 0, to: size, x: width / 2 });
			for (const node of nodes) {
				expect(node.x).toBeGreaterThanOrEqual(0);
				expect(node.x).toBeLessThanOrEqual(width);
				for (const child of node.children) expect(child.y).toBeGreaterThan(node.y);
			}
			expect(nodes.filter(({ isPeak }) => isPeak).map(({ from, to }) => [from, to])).toEqual(
				nodes[0]?.isJoint === true ? peaksOf(size) : [[0, size]]);
		}
	});

	it('gives earlier batches one place, and draws few subtrees of a large log', () => {
		const all = batchesTo(...Array.from({ length: 200 }, (_, n) => (n + 1) * 5000));
		const { nodes, blocks, earlier, width } = layoutTree(all.slice(0, 12), 1_000_000, measures);
		expect(earlier).toBe(110);
		expect(blocks).toHaveLength(12);
		expect(width).toBe(110 + 12 * 70 - 10);
		expect(nodes.length).toBeLessThan(200);
	});

	it('is that of an older tree, where one is chosen', () => {
		const { nodes } = layoutTree(batchesTo(4, 14, 16), 14, measures);
		expect(nodes.filter(({ isPeak }) => isPeak).map(({ from, to }) => [from, to])).toEqual([[0, 8], [8, 12], [12, 14]]);
	});

	it('of nothing is empty', () => {
		expect(layoutTree([], 0, measures)).toEqual({ width: 0, height: 200, blocks: [], nodes: [], earlier: 0 });
	});
});
