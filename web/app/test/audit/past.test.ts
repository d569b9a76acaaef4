import { describe, expect, it } from 'vitest';
import { progressOf, stateAt, type PastFrame, type PastMessage } from '../../src/audit/past';

const at = (position: number): string => `2026-05-04T09:00:${String(position).padStart(2, '0')}Z`;

function joined(position: number, change: 'started' | 'participant_added' | 'participant_left', userId: string, ids: string[]): PastFrame {
	return { type: 'conversation', conversation_id: 'c', change, user_id: userId, participant_ids: ids, title: 'Oak', seq: position, position, timestamp: at(position) };
}

function said(position: number, id: string, senderId: string, content: string | null): PastFrame {
	return { type: 'chat_message', message_id: id, conversation_id: 'c', seq: position, position, sender_id: senderId, content, content_hash: '', salt: null, timestamp: at(position) };
}

function got(position: number, id: string, userId: string, status: 'delivered' | 'read'): PastFrame {
	return { type: 'message_status', message_id: id, conversation_id: 'c', user_id: userId, status, position, timestamp: at(position) };
}

const frames: readonly PastFrame[] = [
	joined(1, 'started', 'ann', ['ann', 'bob', 'cy']),
	said(2, 'm1', 'ann', 'Oak?'),
	got(3, 'm1', 'bob', 'delivered'),
	got(4, 'm1', 'cy', 'delivered'),
	got(5, 'm1', 'bob', 'read'),
	joined(6, 'participant_added', 'dan', ['ann', 'bob', 'cy', 'dan']),
	got(7, 'm1', 'cy', 'read'),
	said(8, 'm2', 'bob', null),
	{ type: 'message_erased', message_id: 'm2', conversation_id: 'c', seq: 9, position: 9, timestamp: at(9) },
	got(12, 'm2', 'dan', 'read'),
];

/** The message of this id, as it stood. */
function message(position: number, id: string): PastMessage | undefined {
	return stateAt(frames, position).entries.find((entry): entry is PastMessage => entry.kind === 'message' && entry.id === id);
}

describe('a conversation as it stood', () => {
	it('was empty before its first event', () => {
		expect(stateAt(frames, 0)).toEqual({ position: 0, timestamp: null, title: null, participantIds: [], entries: [] });
	});

	it('has what had happened, and nothing of what came after', () => {
		for (let position = 1; position <= 12; position++) {
			const past = stateAt(frames, position);
			expect(past.entries.every((entry) => entry.position <= position)).toBe(true);
			expect(past.position).toBe(position < 10 ? position : position < 12 ? 9 : 12);
			expect(past.timestamp).toBe(at(past.position));
		}
		expect(stateAt(frames, 99)).toEqual(stateAt(frames, 12));
	});

	it('shows the ticks as they were, for those who took part when the message was sent', () => {
		const ticks = [2, 3, 4, 5, 6, 7, 12].map((position) => {
			const m = message(position, 'm1');
			return m === undefined ? '' : progressOf(m);
		});
		expect(ticks).toEqual(['sent', 'sent', 'delivered', 'delivered', 'delivered', 'read', 'read']);
		expect(message(12, 'm1')?.read).toEqual(new Map([['bob', at(5)], ['cy', at(7)]]));
	});

	it('takes a read for a delivery, and the first time of each', () => {
		const twice = stateAt([...frames, got(13, 'm2', 'dan', 'read'), got(14, 'm2', 'dan', 'delivered')], 20);
		expect(twice.entries.at(-1)).toMatchObject({ delivered: new Map([['dan', at(12)]]), read: new Map([['dan', at(12)]]) });
	});

	it('tells a message that was erased by then from one that was erased later', () => {
		expect(message(8, 'm2')).toMatchObject({ content: null, erased: false });
		expect(message(9, 'm2')).toMatchObject({ content: null, erased: true });
	});

	it('has who took part', () => {
		expect(stateAt(frames, 5).participantIds).toEqual(['ann', 'bob', 'cy']);
		expect(stateAt(frames, 6)).toMatchObject({ title: 'Oak', participantIds: ['ann', 'bob', 'cy', 'dan'] });
	});
});
