// Builds the page into web/dist, which the server embeds: types, then Vite, then a .br and a .gz beside each file of text, so that the
// server compresses nothing. Fails when the page's JavaScript is more than a phone should load.

import { execFileSync } from 'node:child_process';
import { mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { dirname, extname, join, relative } from 'node:path';
import { fileURLToPath } from 'node:url';
import { brotliCompressSync, constants, gzipSync } from 'node:zlib';
import { build } from 'vite';

const web = join(dirname(fileURLToPath(import.meta.url)), '..');
const dist = join(web, 'dist');
// Bytes of all JavaScript with gzip at its usual level, 6, by which strangers measure; the files here are made with 9, which is less.
// The page promises 150 kB: what is in between is for another version of zlib or a package.
const most = 148_000;
const least = 1_000; // a smaller file gains nothing by compression
const text = new Set(['.html', '.js', '.css', '.svg', '.json']);

/** empty removes the last build. The .gitignore stays, without which there would be no folder to embed. */
function empty() {
	mkdirSync(dist, { recursive: true });
	for (const entry of readdirSync(dist, { withFileTypes: true })) {
		if (entry.name !== '.gitignore') rmSync(join(dist, entry.name), { recursive: true });
	}
}

/** compress writes the compressed files beside one, and returns the sizes in bytes. */
function compress(path) {
	const content = readFileSync(path);
	const br = brotliCompressSync(content, {
		params: { [constants.BROTLI_PARAM_MODE]: constants.BROTLI_MODE_TEXT, [constants.BROTLI_PARAM_SIZE_HINT]: content.length },
	});
	const gz = gzipSync(content, { level: 9 });
	if (content.length >= least) {
		writeFileSync(`${path}.br`, br);
		writeFileSync(`${path}.gz`, gz);
	}
	return { path: relative(dist, path), raw: content.length, usual: gzipSync(content, { level: 6 }).length, gz: gz.length, br: br.length };
}

function kilobytes(bytes) {
	return `${(bytes / 1000).toFixed(1)} kB`.padStart(9);
}

function line(name, { raw, gz, br }) {
	console.log(`${name.padEnd(40)} ${kilobytes(raw)}   gzip ${kilobytes(gz)}   brotli ${kilobytes(br)}`);
}

execFileSync(process.execPath, [join(web, 'scripts', 'types.js')], { stdio: 'inherit' });
empty();
await build({ root: join(web, 'app'), logLevel: 'warn' });

const files = readdirSync(dist, { recursive: true, withFileTypes: true })
	.filter((entry) => entry.isFile() && text.has(extname(entry.name)))
	.map((entry) => compress(join(entry.parentPath, entry.name)));
const sum = { raw: 0, usual: 0, gz: 0, br: 0 };
for (const file of files.toSorted((a, b) => b.gz - a.gz)) {
	line(file.path, file);
	if (!file.path.endsWith('.js')) continue;
	for (const key of Object.keys(sum)) sum[key] += file[key];
}
line('all JavaScript', sum);
if (sum.usual > most) {
	console.error(`The page's JavaScript has${kilobytes(sum.usual)} with gzip -6, and may have${kilobytes(most)}: see what was imported last.`);
	process.exitCode = 1;
}
