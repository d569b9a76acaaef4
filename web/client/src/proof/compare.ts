// Holds one checkpoint against another.

import type { Api } from '../api';
import { Trouble } from '../errors';
import { parseHash } from './checkpoint';
import { need, Refused } from './refused';
import { verifyConsistency } from './tree';
import type { SeenCheckpoint } from './witness';

/**
 * How two checkpoints stand to each other. `consistent`: the smaller tree begins the larger. `forked`: it does not. `behind`: `after`
 * is smaller, and
 * empty or the server does not know the larger tree: it was restored from a backup, or it is one of several servers and lags.
 */
export type Comparison = { readonly outcome: 'consistent' | 'behind' } | { readonly outcome: 'forked'; readonly reason: string };

/**
 * compare asks for the proof between two checkpoints whose signatures hold, and checks it. Rejects with Trouble when there is no
 * answer.
 */
export async function compare(api: Pick<Api, 'consistency'>, before: SeenCheckpoint, after: SeenCheckpoint): Promise<Comparison> {
	const [small, large] = before.treeSize <= after.treeSize ? [before, after] : [after, before];
	if (small.treeSize === 0 && large.treeSize > 0) { // the empty tree begins every tree, so that it shows nothing where there was one
		return { outcome: large === before ? 'behind' : 'consistent' };
	}
	try {
		if (small.treeSize === large.treeSize) {
			need(small.root === large.root, `two different trees of ${small.treeSize} events are both signed`);
		} else {
			const proof = await api.consistency(small.treeSize, large.treeSize);
			const isThis = proof?.from === small.treeSize && proof.to === large.treeSize && Array.isArray(proof.path);
			need(isThis, 'the proof is of other trees than was asked for');
			await verifyConsistency(small, large, proof.path.map((hash) => parseHash(String(hash))));
		}
		return { outcome: 'consistent' };
	} catch (error) {
		if (error instanceof Refused) return { outcome: 'forked', reason: error.message };
		if (large === before && error instanceof Trouble && error.status === 422) return { outcome: 'behind' };
		throw error;
	}
}
