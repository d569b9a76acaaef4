import { defineConfig } from 'vitest/config';

const conditions = ['chainmail-source', 'module', 'node', 'development|production'];
const resolution = { resolve: { conditions }, ssr: { resolve: { conditions } } };

// How long a test may take, in milliseconds: only one that hangs is to fail by it, on however busy a machine.
const patience = { testTimeout: 180_000, hookTimeout: 180_000 };

// The tests of the client, the hooks and the page. Those that need a whole browser are in e2e.
export default defineConfig({
	test: {
		projects: [
			// A process of its own for each file costs more than most tests do. These files change nothing that others see.
			{ ...resolution, test: { ...patience, name: 'values', include: ['client/test/{proof,store}/**/*.test.ts'], isolate: false } },
			{ ...resolution, test: { ...patience, name: 'parts', include: ['client/test/*.test.ts'] } },
			// These share threads, each file in a context of its own: jsdom is read once in place of once a file. The client's have processes,
			// since what Node itself makes (bytes, errors) is of another kind in such a context.
			{ ...resolution, test: { ...patience, name: 'page', include: ['react/test/**/*.test.tsx', 'app/test/**/*.test.{ts,tsx}'], pool: 'vmThreads' } },
		],
	},
});
