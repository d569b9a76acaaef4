import type { Histogram } from '@chainmail/client';
import { expect, test } from 'vitest';
import { quantile } from '../../src/admin/quantile';

const BOUNDS = [0.1, 0.2, 0.4];

function histogram(...cumulative: number[]): Histogram {
	return {
		count: cumulative[BOUNDS.length] ?? 0, sum: 0,
		buckets: BOUNDS.map((le, i) => ({ le, count: cumulative[i] ?? 0 })),
	};
}

const none = histogram(0, 0, 0, 0);

test.each<[string, number, Histogram, Histogram, number | null]>([
	['nothing measured', 0.5, histogram(3, 3, 3, 3), histogram(3, 3, 3, 3), null],
	['all in the first bucket, which begins at 0', 0.5, none, histogram(10, 10, 10, 10), 0.05],
	['the middle of the second bucket', 0.5, none, histogram(0, 10, 10, 10), 0.15],
	['just the end of a bucket', 0.5, none, histogram(5, 10, 10, 10), 0.1],
	['over an empty bucket', 0.75, none, histogram(5, 5, 10, 10), 0.3],
	['beyond the last bound', 0.99, none, histogram(0, 0, 1, 10), 0.4],
	['only what came between the two', 0.5, histogram(90, 100, 100, 100), histogram(90, 110, 110, 110), 0.15],
	['the lowest', 0, none, histogram(0, 4, 8, 8), 0.1],
	['the highest', 1, none, histogram(0, 4, 8, 8), 0.4],
	['counters that began anew', 0.5, histogram(5, 9, 9, 9), histogram(1, 2, 2, 2), null],
	['counters that began anew and have more by now', 0.5, histogram(5, 5, 5, 5), histogram(2, 3, 3, 7), null],
])('%s', (_, q, earlier, later, want) => {
	const got = quantile(q, earlier, later);
	if (want === null) {
		expect(got).toBeNull();
	} else {
		expect(got).toBeCloseTo(want, 9);
	}
});

test('quantiles never fall as q grows', () => {
	const later = histogram(3, 11, 30, 33);
	const values = Array.from({ length: 101 }, (_, i) => quantile(i / 100, none, later) ?? NaN);
	expect(values.every((value, i) => i === 0 || value >= (values[i - 1] ?? 0))).toBe(true);
});
