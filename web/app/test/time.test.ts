import { describe, expect, test } from 'vitest';
import { clockTime, dayKey, dayName, fullTime, listTime, timeAgo } from '../src/ui/time';

const now = new Date(2026, 2, 18, 9, 30); // a Wednesday
const at = (year: number, month: number, day: number, hour = 12, minute = 0): string => new Date(year, month - 1, day, hour, minute).toISOString();
const day = (date: Date, options: Intl.DateTimeFormatOptions): string => new Intl.DateTimeFormat(undefined, options).format(date);

test('the time of day is written as this language does, with an AM without a 0 before the hour', () => {
	expect(clockTime(at(2026, 3, 18, 5, 9))).toBe(new Intl.DateTimeFormat(undefined, { timeStyle: 'short' }).format(new Date(2026, 2, 18, 5, 9)));
});

describe('the end of a list’s line', () => {
	test.each([
		['today', at(2026, 3, 18, 0, 1), clockTime(at(2026, 3, 18, 0, 1))],
		['a clock ahead of this one', at(2026, 3, 18, 9, 31), clockTime(at(2026, 3, 18, 9, 31))],
		['yesterday, a moment before midnight', at(2026, 3, 17, 23, 59), 'Yesterday'],
		['six days ago', at(2026, 3, 12), 'Thursday'],
		['seven days ago', at(2026, 3, 11), day(new Date(2026, 2, 11), { day: 'numeric', month: 'short' })],
		['another year', at(2025, 12, 31), day(new Date(2025, 11, 31), { day: '2-digit', month: '2-digit', year: '2-digit' })],
		['no time at all', 'soon', ''],
	])('%s', (_, timestamp, want) => {
		expect(listTime(timestamp, now)).toBe(want);
	});
});

describe('the heading of a day', () => {
	test.each([
		[at(2026, 3, 18, 0, 0), 'Today'],
		[at(2026, 3, 17, 0, 0), 'Yesterday'],
		[at(2026, 3, 14), 'Saturday'],
		[at(2026, 3, 1), day(new Date(2026, 2, 1), { day: 'numeric', month: 'long' })],
		[at(2025, 3, 1), day(new Date(2025, 2, 1), { day: 'numeric', month: 'long', year: 'numeric' })],
		[at(2026, 3, 19), day(new Date(2026, 2, 19), { day: 'numeric', month: 'long' })],
	])('%s', (timestamp, want) => {
		expect(dayName(timestamp, now)).toBe(want);
	});

	test('changes at midnight of this place, also where the clocks change', () => {
		expect(dayKey(at(2026, 3, 28, 23, 59))).not.toBe(dayKey(at(2026, 3, 29, 0, 0)));
		expect(dayKey(at(2026, 3, 29, 0, 0))).toBe(dayKey(at(2026, 3, 29, 23, 59)));
		expect(listTime(at(2026, 3, 28, 12), new Date(2026, 2, 29, 0, 5))).toBe('Yesterday');
	});
});

describe('how long ago', () => {
	test.each([
		[at(2026, 3, 18, 9, 30), 'just now'],
		[at(2026, 3, 18, 9, 45), 'just now'], // a clock ahead of this one
		[at(2026, 3, 18, 9, 29), '1 minute ago'],
		[at(2026, 3, 18, 8, 31), '59 minutes ago'],
		[at(2026, 3, 18, 6, 30), '3 hours ago'],
		[at(2026, 3, 17, 10, 0), '23 hours ago'],
		[at(2026, 3, 17, 9, 0), 'yesterday'],
		[at(2026, 3, 12, 9, 0), '6 days ago'],
		[at(2026, 3, 11, 9, 0), day(new Date(2026, 2, 11), { day: 'numeric', month: 'short' })],
	])('%s', (timestamp, want) => {
		expect(timeAgo(timestamp, now)).toBe(want);
	});
});

test('what is no time is shown as nothing', () => {
	for (const shown of [clockTime('x'), dayName('x', now), dayKey('x'), timeAgo('x', now), fullTime('x')]) expect(shown).toBe('');
});
