import { readdirSync } from 'node:fs';
import { basename, join } from 'node:path';

/** readableName names a class of a CSS module by its file, whose names differ: for working on the page. */
export function readableName(name: string, file: string): string {
	return `${basename(file, '.module.css')}-${name}`;
}

/**
 * shortNames names the classes of the CSS modules in a folder: letters for the file and a number in it, such as bf12. Hashes hardly
 * compress, and words are long. The files are counted before any is read, so that every build of the same sources has the same names.
 */
export function shortNames(folder: string): (name: string, file: string) => string {
	const paths = readdirSync(folder, { recursive: true, encoding: 'utf8' }).filter((path) => path.endsWith('.module.css')).sort();
	const files = new Map(paths.map((path, i) => [join(folder, path), { letters: letters(i), names: new Map<string, number>() }]));
	return (name, path) => {
		const file = files.get(path);
		if (!file) throw new Error(`${path} is a CSS module outside ${folder}`);
		const number = file.names.get(name) ?? file.names.size;
		file.names.set(name, number);
		return `${file.letters}${number}`;
	};
}

/** letters writes a number from 0 as a, b, ..., z, ba, bb, ... */
function letters(number: number): string {
	const last = String.fromCharCode(97 + number % 26);
	return number < 26 ? last : letters(Math.floor(number / 26)) + last;
}
