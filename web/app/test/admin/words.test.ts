import { expect, test } from 'vitest';
import { duration, rate } from '../../src/admin/figures';
import { summary } from '../../src/admin/summary';

test.each<[number | null, string]>([
	[null, '–'], [0, '0 ms'], [0.00042, '0.42 ms'], [0.0123456, '12.3 ms'], [0.9999, '1 s'], [1.234, '1.23 s'], [119, '119 s'], [150, '3 min'], [10_000, '3 h'],
])('%s seconds are %s', (seconds, want) => {
	expect(duration(seconds)).toBe(want);
});

test.each<[number | null, string]>([[null, '–'], [0, '0'], [0.04, '0'], [3.14159, '3.1'], [1234.5, '1,235']])('a rate of %s is %s', (value, want) => {
	expect(rate(value)).toBe(want);
});

test('a line is summed up in a sentence', () => {
	expect(summary('Events', [null, 3, 1, 2], rate)).toBe('Events: 2 now, between 1 and 3 in the last 5 minutes.');
	expect(summary('p99', [0.5, null], duration)).toBe('p99: nothing measured just now, between 500 ms and 500 ms in the last 5 minutes.');
	expect(summary('p99', [null], duration)).toBe('p99: nothing measured yet.');
});
