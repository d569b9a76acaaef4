import { classes } from '../ui/classes';
import styles from './TreeDrawing.module.css';
import type { Layout, TreeNode } from './treelayout';

/** The subtrees of the tree above its batches, with the root at the top. The table below has the same in words. */
export function TreeDrawing({ layout: { width, height, nodes } }: { readonly layout: Layout }) {
	return (
		<svg aria-hidden="true" className={styles.tree} width={width} height={height} viewBox={`0 0 ${width} ${height}`}>
			{nodes.map((node) => <Edges key={`${node.from} ${node.to}`} node={node} bottom={height} />)}
			{nodes.map((node, at) => <Dot key={`${node.from} ${node.to}`} node={node} isRoot={at === 0} />)}
		</svg>
	);
}

/** The lines down to the children, or to the blocks where smaller subtrees are not drawn. */
function Edges({ node, bottom }: { readonly node: TreeNode; readonly bottom: number }) {
	const { x, y, children } = node;
	if (children.length === 0) return <path className={styles.stem} d={`M${x} ${y}V${bottom}`} />;
	return (
		<>
			{children.map((child) => {
				const turn = y + (child.y - y) * 0.4;
				const curve = `M${x} ${y}C${x} ${turn} ${child.x} ${turn} ${child.x} ${child.y}`;
				return <path key={child.x} className={classes(styles.edge, node.isJoint && styles.joint)} d={curve} />;
			})}
		</>
	);
}

function Dot({ node, isRoot }: { readonly node: TreeNode; readonly isRoot: boolean }) {
	const size = node.to - node.from;
	const what = isRoot ? 'The root' : node.isJoint ? 'A joint' : 'A complete subtree';
	return (
		<g className={classes(styles.node, node.isPeak && styles.peak, isRoot && styles.root)}>
			<title>{`${what} over ${size.toLocaleString('en')} events, from position ${(node.from + 1).toLocaleString('en')}`}</title>
			<circle cx={node.x} cy={node.y} r={isRoot ? 8 : node.isPeak ? 6 : 3.5} />
			{isRoot
				? <text x={node.x + 14} y={node.y + 5}>{size.toLocaleString('en')}</text>
				: node.isPeak && <text className={styles.above} x={node.x} y={node.y - 11}>{size.toLocaleString('en')}</text>}
		</g>
	);
}
