// Cards that are dragged into another column, by pointer events: with the mouse after some pixels, with a finger after a long press, so that
// a swipe still scrolls.

import { useEffect, useEffectEvent, useRef, useState, type PointerEvent as ReactPointerEvent } from 'react';
import { following, isStatus, type Status } from './status';
import type { Card } from './board';

const THRESHOLD = 6; // pixels
const LONG_PRESS = 300; // milliseconds

/** What is being dragged, and over which column that may take it. */
export interface Dragging {
	readonly card: Card;
	readonly over: Status | null;
}

interface Drag {
	readonly card: Card;
	readonly element: HTMLElement;
	readonly pointerId: number;
	readonly start: { readonly x: number; readonly y: number };
	/** The copy that follows the pointer; null before the drag has begun. */
	ghost: HTMLElement | null;
	timer: ReturnType<typeof setTimeout> | undefined;
}

/**
 * useDrag gives what is being dragged, and the handler that a card needs. Columns have `data-status`. `onDrop` gets the place where the card
 * was let go. Escape, a second finger or the end of the window's focus ends a drag with nothing done.
 */
export function useDrag(ghostClass: string, onDrop: (card: Card, status: Status, rect: DOMRect) => void): {
	readonly dragging: Dragging | null;
	readonly grab: (card: Card, event: ReactPointerEvent<HTMLElement>) => void;
} {
	const [dragging, setDragging] = useState<Dragging | null>(null);
	const drag = useRef<Drag | null>(null);
	const listeners = useRef<AbortController | null>(null);

	const end = () => {
		clearTimeout(drag.current?.timer);
		drag.current?.ghost?.remove();
		drag.current = null;
		listeners.current?.abort();
		setDragging(null);
	};
	const begin = (at: Drag) => {
		at.ghost = makeGhost(at.element, ghostClass);
		setDragging({ card: at.card, over: null });
	};
	const moved = (event: PointerEvent) => {
		const at = drag.current;
		if (at === null || event.pointerId !== at.pointerId) return;
		const [dx, dy] = [event.clientX - at.start.x, event.clientY - at.start.y];
		if (at.ghost === null && Math.hypot(dx, dy) > THRESHOLD) {
			if (event.pointerType === 'touch') end(); // it scrolls
			else begin(at);
		}
		if (at.ghost === null) return;
		at.ghost.style.transform = `translate(${dx}px, ${dy}px) rotate(1.5deg)`;
		setDragging({ card: at.card, over: columnAt(event, at.card) });
	};
	const released = (event: PointerEvent) => {
		const at = drag.current;
		if (at === null || event.pointerId !== at.pointerId) return;
		const status = at.ghost === null ? null : columnAt(event, at.card);
		const rect = at.ghost?.getBoundingClientRect();
		end();
		if (status !== null && rect !== undefined) onDrop(at.card, status, rect);
	};
	const grab = (card: Card, event: ReactPointerEvent<HTMLElement>) => {
		const inControl = event.target instanceof Element && event.target.closest('button, a') !== null;
		if (drag.current !== null || event.button !== 0 || inControl || card.moving || following(card.status).length === 0) return;
		const at: Drag = {
			card, element: event.currentTarget, pointerId: event.pointerId, start: { x: event.clientX, y: event.clientY }, ghost: null, timer: undefined,
		};
		if (event.pointerType === 'touch') at.timer = setTimeout(() => begin(at), LONG_PRESS);
		drag.current = at;
		listeners.current = listen(moved, released, end, () => drag.current !== null && drag.current.ghost !== null);
	};
	const stop = useEffectEvent(end);
	useEffect(() => () => stop(), []);
	return { dragging, grab };
}

function listen(moved: (e: PointerEvent) => void, released: (e: PointerEvent) => void, end: () => void, active: () => boolean): AbortController {
	const ended = new AbortController();
	const { signal } = ended;
	addEventListener('pointermove', moved, { signal });
	addEventListener('pointerup', released, { signal });
	addEventListener('pointercancel', end, { signal });
	addEventListener('blur', end, { signal });
	addEventListener('keydown', (event) => {
		if (event.key === 'Escape') end();
	}, { signal });
	addEventListener('touchmove', (event) => {
		if (active()) event.preventDefault(); // what is dragged does not scroll too
	}, { signal, passive: false });
	addEventListener('contextmenu', (event) => {
		if (active()) event.preventDefault(); // a long press asks for it
	}, { signal });
	return ended;
}

function makeGhost(element: HTMLElement, ghostClass: string): HTMLElement {
	const rect = element.getBoundingClientRect();
	const ghost = document.createElement('div');
	ghost.className = ghostClass;
	ghost.ariaHidden = 'true';
	ghost.inert = true;
	const copy = element.cloneNode(true);
	if (copy instanceof Element) copy.removeAttribute('data-card');
	ghost.append(copy);
	ghost.style.left = `${rect.left}px`;
	ghost.style.top = `${rect.top}px`;
	ghost.style.width = `${rect.width}px`;
	document.body.append(ghost);
	return ghost;
}

/** columnAt finds the column under the pointer that may take the card. */
function columnAt(event: PointerEvent, card: Card): Status | null {
	for (const element of document.elementsFromPoint(event.clientX, event.clientY)) {
		const status = element.closest<HTMLElement>('[data-status]')?.dataset['status'];
		if (isStatus(status)) return following(card.status).includes(status) ? status : null;
	}
	return null;
}
