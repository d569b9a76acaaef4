import react from '@vitejs/plugin-react';
import { join } from 'node:path';
import { defineConfig } from 'vite';
import { readableName, shortNames } from './plugins/classNames.ts';
import { plainImports } from './plugins/plainImports.ts';
import { sprite } from './plugins/sprite.ts';

// The views that are loaded when they are first opened, each a chunk of its own.
const views = /\/app\/src\/(admin|audit|inbox|tasks)\//;

// The page is built into web/dist, which the server embeds. It loads nothing from elsewhere, and the server's content
// security policy allows nothing inline: so no polyfill for preloading and no files as data: URLs.
export default defineConfig(({ command }) => ({
	root: import.meta.dirname,
	cacheDir: '../node_modules/.vite',
	plugins: [react(), plainImports(), sprite()],
	resolve: { conditions: ['chainmail-source', 'module', 'browser', 'development|production'] },
	css: { modules: { generateScopedName: command === 'build' ? shortNames(join(import.meta.dirname, 'src')) : readableName } },
	build: {
		outDir: '../dist',
		emptyOutDir: false, // it has a .gitignore; scripts/build.js empties the rest
		assetsInlineLimit: 0,
		modulePreload: false,
		cssCodeSplit: false,
		minify: 'terser', // 1 % less than the default
		terserOptions: { ecma: 2020, module: true, compress: { passes: 2 } },
		target: 'es2023',
		// All else is one chunk: what views share would be others, for which the first would wait before anything is drawn.
		rolldownOptions: { output: { codeSplitting: { groups: [{ name: 'page', test: (id) => !views.test(id) }] } } },
	},
	server: { proxy: { '^/(api|ws|checkpoint|tile|readyz)': { target: process.env['CHAINMAIL'] ?? 'http://127.0.0.1:8080', ws: true } } },
}));
