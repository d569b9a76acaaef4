import { expect, test } from 'vitest';
import { createRepeats } from '../src/repeats';

test('of 10,000 frames each is known again, and what lies before them counts as known', () => {
	const repeats = createRepeats();
	const frame = (position: number) => ({ type: 'chat_message', position, message_id: `m${position}` }) as const;
	const positions = Array.from({ length: 10_005 }, (_, i) => i + 1);
	expect(positions.filter((position) => !repeats.isFirst(frame(position)))).toEqual([]);
	expect(positions.filter((position) => repeats.isFirst(frame(position)))).toEqual([]);
	expect(repeats.isFirst({ ...frame(3), message_id: 'another' })).toBe(false);
	repeats.reset();
	expect(repeats.isFirst(frame(1))).toBe(true);
});

test('one position may have several frames', () => {
	const repeats = createRepeats();
	const status = { type: 'message_status', position: 7, message_id: 'm' } as const;
	expect(repeats.isFirst({ ...status, user_id: 'a' } as typeof status)).toBe(true);
	expect(repeats.isFirst({ ...status, user_id: 'b' } as typeof status)).toBe(true);
	expect(repeats.isFirst({ ...status, user_id: 'b' } as typeof status)).toBe(false);
	expect(repeats.isFirst({ ...status, delivered_count: 51, read_count: 0 } as typeof status)).toBe(true);
	expect(repeats.isFirst({ ...status, delivered_count: 51, read_count: 1 } as typeof status)).toBe(true);
});
