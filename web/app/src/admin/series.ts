// What the charts show, out of readings of GET /api/stats.

import type { Histogram, Stats } from '@chainmail/client';
import { quantile } from './quantile';

/** How many seconds the charts go back. */
export const WINDOW_SECONDS = 300;

/** Over how many seconds the quantiles are taken: one second alone has too few values to speak of a p99. */
export const LATENCY_SECONDS = 10;

/** A longer silence between two readings (a hidden tab, a server that is away) is a gap in the lines. */
const GAP_SECONDS = 5;

/** Three quantiles in seconds; null where nothing was measured. */
export interface Latency {
	readonly p50: number | null;
	readonly p95: number | null;
	readonly p99: number | null;
}

/** A point of the charts. Rates are each second; null where there is no earlier reading to compare with. */
export interface Point {
	/** Seconds since 1970, by the server's clock. */
	readonly time: number;
	readonly messages: number | null;
	readonly blocked: number | null;
	readonly events: number | null;
	readonly frames: number | null;
	readonly connections: number | null;
	readonly commit: Latency;
	readonly delivery: Latency;
}

/** The readings of the window and their points, the oldest first. */
export interface Series {
	readonly readings: readonly Stats[];
	readonly points: readonly Point[];
}

/** A series without readings. */
export const emptySeries: Series = { readings: [], points: [] };

const nothing: Latency = { p50: null, p95: null, p99: null };

/**
 * addReading adds the newest reading and drops what is older than the window. A reading that is no newer than the last is passed over. After
 * a gap, or when the server began anew, a point without values cuts the lines.
 */
export function addReading(series: Series, reading: Stats): Series {
	const time = seconds(reading);
	const last = series.readings.at(-1);
	if (last !== undefined && time <= seconds(last)) {
		return series;
	}
	const cut = last !== undefined && (time - seconds(last) > GAP_SECONDS || reading.events_appended < last.events_appended);
	const readings = [...cut ? [] : series.readings.filter((r) => seconds(r) >= time - WINDOW_SECONDS), reading];
	const points = series.points.filter((p) => p.time >= time - WINDOW_SECONDS);
	if (cut && last !== undefined) {
		points.push(hole((seconds(last) + time) / 2));
	}
	points.push(pointOf(readings));
	return { readings, points };
}

function pointOf(readings: readonly Stats[]): Point {
	const now = readings.at(-1);
	if (now === undefined) {
		return hole(0);
	}
	const before = readings.at(-2);
	const time = seconds(now);
	const start = readings.find((r) => r !== now && seconds(r) >= time - LATENCY_SECONDS - 0.5) ?? before;
	const rate = (of: (stats: Stats) => number) => before === undefined ? null : (of(now) - of(before)) / (time - seconds(before));
	const latency = (of: (stats: Stats) => Histogram) => start === undefined ? nothing : quantiles(of(start), of(now));
	return {
		time,
		messages: rate((s) => s.messages_sent),
		blocked: rate((s) => s.messages_blocked),
		events: rate((s) => s.events_appended),
		frames: rate((s) => s.frames_sent),
		connections: now.connections,
		commit: latency((s) => s.commit_seconds),
		delivery: latency((s) => s.delivery_seconds),
	};
}

function quantiles(earlier: Histogram, later: Histogram): Latency {
	return { p50: quantile(0.5, earlier, later), p95: quantile(0.95, earlier, later), p99: quantile(0.99, earlier, later) };
}

function hole(time: number): Point {
	return { time, messages: null, blocked: null, events: null, frames: null, connections: null, commit: nothing, delivery: nothing };
}

function seconds(reading: Stats): number {
	return Date.parse(reading.timestamp) / 1000;
}
