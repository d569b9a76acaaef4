import { type RefObject, useEffect, useLayoutEffect, useMemo, useRef } from 'react';
import { type RowWindow, useWindow } from '../ui/useWindow';
import type { Row } from './rows';

/** So near to its end, in pixels, the list counts as being there. */
const endThreshold = 80;

/** The room above the first row, in pixels, as MessageList.module.css has it. */
const top = 64;

/**
 * useMessageScroll decides which rows are in the document and where the list stands: at first at the line of new
 * messages or at the end; later it follows what comes while it is at the end, and goes there when this user writes:
 * when there are more drafts. `kept` is the index of a row that stays in the document.
 */
export function useMessageScroll({ rows, drafts, scroller, kept, onAtEnd }: {
	readonly rows: readonly Row[];
	readonly drafts: number;
	readonly scroller: RefObject<HTMLElement | null>;
	readonly kept: number;
	readonly onAtEnd: (atEnd: boolean) => void;
}): RowWindow {
	const keys = useMemo(() => rows.map((row) => row.key), [rows]);
	const shown = useWindow({
		keys, estimate: (index) => estimate(rows[index]), scroller, kept, above: top, below: 12,
		end: { threshold: endThreshold, onChange: onAtEnd },
	});
	const { scrollToIndex, scrollToEnd } = shown;

	const opening = useRef(true); // nobody has scrolled yet
	useLayoutEffect(() => {
		if (opening.current && rows.length > 0) {
			const divider = rows.findLastIndex((row) => row.kind === 'new');
			if (divider >= 0) {
				scrollToIndex(divider, 'start');
			} else {
				scrollToEnd();
			}
		}
	}, [rows, scrollToIndex, scrollToEnd]);

	const before = useRef(drafts);
	useLayoutEffect(() => {
		if (drafts > before.current) {
			opening.current = false;
			scrollToEnd();
		}
		before.current = drafts;
	}, [drafts, scrollToEnd]);

	useEffect(() => {
		const stopped = new AbortController();
		const touched = (): void => {
			opening.current = false;
		};
		for (const name of ['wheel', 'touchstart', 'pointerdown', 'keydown']) {
			scroller.current?.addEventListener(name, touched, { signal: stopped.signal, passive: true });
		}
		return () => stopped.abort();
	}, [scroller]);
	return shown;
}

// About how high a row is, until it was measured: lines of some 60 characters.
function estimate(row: Row | undefined): number {
	if (row === undefined || row.kind === 'day' || row.kind === 'new' || row.kind === 'change') {
		return 40;
	}
	const content = row.message.content ?? '';
	const short = content.length < 60 && !content.includes('\n');
	const lines = short ? 1 : content.split('\n').reduce((sum, line) => sum + Math.ceil((line.length + 1) / 60), 0);
	return 18 + lines * 22 + (row.first ? 10 : 2);
}
