import { defineConfig } from 'vitest/config';

// Tests of the page in a real browser, on real servers: each file starts its own. They run one file after the other, since a browser and
// a server keep two processors busy.
export default defineConfig({
	root: import.meta.dirname,
	cacheDir: '../node_modules/.vite-e2e',
	test: { include: ['*.test.ts'], fileParallelism: false, testTimeout: 60_000, hookTimeout: 90_000 },
});
