import type { answers, Batch } from '@chainmail/client';
import { expect, it } from 'vitest';
import { lifeOf, mostNamed } from '../../src/audit/lifeline';

const at = (second: number): string => `2026-05-04T09:00:${String(second).padStart(2, '0')}.5Z`;

const message: answers.OneMessage = {
	type: 'chat_message', id: 'm', message_id: 'm', conversation_id: 'c', seq: 2, position: 73, sender_id: 'ann', content: 'Oak?', content_hash: '', salt: null,
	timestamp: at(1), erased_at: null, is_delivered: true, is_read: true, risk_score: 0, was_blocked: false,
	receipts: [{ user_id: 'bob', delivered_at: at(2), read_at: at(9) }, { user_id: 'cy', delivered_at: at(3), read_at: null }],
};
const batch: Batch = { first_position: 65, last_position: 73, tree_size: 73, root: '', position: 74, sealed_at: at(5) };

it('a life is told in the order of time', () => {
	expect(lifeOf({ ...message, erased_at: at(20) }, batch).map(({ kind, userIds }) => [kind, ...userIds])).toEqual([
		['sent', 'ann'], ['delivered', 'bob'], ['delivered', 'cy'], ['sealed'], ['read', 'bob'], ['erased'],
	]);
});

it('a message without a seal has none in its life', () => {
	expect(lifeOf(message, null).some(({ kind }) => kind === 'sealed')).toBe(false);
});

it('a message that was blocked was not sent', () => {
	expect(lifeOf({ ...message, was_blocked: true, receipts: [] }, batch).map(({ kind }) => kind)).toEqual(['blocked', 'sealed']);
});

it('the receipts of many are told in sum, at the time of the last', () => {
	const receipts = Array.from({ length: mostNamed + 1 }, (_, n) => ({ user_id: `u${n}`, delivered_at: at(10 + n), read_at: n === 0 ? at(30) : null }));
	expect(lifeOf({ ...message, receipts }, null)).toMatchObject([
		{ kind: 'sent' }, { kind: 'delivered', userIds: [], at: at(10 + mostNamed), detail: 'By 9 people, the last one then' }, { kind: 'read', userIds: ['u0'] },
	]);
});
