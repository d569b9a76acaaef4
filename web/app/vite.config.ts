import react from '@vitejs/plugin-react';
import { join } from 'node:path';
import { defineConfig } from 'vite';
import { readableName, shortNames } from './plugins/classNames.ts';

// The page is built into web/dist, which the server embeds. It loads nothing from elsewhere, and the server's content
// security policy allows nothing inline: so no polyfill for preloading and no files as data: URLs.
export default defineConfig(({ command }) => ({
	root: import.meta.dirname,
	cacheDir: '../node_modules/.vite',
	plugins: [react()],
	resolve: { conditions: ['chainmail-source', 'module', 'browser', 'development|production'] },
	css: { modules: { generateScopedName: command === 'build' ? shortNames(join(import.meta.dirname, 'src')) : readableName } },
	build: {
		outDir: '../dist',
		emptyOutDir: false, // it has a .gitignore; scripts/build.js empties the rest
		assetsInlineLimit: 0,
		modulePreload: false,
		minify: 'terser', // 1 % less than the default: what the limit of scripts/build.js leaves room for is little
		terserOptions: { ecma: 2020, module: true, compress: { passes: 2 } },
		target: 'es2023',
	},
	server: { proxy: { '^/(api|ws|checkpoint|tile|readyz)': { target: process.env['CHAINMAIL'] ?? 'http://127.0.0.1:8080', ws: true } } },
}));
