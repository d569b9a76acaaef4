import { useEffect, useMemo } from 'react';
import { attentive, onAttention } from './attention';
import { createReader, unreadAmong } from './reading';
import type { Row } from './rows';

/**
 * useReading tells, by `read`, which messages of others were in sight while somebody looked. `range` are the rows in
 * sight.
 */
export function useReading(
	rows: readonly Row[], range: { readonly first: number; readonly last: number } | null, userId: string,
	read: (messageIds: readonly string[]) => void,
): void {
	const reader = useMemo(() => createReader(attentive, read), [read]);
	useEffect(() => {
		const off = onAttention(reader.look);
		return () => {
			off();
			reader.stop();
		};
	}, [reader]);
	const first = range?.first ?? 0;
	const last = range?.last ?? -1;
	useEffect(() => {
		// Only what gets painted was in sight: a list that opens passes over other places before.
		const frame = requestAnimationFrame(() => reader.see(unreadAmong(rows, first, last, userId)));
		return () => cancelAnimationFrame(frame);
	}, [reader, rows, first, last, userId]);
}
