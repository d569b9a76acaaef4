import { defineConfig } from 'vitest/config';

// The tests of the client and of the hooks. Those that need a whole browser are in e2e.
export default defineConfig({
	resolve: { conditions: ['chainmail-source', 'module', 'node', 'development|production'] },
	ssr: { resolve: { conditions: ['chainmail-source', 'module', 'node', 'development|production'] } },
	test: { include: ['client/test/**/*.test.ts', 'react/test/**/*.test.tsx', 'app/test/**/*.test.{ts,tsx}'] },
});
