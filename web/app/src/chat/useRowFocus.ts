import { type KeyboardEvent, type RefObject, useCallback, useState } from 'react';
import type { Row } from './rows';

const written = (row: Row | undefined): boolean => row?.kind === 'message' || row?.kind === 'draft';

/**
 * useRowFocus moves between messages by keyboard. One of them, the active one, takes part in the order of Tab, with the
 * controls in it; arrows, Home and End lead to others, Enter to its menu. `show` brings a row into the document.
 */
export function useRowFocus(rows: readonly Row[], scroller: RefObject<HTMLElement | null>) {
	const [activeKey, setActiveKey] = useState<string | null>(null);
	const at = activeKey === null ? -1 : rows.findLastIndex((row) => row.key === activeKey);
	const activeIndex = at >= 0 ? at : rows.findLastIndex(written);
	const activate = useCallback((key: string) => setActiveKey(key), []);

	const onKeyDown = (event: KeyboardEvent, show: (index: number) => void): void => {
		const row = event.target instanceof Element ? event.target.closest<HTMLElement>('[data-row]') : null;
		if (row === null || event.defaultPrevented) {
			return; // in a menu that lies elsewhere in the document
		}
		if (event.target === row && (event.key === 'Enter' || event.key === 'ContextMenu')) {
			event.preventDefault();
			row.querySelector<HTMLElement>('[aria-haspopup="menu"]')?.click();
			return;
		}
		const next = nextIndex(rows, Number(row.dataset['index']), event.key);
		const key = rows[next]?.key;
		if (key === undefined) {
			return;
		}
		event.preventDefault();
		setActiveKey(key);
		show(next);
		// The active row is always in the document, once that is drawn.
		requestAnimationFrame(() => {
			scroller.current?.querySelector<HTMLElement>(`[data-row="${CSS.escape(key)}"]`)?.focus({ preventScroll: true });
		});
	};
	return { activeIndex, activate, onKeyDown };
}

/** nextIndex returns the row of a message that a key leads to from another one; -1 for none. */
export function nextIndex(rows: readonly Row[], from: number, key: string): number {
	switch (key) {
		case 'ArrowUp':
			return rows.findLastIndex((row, index) => index < from && written(row));
		case 'ArrowDown':
			return rows.findIndex((row, index) => index > from && written(row));
		case 'Home':
			return rows.findIndex(written);
		case 'End':
			return rows.findLastIndex(written);
		default:
			return -1;
	}
}
