import { defaultRangeExtractor, type Range, useVirtualizer } from '@tanstack/react-virtual';
import { type RefObject, useCallback, useEffect, useLayoutEffect, useRef } from 'react';
import type { Row } from './rows';

/** So near to its end, in pixels, the list counts as being there. */
const endThreshold = 80;

/** The room above the first row, in pixels, as MessageList.module.css has it. */
const top = 64;

/**
 * useMessageScroll decides which rows are in the document and where the list stands: at first at the line of new
 * messages or at the end; later it follows what comes while it is at the end, and goes there when this user writes.
 * `kept` is the index of a row that stays in the document.
 */
export function useMessageScroll({ rows, scroller, kept, onAtEnd }: {
	readonly rows: readonly Row[];
	readonly scroller: RefObject<HTMLElement | null>;
	readonly kept: number;
	readonly onAtEnd: (atEnd: boolean) => void;
}) {
	const opening = useRef(true); // nobody has scrolled yet
	const ended = useRef(true);
	const virtualizer = useVirtualizer<HTMLElement, HTMLElement>({
		count: rows.length,
		getScrollElement: () => scroller.current,
		estimateSize: (index) => estimate(rows[index]),
		getItemKey: useCallback((index: number) => rows[index]?.key ?? index, [rows]),
		rangeExtractor: useCallback((range: Range) => withKept(defaultRangeExtractor(range), kept), [kept]),
		overscan: 8,
		paddingStart: top,
		paddingEnd: 12,
		anchorTo: 'end',
		followOnAppend: true,
		scrollEndThreshold: endThreshold,
	});

	// A row above the ones in sight that changes its size must not move them; the library lets it while one scrolls back.
	useLayoutEffect(() => {
		virtualizer.shouldAdjustScrollPositionOnItemSizeChange = (item, _delta, { itemSizeCache, scrollOffset }) =>
			(itemSizeCache.has(item.key) ? item.end : item.start + 1) <= (scrollOffset ?? 0);
	}, [virtualizer]);

	const divider = rows.findIndex((row) => row.kind === 'new');
	useLayoutEffect(() => {
		if (opening.current && rows.length > 0) {
			if (divider >= 0) {
				virtualizer.scrollToIndex(divider, { align: 'start' });
			} else {
				virtualizer.scrollToEnd();
			}
		}
	}, [rows, divider, virtualizer]);

	const drafts = rows.reduce((count, row) => row.kind === 'draft' ? count + 1 : count, 0);
	const before = useRef(drafts);
	useLayoutEffect(() => {
		if (drafts > before.current) {
			opening.current = false;
			virtualizer.scrollToEnd();
		}
		before.current = drafts;
	}, [drafts, virtualizer]);

	useEffect(() => {
		const element = scroller.current;
		if (element === null) {
			return undefined;
		}
		const stopped = new AbortController();
		const options = { signal: stopped.signal, passive: true };
		const touched = (): void => {
			opening.current = false;
		};
		for (const name of ['wheel', 'touchstart', 'pointerdown', 'keydown']) {
			element.addEventListener(name, touched, options);
		}
		element.addEventListener('scroll', () => {
			ended.current = element.scrollHeight - element.scrollTop - element.clientHeight < endThreshold;
			onAtEnd(ended.current);
		}, options);
		// The composer grows, a telephone's keyboard comes: what was at the end stays there.
		const sizes = new ResizeObserver(() => {
			if (ended.current) {
				element.scrollTop = element.scrollHeight;
			}
		});
		sizes.observe(element);
		return () => {
			stopped.abort();
			sizes.disconnect();
		};
	}, [scroller, onAtEnd]);
	return virtualizer;
}

function withKept(indexes: number[], kept: number): number[] {
	const first = indexes[0];
	const last = indexes.at(-1);
	if (kept < 0 || first === undefined || last === undefined || (kept >= first && kept <= last)) {
		return indexes;
	}
	return kept < first ? [kept, ...indexes] : [...indexes, kept];
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
