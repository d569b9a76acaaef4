import { Trouble, type answers, type Api } from '@chainmail/client';
import { expect, it } from 'vitest';
import { allBlocked } from '../../src/people/blocks';

/** A user of this name. */
function user(id: string): answers.User {
	return { id, name: id, wallet_address: null, online: false, last_seen: null };
}

it('whoever is blocked is found on whichever page of the list', async () => {
	const api: Pick<Api, 'blocks'> = {
		blocks: async (cursor) => cursor === 'more'
			? { items: [user('carol')], next_cursor: null }
			: { items: [user('alice'), user('bob')], next_cursor: 'more' },
	};
	expect((await allBlocked(api)).map(({ id }) => id)).toEqual(['alice', 'bob', 'carol']);
});

it('a page that does not come is no end of the list', async () => {
	const trouble = new Trouble({ code: 'rate_limited', message: 'Too fast.', field: null, retryAfter: 1, status: 429 });
	const api: Pick<Api, 'blocks'> = {
		blocks: async (cursor) => {
			if (cursor === 'more') throw trouble;
			return { items: [user('alice')], next_cursor: 'more' };
		},
	};
	await expect(allBlocked(api)).rejects.toBe(trouble);
});
