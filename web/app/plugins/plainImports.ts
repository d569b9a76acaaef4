import type { Plugin } from 'vite';

/**
 * plainImports makes import() of a view nothing but that. Vite has it look for style sheets to load first, in 2 kB of code; but all
 * styles are in one sheet, which the HTML names.
 */
export function plainImports(): Plugin {
	return {
		name: 'plain-imports',
		enforce: 'pre',
		load: (id) => id === '\0vite/preload-helper.js' ? 'export const __vitePreload = (load) => load();' : null,
	};
}
