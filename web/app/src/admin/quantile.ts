// Quantiles of what happened between two readings of a cumulative histogram.

import type { Histogram } from '@chainmail/client';

/**
 * quantile gives the value, in seconds, below which the share q (0 to 1) of what was measured between two readings lies, by linear
 * interpolation within its bucket, as Prometheus does it: the first bucket begins at 0, and what lies beyond the last bound counts as
 * that bound. null when nothing was measured, and when the counters began anew in between.
 */
export function quantile(q: number, earlier: Histogram, later: Histogram): number | null {
	const total = later.count - earlier.count;
	if (total <= 0) {
		return null;
	}
	const rank = q * total;
	let lower = 0;
	let below = 0;
	for (const [i, bucket] of later.buckets.entries()) {
		const count = bucket.count - (earlier.buckets[i]?.count ?? 0);
		if (count < below) {
			return null;
		}
		if (count >= rank && count > below) {
			return lower + (bucket.le - lower) * Math.max(0, rank - below) / (count - below);
		}
		lower = bucket.le;
		below = count;
	}
	return lower;
}
