import type { Api, Batch, ServerFrame } from '@chainmail/client';
import { expect, it } from 'vitest';
import { findBatch, hexOf, mergeBatches } from '../../src/audit/batches';
import { loadHistory } from '../../src/audit/history';
import { signerOf } from '../../src/audit/signer';

/** The batch over [first, last]. */
function batchOf(first: number, last: number): Batch {
	return { first_position: first, last_position: last, tree_size: last, root: '', position: last + 1, sealed_at: '' };
}

const pages = [[batchOf(21, 30), batchOf(11, 20)], [batchOf(6, 10), batchOf(1, 5)]];
const api: Pick<Api, 'batches'> = {
	batches: async (cursor) => ({ items: pages[Number(cursor ?? 0)] ?? [], next_cursor: Number(cursor ?? 0) + 1 < pages.length ? '1' : null }),
};

it('the batch of a position is found on whichever page', async () => {
	expect(await findBatch(api, 21)).toBe(pages[0]?.[0]);
	expect(await findBatch(api, 5)).toBe(pages[1]?.[1]);
	expect(await findBatch(api, 31)).toBeNull();
});

it('lists of batches join without repeats', () => {
	const [newer = [], older = []] = pages;
	expect(mergeBatches(older, newer, newer).map(({ tree_size: size }) => size)).toEqual([30, 20, 10, 5]);
});

it('a root is written in hex', () => {
	expect(hexOf('TPy55SL/fgW1ccBh4WjDbA5vFfYgdbCIrqefXXCgXZA=')).toBe('4cfcb9e522ff7e05b571c061e168c36c0e6f15f62075b088aea79f5d70a05d90');
});

it('a history is loaded to its end, without frames that are none of it', async () => {
	const erased = (position: number): ServerFrame => ({ type: 'message_erased', message_id: 'm', conversation_id: 'c', seq: position, position, timestamp: '' });
	const asked: number[] = [];
	const frames: Api['frames'] = async (_, since) => {
		asked.push(since);
		return since < 4 ? { items: [erased(since + 1), erased(since + 2)], position: since + 2, more: true } : { items: [{ type: 'synced', position: 9 }], position: 9, more: false };
	};
	const told: number[] = [];
	const history = await loadHistory({ frames }, 'c', (count) => told.push(count));
	expect(history.frames.map(({ position }) => position)).toEqual([1, 2, 3, 4]);
	expect(history.isCut).toBe(false);
	expect([asked, told]).toEqual([[0, 2, 4], [2, 4, 4]]);
});

it('the key that signed a note is known by its id', () => {
	const note = 'a\n1\nAAAA\n\n\u2014 witness.example AAAAAAAA\n\u2014 chainmail.example/log kKTMxAAAAAAA\n';
	const keys = ['chainmail.example/log+00000001+AQ==', 'chainmail.example/log+90a4ccc4+AQ=='];
	expect(signerOf(note, keys)).toBe(keys[1]);
	expect(signerOf(note, keys.slice(0, 1))).toBeUndefined();
});
