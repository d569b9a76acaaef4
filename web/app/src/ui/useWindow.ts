import { type RefCallback, type RefObject, useCallback, useLayoutEffect, useMemo, useReducer, useState } from 'react';
import { flushSync } from 'react-dom';
import { createLayout, moved, placeOf, type RowLayout, type Stand, standAtEnd, standAtRows } from './rowLayout';

const overscan = 500; // pixels above and below the view whose rows are in the document too
const stride = 250; // pixels of scrolling after which some rows come and go, several at once

/** A row that is in the document. */
export interface WindowRow {
	readonly index: number;
	readonly key: string;
	/** In pixels from the list's beginning. */
	readonly start: number;
}

/** The part of a long list that is in the document. */
export interface RowWindow {
	readonly rows: readonly WindowRow[];
	/** The indexes of the first and the last row in sight; null until the list was measured. */
	readonly range: { readonly first: number; readonly last: number } | null;
	/** The height of the whole list, in pixels. */
	readonly total: number;
	/** The ref of a row whose height may differ from the estimate. Such a row has its index in `data-index`. */
	readonly measure: RefCallback<HTMLElement>;
	/** Brings a row to the upper edge, or into view by the shortest way. */
	readonly scrollToIndex: (index: number, align: 'start' | 'nearest') => void;
	readonly scrollToEnd: () => void;
}

/** What useWindow keeps between two drawings. */
interface View {
	stand: Stand;
	layout: RowLayout;
	height: number;
	/** What was drawn as being in sight. */
	range: RowWindow['range'];
	/** Where the document was found or put last. */
	scrolled: number;
	/** Rows that came into the document and were not measured yet. */
	readonly fresh: Set<HTMLElement>;
}

/**
 * useWindow decides which rows of a long list are in the document: those in sight, some around them, and the one with the
 * index `kept`. `keys` tell the rows apart, and must be the same array while the rows are the same. The scroller must be
 * there when the component that calls this is mounted: an element of this one, not of its parent.
 *
 * Without `end` the list stays where it was scrolled to. With it, it holds on to what is in sight, whatever comes or grows
 * above; within `end.threshold` pixels of its end it stays there, also when rows come or the view shrinks. `end.onChange`
 * is told where it is whenever that may have changed. The scroller needs `overflow-anchor: none` then.
 */
export function useWindow({ keys, estimate, scroller, kept = -1, above = 0, below = 0, end }: {
	readonly keys: readonly string[];
	/** About how high a row is, in pixels, until it was measured. */
	readonly estimate: (index: number) => number;
	readonly scroller: RefObject<HTMLElement | null>;
	readonly kept?: number;
	/** The room around the rows, in pixels. */
	readonly above?: number;
	readonly below?: number;
	readonly end?: { readonly threshold: number; readonly onChange: (atEnd: boolean) => void };
}): RowWindow {
	const [, redraw] = useReducer((count: number) => count + 1, 0);
	const [heights] = useState(() => new Map<string, number>());
	// The estimate belongs to the keys.
	const layout = useMemo(() => createLayout(keys, { heights, estimate, above, below }), [keys, heights, above, below]);
	const [view] = useState((): View => ({
		stand: end === undefined ? { at: 'place', place: 0 } : standAtEnd(layout),
		layout, height: 0, range: null, scrolled: 0, fresh: new Set(),
	}));
	const threshold = end?.threshold;
	const onChange = end?.onChange;

	const standAt = useCallback((place: number): void => {
		const gap = view.layout.total() - place - view.height;
		if (threshold === undefined) {
			view.stand = { at: 'place', place };
		} else {
			view.stand = gap < threshold ? standAtEnd(view.layout, Math.max(0, gap)) : standAtRows(view.layout, place, view.height);
			onChange?.(gap < threshold);
		}
	}, [view, threshold, onChange]);

	const [observer] = useState(() => new ResizeObserver((entries) => {
		const news = entries.map(({ target }) => {
			const changed = target === scroller.current ? resized : measured;
			return target instanceof HTMLElement && changed(view, target);
		});
		if (news.includes(true)) {
			flushSync(redraw); // before this frame is painted
		}
	}));
	const measure = useCallback((element: HTMLElement | null) => {
		if (element === null) {
			return undefined;
		}
		view.fresh.add(element);
		observer.observe(element);
		return () => {
			view.fresh.delete(element);
			observer.unobserve(element);
		};
	}, [view, observer]);

	const place = placeOf(layout, view.stand, view.height);
	const range = rangeAt(layout, place, view.height);
	useLayoutEffect(() => {
		const element = scroller.current;
		if (element === null) {
			return;
		}
		view.layout = layout;
		view.range = range;
		if (settle(view, element, place)) {
			redraw(); // at once, before anything is painted
		} else {
			view.scrolled = element.scrollTop;
			if (view.stand.at === 'row' && layout.total() - place - view.height < (threshold ?? 0)) {
				standAt(place); // it was brought to a row, and is at the end now
			}
			onChange?.(view.stand.at === 'end');
		}
	});

	useLayoutEffect(() => {
		const element = scroller.current;
		if (element === null) {
			return undefined;
		}
		const onScroll = (): void => {
			if (Math.abs(element.scrollTop - view.scrolled) < 1) {
				return; // that was put here
			}
			view.scrolled = element.scrollTop;
			standAt(element.scrollTop);
			const now = rangeAt(view.layout, element.scrollTop, view.height);
			if (now?.first !== view.range?.first || now?.last !== view.range?.last) {
				flushSync(redraw);
			}
		};
		observer.observe(element);
		element.addEventListener('scroll', onScroll, { passive: true });
		return () => {
			observer.unobserve(element);
			element.removeEventListener('scroll', onScroll);
		};
	}, [scroller, view, observer, standAt]);

	const stand = useCallback((next: Stand): void => {
		view.stand = next;
		redraw();
	}, [view]);
	const scrollToEnd = useCallback(() => stand(standAtEnd(view.layout)), [stand, view]);
	const scrollToIndex = useCallback((index: number, align: 'start' | 'nearest') => {
		const { layout: { keys: known, start, height }, height: seen, stand: now } = view;
		const least = start(index) + height(index) - seen; // the least place at which the whole row is in view
		const from = placeOf(view.layout, now, seen);
		const key = known[index];
		if (key !== undefined && (align === 'start' || from > start(index) || from < least)) {
			stand({ at: 'row', rows: [{ key, index, offset: align === 'start' || from > start(index) ? 0 : least - start(index) }] });
		}
	}, [stand, view]);

	const rows = range === null ? [] : windowRows(layout, place, view.height, kept);
	return { rows, range, total: layout.total(), measure, scrollToIndex, scrollToEnd };
}

function rangeAt(layout: RowLayout, place: number, height: number): RowWindow['range'] {
	return height === 0 ? null : { first: layout.at(place), last: layout.at(place + height) };
}

function windowRows(layout: RowLayout, place: number, height: number, kept: number): readonly WindowRow[] {
	const from = Math.floor(place / stride) * stride - overscan;
	const first = Math.max(0, layout.at(from));
	const last = layout.at(from + stride + height + 2 * overscan);
	const indexes = Array.from({ length: last - first + 1 }, (_, i) => first + i);
	if (kept >= 0 && kept < first) {
		indexes.unshift(kept);
	} else if (kept > last) {
		indexes.push(kept);
	}
	return indexes.map((index) => ({ index, key: layout.keys[index] ?? '', start: layout.start(index) }));
}

/** settle measures what is new and scrolls to where the list stands; true when it has to be drawn again first. */
function settle(view: View, element: HTMLElement, place: number): boolean {
	const news = [view.height === 0 && resized(view, element), ...[...view.fresh].map((row) => measured(view, row))];
	view.fresh.clear();
	if (news.includes(true)) {
		return true;
	}
	const by = element.scrollTop - view.scrolled;
	const limit = element.scrollHeight - element.clientHeight;
	if (Math.abs(by) >= 1 && element.scrollTop < limit - 1) {
		// Somebody has scrolled, and the event has yet to come. (At the limit the document may have moved because it shrank.)
		view.scrolled = element.scrollTop;
		view.stand = moved(view.stand, by);
		return true;
	}
	if (Math.abs(element.scrollTop - place) >= 1) {
		element.scrollTop = place;
	}
	return false;
}

function measured(view: View, row: HTMLElement): boolean {
	// Rounded up: rows begin at whole pixels, where text is sharp, and none lies on another.
	const height = Math.ceil(row.getBoundingClientRect().height - 0.01);
	return row.isConnected && view.layout.resize(Number(row.dataset['index']), height);
}

function resized(view: View, element: HTMLElement): boolean {
	if (view.height === element.clientHeight) {
		return false;
	}
	view.height = element.clientHeight;
	if (view.stand.at === 'end') {
		view.stand = standAtEnd(view.layout);
	}
	return true;
}
