import type { Person } from '@chainmail/client';
import { expect, test } from 'vitest';
import { announcement } from '../../src/chat/announcement';
import { changeText, conversationName, listed, shownIds, typingText } from '../../src/chat/names';
import { outcomes } from '../../src/chat/receipts';
import { targetKey, targetOf } from '../../src/chat/target';
import { bob, carol, conversation, me } from './entries';

function person(name: string): Person {
	return { id: name, name, walletAddress: null, online: false, lastSeen: null };
}

test('a conversation is called by its title, the other one, or its people', () => {
	const group = conversation([]);
	expect(conversationName(group, [])).toBe('Friends');
	expect(conversationName({ ...group, title: null }, [person('Bob'), person('Carol')])).toBe('Bob and Carol');
	expect(conversationName({ ...group, title: null, peerId: bob }, [undefined])).toBe('Somebody');
	expect(conversationName({ ...group, title: null, participantIds: [me] }, [])).toBe('Only you');
	const many = { ...group, title: null, participantIds: [me, ...Array.from({ length: 9 }, (_, i) => `user-${i}`)] };
	expect(shownIds(many, me)).toHaveLength(4);
	expect(conversationName(many, ['A', 'B', 'C', 'D'].map(person))).toBe('A, B, C, D and 5 more');
});

test('sentences have their commas and verbs', () => {
	expect(listed(['a', 'b', 'c'])).toBe('a, b and c');
	expect(typingText(['Bob', 'Carol'], false)).toBe('Bob and Carol are typing…');
	expect(typingText(['Bob'], true)).toBe('typing…');
	expect(typingText([], false)).toBe('');
	expect(changeText('participant_added', null)).toBe('You were added');
	expect(changeText('participant_left', 'Bob')).toBe('Bob is no longer in the group');
	expect(changeText('participant_left', null)).toBe('You are no longer in the group');
});

test('one message is read out, of several their number', () => {
	expect(announcement([])).toBe('');
	expect(announcement([{ name: 'Bob', content: 'hello' }])).toBe('Bob: hello');
	expect(announcement([{ name: 'Bob', content: '😀'.repeat(200) }])).toBe(`Bob: ${'😀'.repeat(140)}…`);
	expect(announcement(['Bob', 'Carol', 'Bob'].map((name) => ({ name, content: 'x' })))).toBe('3 new messages from Bob and Carol');
});

test('receipts and participants without one make everybody, the sender left out', () => {
	const receipt = { user_id: 'gone', delivered_at: 'd', read_at: 'r' };
	expect(outcomes([receipt, { user_id: bob, delivered_at: 'd', read_at: null }], [me, bob, carol], me).map(({ userId, tick }) => [userId, tick]))
		.toEqual([['gone', 'read'], [bob, 'delivered'], [carol, 'sent']]);
});

test('a direct conversation has one key, before and after its first message', () => {
	const direct = { ...conversation([]), peerId: bob };
	expect([{ ...direct, id: null }, direct].map((each) => targetKey(targetOf(each) ?? { userId: '' }))).toEqual([`u/${bob}`, `u/${bob}`]);
	expect(targetOf(conversation([]))).toEqual({ conversationId: 'conversation' });
});
