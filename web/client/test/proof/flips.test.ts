import { join } from 'node:path';
import { expect, it } from 'vitest';
import { verifyProofFile } from '../../src/proof/proof';
import { filesOf, logKeys, proofFolders } from './testdata';

const [trees = '', events = ''] = proofFolders;

// Each byte has a bit flipped, in JSON, which says everything twice and more, each second or third; the step is odd, and so each bit of a byte has its turn.
it.each([[trees, 'message-before-rotation.tlog-proof', 3], [events, 'blocked.json', 17]])(
	'%s/good/%s does not hold with a bit flipped, wherever it is', async (folder, name, step) => {
		const keys = await logKeys();
		const good = new Map(filesOf(join(folder, 'good'))).get(name) ?? new Uint8Array();
		expect((await verifyProofFile(good, null, keys)).ok).toBe(true);
		const held: number[] = [];
		for (let at = 0; at < good.length * 8; at += step) {
			const flipped = good.slice();
			flipped[at >> 3] = (good[at >> 3] ?? 0) ^ (1 << (at & 7));
			if ((await verifyProofFile(flipped, null, keys)).ok) held.push(at);
		}
		expect(held).toEqual([]);
	});
