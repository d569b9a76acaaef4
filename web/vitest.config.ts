import { defineConfig } from 'vitest/config';

const conditions = ['chainmail-source', 'module', 'node', 'development|production'];
const resolution = { resolve: { conditions }, ssr: { resolve: { conditions } } };

// The tests of the client, the hooks and the page. Those that need a whole browser are in e2e. Files of the hooks and the page share threads,
// each in a context of its own: jsdom is read once in place of once a file, which costs more than all the tests. The client's have
// processes, since what Node itself makes (bytes, errors) is of another kind in such a context.
export default defineConfig({
	test: {
		projects: [
			{ ...resolution, test: { name: 'client', include: ['client/test/**/*.test.ts'] } },
			{ ...resolution, test: { name: 'page', include: ['react/test/**/*.test.tsx', 'app/test/**/*.test.{ts,tsx}'], pool: 'vmThreads' } },
		],
	},
});
