// Where the picture of the tree has its batches, its subtrees and its root. Positions are turned into places from left to right: each
// batch that is
// shown has the same width, whatever its size, and the events before them share one place.

import type { Batch } from '@chainmail/client';

/** A batch's place. Measures are in pixels. */
export interface Block {
	readonly batch: Batch;
	readonly x: number;
	readonly width: number;
}

/** A subtree over the leaves [from, to). */
export interface TreeNode {
	readonly from: number;
	readonly to: number;
	readonly x: number;
	readonly y: number;
	/** A complete subtree whose hash the root is made of directly. */
	readonly isPeak: boolean;
	/** It joins peaks: it changes with the next batch, as a complete subtree never does. */
	readonly isJoint: boolean;
	readonly children: readonly { readonly x: number; readonly y: number }[];
}

/** The picture. */
export interface Layout {
	readonly width: number;
	/** Of the drawing above the blocks. */
	readonly height: number;
	readonly blocks: readonly Block[];
	/** The root is the first. */
	readonly nodes: readonly TreeNode[];
	/** Where the shown batches begin: what is left of it stands for earlier ones. 0 when all are shown. */
	readonly earlier: number;
}

/** Measures of the picture, in pixels. */
export interface Measures {
	readonly blockWidth: number;
	readonly gap: number;
	/** The width of the place of earlier events. */
	readonly earlierWidth: number;
	/** Subtrees that would be narrower are not drawn. */
	readonly narrowest: number;
	readonly height: number;
}

/**
 * layoutTree lays out batches, the newest first as the server lists them, and the tree of so many leaves, at most as many as the
 * newest covers.
 */
export function layoutTree(batches: readonly Batch[], treeSize: number, measures: Measures): Layout {
	const shown = [...batches].reverse();
	const before = (shown[0]?.first_position ?? 1) - 1;
	const earlier = before > 0 ? measures.earlierWidth + measures.gap : 0;
	const step = measures.blockWidth + measures.gap;
	const blocks = shown.map((batch, at) => ({ batch, x: earlier + at * step, width: measures.blockWidth }));
	const place = placer(blocks, before, measures.earlierWidth);
	const width = Math.max(earlier + shown.length * step - measures.gap, 0);
	const rough = treeSize > 0 ? grow(0, treeSize, true, place, measures.narrowest) : null;
	const depth = rough === null ? 0 : depthOf(rough);
	const nodes: TreeNode[] = [];
	const row = measures.height / (depth + 1);
	if (rough !== null) flatten(rough, (level) => (level + 0.5) * row, nodes);
	return { width, height: measures.height, blocks, nodes, earlier };
}

/** peaksOf are the complete subtrees [from, to) that a root over so many leaves is made of, the largest first. */
export function peaksOf(treeSize: number): readonly (readonly [from: number, to: number])[] {
	const peaks: [number, number][] = [];
	for (let from = 0; from < treeSize;) {
		const to = from + largestPower(treeSize - from);
		peaks.push([from, to]);
		from = to;
	}
	return peaks;
}

/** The largest power of two up to n. */
function largestPower(n: number): number {
	let power = 1;
	while (power * 2 <= n) power *= 2;
	return power;
}

/** placer gives the x of the border before a leaf. */
function placer(blocks: readonly Block[], before: number, earlierWidth: number): (leaf: number) => number {
	return (leaf) => {
		if (leaf <= before) return before === 0 ? 0 : (leaf / before) * earlierWidth;
		const block = blocks.find(({ batch }) => leaf <= batch.last_position) ?? blocks.at(-1);
		if (block === undefined) return 0;
		const { first_position: first, last_position: last } = block.batch;
		return block.x + block.width * Math.min((leaf - first + 1) / (last - first + 1), 1);
	};
}

interface Rough {
	readonly from: number;
	readonly to: number;
	readonly x: number;
	readonly isPeak: boolean;
	readonly isJoint: boolean;
	readonly children: readonly Rough[];
}

/** grow makes the subtree over [from, to) (RFC 6962 §2.1), down to those that are wide enough to be seen. */
function grow(from: number, to: number, isUnderJoint: boolean, place: (leaf: number) => number, narrowest: number): Rough {
	const [left, right] = [place(from), place(to)];
	const size = to - from;
	const isComplete = largestPower(size) === size;
	const k = isComplete ? size / 2 : largestPower(size);
	const isSeen = size > 1 && (right - left >= 2 * narrowest || !isComplete);
	const children = isSeen
		? [grow(from, from + k, !isComplete, place, narrowest), grow(from + k, to, !isComplete, place, narrowest)]
		: [];
	return { from, to, x: (left + right) / 2, isPeak: isComplete && isUnderJoint, isJoint: !isComplete, children };
}

function depthOf({ children }: Rough): number {
	return children.length === 0 ? 0 : 1 + Math.max(...children.map(depthOf));
}

/** flatten puts each node on the row of its depth, the root first. */
function flatten(node: Rough, y: (level: number) => number, into: TreeNode[], level = 0): void {
	into.push({ ...node, y: y(level), children: node.children.map(({ x }) => ({ x, y: y(level + 1) })) });
	for (const child of node.children) flatten(child, y, into, level + 1);
}
