import { defineConfig } from 'vitest/config';

const conditions = ['chainmail-source', 'module', 'node', 'development|production'];
const resolution = { resolve: { conditions }, ssr: { resolve: { conditions } } };

// The tests of the client, the hooks and the page. Those that need a whole browser are in e2e. Files of the hooks and the page share threads,
// each in a context of its own: jsdom is read once in place of once a file, which costs more than all the tests. The client's have
// processes, since what Node itself makes (bytes, errors) is of another kind in such a context.
export default defineConfig({
	resolve: { conditions: ['chainmail-source', 'module', 'node', 'development|production'] },
	ssr: { resolve: { conditions: ['chainmail-source', 'module', 'node', 'development|production'] } },
	test: {
		projects: [
			// A process of its own for each file costs more than most tests do. These files change nothing that others see.
			{ extends: true, test: { name: 'values', isolate: false, include: ['client/test/{proof,store}/**/*.test.ts'] } },
			{
				extends: true,
				test: { name: 'parts', include: ['client/test/*.test.ts', 'react/test/**/*.test.tsx', 'app/test/**/*.test.{ts,tsx}'] },
			},
		],
	},
});
