import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { shortNames } from '../plugins/classNames';

const folder = join(import.meta.dirname, '../src');
const files = readdirSync(folder, { recursive: true, encoding: 'utf8' }).filter((path) => path.endsWith('.module.css'));

/** build names some classes of each file, the files in this order. */
function build(order: readonly string[]): Map<string, string> {
	const nameOf = shortNames(folder);
	const ask = (): [string, string][] => order.flatMap((path) => ['row', 'head', 'row', 'foot']
		.map((name): [string, string] => [`${path} ${name}`, nameOf(name, join(folder, path))]));
	const names = ask();
	expect(ask(), 'asked again').toEqual(names);
	return new Map(names);
}

test('no two classes have one name', () => {
	const names = build(files);
	expect(new Set(names.values()).size).toBe(files.length * 3);
	for (const name of names.values()) expect(name).toMatch(/^[a-z]{1,2}[0-2]$/);
});

test('every build has the same names, whichever file it reads first', () => {
	expect(build(files.toReversed())).toEqual(build(files));
});

test('a file that was not counted is refused', () => {
	expect(() => shortNames(folder)('row', join(folder, '../elsewhere.module.css'))).toThrow('outside');
});
