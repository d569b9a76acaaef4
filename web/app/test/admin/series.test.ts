import type { Stats } from '@chainmail/client';
import { expect, test } from 'vitest';
import { addReading, emptySeries, WINDOW_SECONDS, type Series } from '../../src/admin/series';

const START = Date.parse('2030-01-01T00:00:00Z');

/** A server that has run for so many seconds, with 2 messages, 5 events and 10 commits of under 0.1 s in each. */
function reading(second: number, ran = second): Stats {
	const histogram = { count: ran * 10, sum: ran, buckets: [{ le: 0.1, count: ran * 10 }] };
	return {
		timestamp: new Date(START + second * 1000).toISOString(), head: ran * 5, sealed: 0, connections: 7, messages_sent: ran * 2,
		messages_blocked: 0, events_appended: ran * 5, frames_sent: ran * 4, commit_seconds: histogram, delivery_seconds: histogram,
		http_seconds: histogram, projections: [],
	};
}

function series(...readings: Stats[]): Series {
	return readings.reduce(addReading, emptySeries);
}

test('the first reading has no rates, the next ones do', () => {
	const { points } = series(reading(100), reading(101), reading(103));
	expect(points.map((p) => p.messages)).toEqual([null, 2, 2]);
	expect(points.map((p) => p.events)).toEqual([null, 5, 5]);
	expect(points.map((p) => p.connections)).toEqual([7, 7, 7]);
	expect(points.at(0)?.commit.p50).toBeNull();
	expect(points.at(-1)?.commit.p50).toBeCloseTo(0.05);
});

test('what is older than the window goes', () => {
	const all = series(...Array.from({ length: WINDOW_SECONDS + 50 }, (_, i) => reading(i + 1)));
	expect(all.readings.length).toBe(WINDOW_SECONDS + 1);
	expect(all.points.length).toBe(WINDOW_SECONDS + 1);
	expect(all.points[0]?.time).toBe(START / 1000 + 50);
});

test('a gap cuts the lines', () => {
	const { points } = series(reading(1), reading(2), reading(60), reading(61));
	expect(points.map((p) => p.connections)).toEqual([7, 7, null, 7, 7]);
	expect(points.map((p) => p.messages)).toEqual([null, 2, null, null, 2]);
});

test('so does a server that began anew', () => {
	const { points } = series(reading(100), reading(101), reading(102, 1), reading(103, 2));
	expect(points.map((p) => p.messages)).toEqual([null, 2, null, null, 2]);
});

test('a reading that is no newer is passed over', () => {
	const before = series(reading(1), reading(2));
	expect(addReading(before, reading(2))).toBe(before);
});
