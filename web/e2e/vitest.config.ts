import { defineConfig } from 'vitest/config';

// Tests of the page in a real browser, on real servers: each file starts its own. Two at a time, since each keeps a processor busy.
export default defineConfig({
	root: import.meta.dirname,
	cacheDir: '../node_modules/.vite-e2e',
	test: {
		include: ['*.test.ts'], maxWorkers: 2, testTimeout: 180_000, hookTimeout: 180_000,
		expect: { poll: { timeout: 60_000 } }, // as for all that the page does; without, a second
	},
});
