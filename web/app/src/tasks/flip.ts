// Cards that glide to where they belong: the technique FLIP (first, last, invert, play).

import { useLayoutEffect, useRef, type RefObject } from 'react';

const DURATION = 320;
const EASING = 'cubic-bezier(0.2, 0.8, 0.2, 1)';

interface Place {
	readonly x: number;
	readonly y: number;
}

/** What a gliding board offers. */
export interface Flip {
	/** startFrom says where a card was let go, in the window's coordinates: it glides from there. */
	readonly startFrom: (id: string, rect: DOMRect) => void;
}

/**
 * useFlip lets the elements with `data-card` below a board glide from where they were to where they are whenever `layout`, a text that says
 * who is where, has changed. Places are told from the board's corner, so that scrolling is no move. With
 * prefers-reduced-motion nothing glides.
 */
export function useFlip(board: RefObject<HTMLElement | null>, layout: string): Flip {
	const places = useRef(new Map<string, Place>());
	useLayoutEffect(() => {
		const element = board.current;
		if (element === null) {
			return undefined;
		}
		const before = places.current;
		places.current = measure(element);
		if (!matchMedia('(prefers-reduced-motion: reduce)').matches) {
			play(element, before, places.current);
		}
		const observer = new ResizeObserver(() => {
			places.current = measure(element);
		});
		observer.observe(element);
		return () => observer.disconnect();
	}, [board, layout]);
	return {
		startFrom(id, rect) {
			const corner = board.current?.getBoundingClientRect();
			if (corner !== undefined) {
				places.current.set(id, { x: rect.x - corner.x, y: rect.y - corner.y });
			}
		},
	};
}

function measure(board: HTMLElement): Map<string, Place> {
	const corner = board.getBoundingClientRect();
	return new Map(cardsOf(board).map(([id, element]) => {
		const rect = element.getBoundingClientRect();
		return [id, { x: rect.x - corner.x, y: rect.y - corner.y }];
	}));
}

function play(board: HTMLElement, before: ReadonlyMap<string, Place>, now: ReadonlyMap<string, Place>) {
	for (const [id, element] of cardsOf(board)) {
		const from = before.get(id);
		const to = now.get(id);
		if (to === undefined) {
			continue;
		}
		if (from === undefined) {
			if (before.size > 0) {
				element.animate([{ opacity: 0, transform: 'scale(0.96)' }, { opacity: 1, transform: 'none' }], { duration: DURATION, easing: EASING });
			}
			continue;
		}
		if (from.x !== to.x || from.y !== to.y) {
			const shift = `translate(${from.x - to.x}px, ${from.y - to.y}px)`;
			element.animate([{ transform: shift, zIndex: 1 }, { transform: 'none', zIndex: 1 }], { duration: DURATION, easing: EASING });
		}
	}
}

function cardsOf(board: HTMLElement): [string, HTMLElement][] {
	return [...board.querySelectorAll<HTMLElement>('[data-card]')].map((element) => [element.dataset['card'] ?? '', element]);
}
