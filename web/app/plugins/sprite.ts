import type { Plugin } from 'vite';
import { icons } from '../src/ui/icons.ts';

/** sprite puts the icons into the page's HTML, where an Icon refers to each as #icon-NAME: nobody waits for them as code. */
export function sprite(): Plugin {
	return {
		name: 'sprite',
		transformIndexHtml: () => [{
			tag: 'svg',
			attrs: { display: 'none' },
			children: Object.entries(icons).map(([name, d]) => ({ tag: 'path', attrs: { id: `icon-${name}`, d } })),
			injectTo: 'body',
		}],
	};
}
