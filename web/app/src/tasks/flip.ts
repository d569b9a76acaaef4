// Cards that glide to where they belong: the technique FLIP (first, last, invert, play).

import { useLayoutEffect, useRef, type RefObject } from 'react';

const DURATION = 320;
const EASING = 'cubic-bezier(0.2, 0.8, 0.2, 1)';

interface Place {
	readonly x: number;
	readonly y: number;
}

/**
 * useFlip lets the elements with `data-card` below a board glide from where they were to where they are whenever `layout`, a text that says
 * who is where, has changed. The board is their offsetParent. With prefers-reduced-motion nothing glides. It returns a function that says
 * where a dragged card was let go, in the window's coordinates: it glides from there.
 */
export function useFlip(board: RefObject<HTMLElement | null>, layout: string): (id: string, rect: DOMRect) => void {
	const places = useRef<ReadonlyMap<string, Place>>(new Map());
	useLayoutEffect(() => {
		const element = board.current;
		if (element === null) {
			return undefined;
		}
		const before = places.current;
		places.current = measure(element);
		if (before.size > 0 && !matchMedia('(prefers-reduced-motion: reduce)').matches) {
			play(element, before, places.current);
		}
		const observer = new ResizeObserver(() => {
			places.current = measure(element);
		});
		observer.observe(element);
		return () => observer.disconnect();
	}, [board, layout]);
	return (id, rect) => {
		const element = board.current;
		if (element !== null) {
			const corner = element.getBoundingClientRect();
			places.current = new Map(places.current).set(id, { x: rect.x - corner.x + element.scrollLeft, y: rect.y - corner.y + element.scrollTop });
		}
	};
}

/** measure takes offsets, which know nothing of scrolling, nor of an animation under way. */
function measure(board: HTMLElement): ReadonlyMap<string, Place> {
	return new Map(cardsOf(board).map(([id, element]) => [id, { x: element.offsetLeft, y: element.offsetTop }]));
}

function play(board: HTMLElement, before: ReadonlyMap<string, Place>, now: ReadonlyMap<string, Place>) {
	for (const [id, element] of cardsOf(board)) {
		const from = before.get(id);
		const to = now.get(id);
		if (from === undefined) {
			element.animate([{ opacity: 0, transform: 'scale(0.96)' }, { opacity: 1, transform: 'none' }], { duration: DURATION, easing: EASING });
		} else if (to !== undefined && (from.x !== to.x || from.y !== to.y)) {
			const shift = `translate(${from.x - to.x}px, ${from.y - to.y}px)`;
			element.animate([{ transform: shift, zIndex: 1 }, { transform: 'none', zIndex: 1 }], { duration: DURATION, easing: EASING });
		}
	}
}

function cardsOf(board: HTMLElement): [string, HTMLElement][] {
	return [...board.querySelectorAll<HTMLElement>('[data-card]')].map((element) => [element.dataset['card'] ?? '', element]);
}
