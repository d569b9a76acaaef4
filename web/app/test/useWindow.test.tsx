// @vitest-environment jsdom
import { act, cleanup, render } from '@testing-library/react';
import { useRef } from 'react';
import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { type RowWindow, useWindow } from '../src/ui/useWindow';

// jsdom lays nothing out: a row is as high as its key says (a40: 40 pixels), the list as its style, and the view as `view` says.
let view = 100;
let observed: Set<Element>;
let resize: (element: Element) => void;

beforeEach(() => {
	view = 100;
	observed = new Set();
	vi.stubGlobal('ResizeObserver', class {
		constructor(told: (entries: readonly { target: Element }[]) => void) {
			resize = (target) => told([{ target }]);
		}
		observe(element: Element): void {
			observed.add(element);
		}
		unobserve(element: Element): void {
			observed.delete(element);
		}
	});
	vi.spyOn(Element.prototype, 'clientHeight', 'get').mockImplementation(() => view);
	vi.spyOn(Element.prototype, 'scrollHeight', 'get').mockImplementation(function height(this: Element) {
		return Number.parseFloat((this.firstElementChild as HTMLElement).style.height);
	});
	vi.spyOn(Element.prototype, 'getBoundingClientRect').mockImplementation(function box(this: Element) {
		return new DOMRect(0, 0, 100, Number((this as HTMLElement).dataset['height']));
	});
});
afterEach(() => {
	cleanup();
	vi.restoreAllMocks();
	vi.unstubAllGlobals();
});

const heightOf = (key: string): number => Number(key.slice(1));
const atEnd = vi.fn<(atEnd: boolean) => void>();

/** show draws a list of these rows, each of which is guessed to be 50 pixels high. */
function show(first: readonly string[], { end = false, kept = -1 } = {}) {
	let shown: RowWindow;
	const estimate = (): number => 50;
	function List({ keys }: { readonly keys: readonly string[] }) {
		const scroller = useRef<HTMLDivElement>(null);
		shown = useWindow({ keys, estimate, scroller, kept, ...(end && { end: { threshold: 20, onChange: atEnd } }) });
		return (
			<div ref={scroller} data-testid="scroller">
				<div style={{ height: shown.total }}>
					{shown.rows.map(({ index, key }) => (
						<p key={key} ref={shown.measure} data-index={index} data-height={heightOf(key)}>{key}</p>
					))}
				</div>
			</div>
		);
	}
	const { rerender, getByTestId } = render(<List keys={first} />);
	const scroller = getByTestId('scroller');
	return {
		now: () => shown,
		scroller,
		drawn: () => shown.rows.map(({ index }) => index),
		show: (keys: readonly string[]) => rerender(<List keys={keys} />),
		scroll(place: number): void {
			scroller.scrollTop = place;
			act(() => void scroller.dispatchEvent(new Event('scroll')));
		},
	};
}

/** many is that many rows, each 50 pixels high. */
function many(count: number): readonly string[] {
	return Array.from({ length: count }, (_, i) => `${String.fromCharCode(0x4e00 + i)}50`);
}

test('only what is in sight and around it is in the document, and one row more that is asked for', () => {
	const list = show(many(1000), { kept: 900 });
	expect(list.now().range).toEqual({ first: 0, last: 2 });
	expect(list.drawn()).toEqual([...Array.from({ length: 18 }, (_, i) => i), 900]);
	expect(list.now().total).toBe(50_000);
	list.scroll(10_000);
	expect(list.now().range).toEqual({ first: 200, last: 202 });
	expect(list.drawn()[0]).toBe(190);
	expect(list.drawn().at(-1)).toBe(900);
	expect(observed.size).toBe(list.drawn().length + 1); // the scroller too, and no row that has gone
});

test('rows are as high as they are, and not as was guessed', () => {
	const list = show(['a40', 'b70.2', 'c50']);
	expect(list.now().total).toBe(40 + 71 + 50);
	expect(list.now().rows.map(({ start }) => start)).toEqual([0, 40, 111]);
});

test('a list that holds on to its end is there at first, and stays there when rows come or grow', () => {
	const list = show(['a40', 'b70', 'c50'], { end: true });
	expect(list.scroller.scrollTop).toBe(60);
	expect(atEnd).toHaveBeenLastCalledWith(true);
	list.show(['a40', 'b70', 'c50', 'd90']);
	expect(list.scroller.scrollTop).toBe(150);
	view = 60;
	act(() => resize(list.scroller));
	expect(list.scroller.scrollTop).toBe(190);
});

test('who has scrolled back keeps his place, whatever comes, and is brought to the end when asked', () => {
	const list = show(many(20), { end: true });
	list.scroll(420);
	expect(atEnd).toHaveBeenLastCalledWith(false);
	list.show(['a30', ...many(20), 'z30']);
	expect(list.scroller.scrollTop).toBe(450);
	act(() => list.now().scrollToEnd());
	expect(list.scroller.scrollTop).toBe(30 + 1000 + 30 - view);
	expect(atEnd).toHaveBeenLastCalledWith(true);
});

test('a row is brought to the edge, or into view by the shortest way', () => {
	const list = show(many(20));
	act(() => list.now().scrollToIndex(1, 'nearest'));
	expect(list.scroller.scrollTop).toBe(0); // it is in view
	act(() => list.now().scrollToIndex(10, 'nearest'));
	expect(list.scroller.scrollTop).toBe(11 * 50 - view);
	act(() => list.now().scrollToIndex(10, 'start'));
	expect(list.scroller.scrollTop).toBe(500);
	act(() => list.now().scrollToIndex(2, 'nearest'));
	expect(list.scroller.scrollTop).toBe(100);
});
