import { useSyncExternalStore } from 'react';

function subscribe(listener: () => void): () => void {
	const observer = new MutationObserver(listener);
	observer.observe(document.documentElement, { attributes: true, attributeFilter: ['data-theme'] });
	return () => observer.disconnect();
}

/** useShownTheme is the theme that the page has on: where a canvas has to take its colours anew. */
export function useShownTheme(): string {
	return useSyncExternalStore(subscribe, () => document.documentElement.dataset['theme'] ?? 'light');
}
