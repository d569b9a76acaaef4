import type { PathNode, Verdict } from '@chainmail/client';
import { useState } from 'react';
import { classes } from '../ui/classes';
import styles from './Ladder.module.css';

// The drawing: the way goes up the middle, and each sibling stands beside it, on the side where it is hashed. Measures are in its own
// units.
const width = 300;
const middle = width / 2;
const sideways = 100;
const row = 58;
const box = { width: 84, height: 28 };

/** What is told of a place under the pointer or the focus. */
interface Place {
	readonly title: string;
	readonly lines: readonly (readonly [name: string, hash: string])[];
}

/** The way from a message to the signed root, as far as it was computed. Each of its levels can be looked at. */
export function Ladder({ verdict }: { readonly verdict: Verdict }) {
	const { path, leafHash, root } = verdict;
	const [chosen, setChosen] = useState<number | null>(null);
	const isBroken = verdict.steps.some(({ name, ok }) => name === 'path' && ok === false);
	const isWhole = root !== null && (path.at(-1)?.result ?? leafHash) === root;
	const top = isWhole ? styles.root : isBroken && styles.broken;
	const told = isWhole
		? 'The message is below, the signed root above.'
		: isBroken ? 'The top is not the root that was signed.' : 'From the message upwards.';
	const height = (path.length + 1) * row;
	const y = (level: number): number => height - row / 2 - level * row;
	const place = chosen === null ? null : placeOf(verdict, Math.min(chosen, path.length));
	return (
		<div className={styles.ladder}>
			<svg viewBox={`0 0 ${width} ${height}`} role="group" aria-label={`The way from the message to the root: ${path.length} levels`}>
				{path.map((node, at) => <Rung key={`${at} ${node.result}`} node={node} from={y(at)} to={y(at + 1)} />)}
				{[leafHash ?? '', ...path.map(({ result }) => result)].map((hash, level) => (
					<g
						key={level} tabIndex={0} role="img" aria-label={spoken(placeOf(verdict, level))}
						className={classes(styles.node, level === 0 && styles.leaf, level === path.length && top)}
						onPointerEnter={() => setChosen(level)} onFocus={() => setChosen(level)}
						onPointerLeave={() => setChosen(null)} onBlur={() => setChosen(null)}
					>
						{level > 0 && <rect className={styles.reach} x="0" y={y(level)} width={width} height={row} />}
						<Box x={middle} y={y(level)} hash={hash} />
						{level > 0 && <Sibling node={path[level - 1]} y={y(level - 1)} />}
					</g>
				))}
			</svg>
			<div className={styles.told}>
				{place === null
					? <p>{told} Point at a level to see what is hashed.</p>
					: <><strong>{place.title}</strong>{place.lines.map(([name, hash]) => <p key={name}>{name} <code>{hash}</code></p>)}</>}
			</div>
		</div>
	);
}

/** The lines from a node and its sibling to what both make. */
function Rung({ node, from, to }: { readonly node: PathNode; readonly from: number; readonly to: number }) {
	const side = middle + (node.side === 'left' ? -sideways : sideways);
	const turn = (from + to) / 2;
	return (
		<g className={styles.rung}>
			<path className={styles.way} d={`M${middle} ${from}V${to}`} />
			<path d={`M${side} ${from}V${turn + 2}Q${side} ${turn - 8} ${side < middle ? side + 10 : side - 10} ${turn - 8}H${middle}`} />
		</g>
	);
}

function Sibling({ node, y }: { readonly node: PathNode | undefined; readonly y: number }) {
	if (node === undefined) return null;
	return <g className={styles.sibling}><Box x={middle + (node.side === 'left' ? -sideways : sideways)} y={y} hash={node.sibling} /></g>;
}

function Box({ x, y, hash }: { readonly x: number; readonly y: number; readonly hash: string }) {
	return (
		<>
			<rect x={x - box.width / 2} y={y - box.height / 2} width={box.width} height={box.height} rx="8" />
			<text x={x} y={y + 4}>{hash.slice(0, 8)}</text>
		</>
	);
}

function placeOf({ path, leafHash, root }: Verdict, level: number): Place {
	const node = path[level - 1];
	const below = level < 2 ? leafHash ?? '' : path[level - 2]?.result ?? '';
	if (node === undefined) return { title: 'The message: SHA-256 of 00 and the event', lines: [['is', leafHash ?? '']] };
	const [left, right] = node.side === 'left' ? [node.sibling, below] : [below, node.sibling];
	return {
		title: `Level ${level}${node.result === root ? ', the root' : ''}: SHA-256 of 01, left and right`,
		lines: [['left', left], ['right', right], ['is', node.result]],
	};
}

function spoken({ title, lines }: Place): string {
	return `${title}. ${lines.map(([name, hash]) => `${name} ${hash}`).join(', ')}`;
}
