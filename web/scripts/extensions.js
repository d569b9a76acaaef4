// Makes a folder that tsc has built importable without a bundler: Node and browsers want whole file names in imports, which the sources leave out.

import { existsSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';

const folder = process.argv[2];

for (const name of readdirSync(folder, { recursive: true })) {
	if (!/\.(js|d\.ts)$/.test(name)) continue;
	const path = join(folder, name);
	const text = readFileSync(path, 'utf8');
	writeFileSync(path, text.replace(/\b(from|import\()\s*'(\.{1,2}\/[^']+)'/g, (whole, before, to) => {
		const file = join(dirname(path), to);
		if (existsSync(`${file}.js`) || existsSync(`${file}.d.ts`)) return whole.replace(to, `${to}.js`);
		return whole;
	}));
}
