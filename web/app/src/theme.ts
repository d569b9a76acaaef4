// Light or dark: as the system has it, or as was chosen here.

import { useSyncExternalStore } from 'react';
import { read, write } from './kept';

/** What was chosen. */
export type Theme = 'system' | 'light' | 'dark';

const name = 'chainmail.theme';
const dark = matchMedia('(prefers-color-scheme: dark)');
const listeners = new Set<() => void>();

/** chosenTheme is what was chosen in this browser; `system` at first. */
export function chosenTheme(): Theme {
	const kept = read('local', name);
	return kept === 'light' || kept === 'dark' ? kept : 'system';
}

/** chooseTheme keeps and shows it. */
export function chooseTheme(theme: Theme): void {
	write('local', name, theme === 'system' ? null : theme);
	show();
}

function show(): void {
	const theme = chosenTheme();
	document.documentElement.dataset['theme'] = theme === 'system' ? (dark.matches ? 'dark' : 'light') : theme;
	for (const listener of listeners) listener();
}

/** followTheme shows the theme, before the first paint, and whenever the system or another tab changes it, until the returned function is called. */
export function followTheme(): () => void {
	const ended = new AbortController();
	dark.addEventListener('change', show, { signal: ended.signal });
	addEventListener('storage', show, { signal: ended.signal });
	show();
	return () => ended.abort();
}

function subscribe(listener: () => void): () => void {
	listeners.add(listener);
	return () => listeners.delete(listener);
}

/** useTheme is what was chosen. */
export function useTheme(): Theme {
	return useSyncExternalStore(subscribe, chosenTheme);
}
