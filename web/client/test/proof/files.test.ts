import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { verifyProofFile } from '../../src/proof/proof';
import type { Step } from '../../src/proof/verdict';
import { filesOf, logKeys, proofFolders } from './testdata';

/** The step that fails first, by the beginning of a broken file's name: the longest one counts. */
const failing: Readonly<Record<string, Step['name']>> = {
	'checkpoint-': 'checkpoint',
	'checkpoint-empty-tree': 'path',
	'checkpoint-newer': 'path',
	'checkpoint-not-utf8': 'form',
	'checkpoint-no-empty-row': 'form',
	'checkpoint-older': 'path',
	'extra-': 'form',
	'form-': 'form',
	'form-trailing-': 'checkpoint',
	'form-truncated-late': 'checkpoint',
	'form-twice': 'checkpoint',
	'header-': 'form',
	'index-': 'form',
	'index-beyond-size': 'leaf',
	'index-is-size': 'leaf',
	'index-of-its-mirror': 'leaf',
	'index-one-': 'leaf',
	'json-': 'form',
	'json-longer-words': 'words',
	'json-no-words': 'words',
	'json-on-a-receipt': 'words',
	'json-other-': 'words',
	'json-salt-missing': 'words',
	'json-short-salt': 'words',
	'json-words-missing': 'words',
	'leaf-': 'leaf',
	'leaf-bit': 'path',
	'leaf-empty': 'form',
	'leaf-last-bit': 'path',
	'path-': 'form',
	'path-beyond-its-tree': 'path',
	'path-bit': 'path',
	'path-empty': 'path',
	'path-first-missing': 'path',
	'path-last-bit': 'path',
	'path-last-missing': 'path',
	'path-of-another': 'path',
	'path-one-more-': 'path',
	'path-reversed': 'path',
	'path-short-of-its-tree': 'path',
	'path-two-exchanged': 'path',
	'path-two-in-a-line': 'form',
	'signature-': 'checkpoint',
};

/** failingOf is the step that is due to fail. */
function failingOf(file: string): Step['name'] | undefined {
	const prefixes = Object.keys(failing).filter((prefix) => file.startsWith(prefix)).sort((a, b) => b.length - a.length);
	return failing[prefixes[0] ?? ''];
}

describe.each(proofFolders)('the proofs of %s', (folder) => {
	it('hold when they are good', async () => {
		const keys = await logKeys();
		const files = filesOf(join(folder, 'good'));
		expect(files.length).toBeGreaterThan(10);
		for (const [name, bytes] of files) {
			const verdict = await verifyProofFile(bytes, null, keys);
			expect(verdict.steps.filter(({ ok }) => ok !== true), name).toEqual([]);
			expect(verdict.ok, name).toBe(true);
			expect(verdict.path.at(-1)?.result ?? verdict.leafHash, name).toBe(verdict.root);
		}
	});

	it('are refused when they are broken, for what is wrong with them', async () => {
		const keys = await logKeys();
		const files = filesOf(join(folder, 'broken'));
		expect(files.length).toBeGreaterThan(30);
		for (const [name, bytes] of files) {
			const verdict = await verifyProofFile(bytes, null, keys);
			expect(verdict.ok, name).toBe(false);
			expect(verdict.steps.find(({ ok }) => ok === false)?.name, name).toBe(failingOf(name));
		}
	});
});

it('a proof of another message than was asked for is refused', async () => {
	const files = new Map(filesOf(join(proofFolders[1] ?? '', 'good')));
	const message = files.get('message.json') ?? new Uint8Array();
	const keys = await logKeys();
	const id = String((await verifyProofFile(message, null, keys)).event?.payload['message_id']);
	expect((await verifyProofFile(message, id, keys)).ok).toBe(true);
	const other = await verifyProofFile(message, '019ddd00-0000-7000-8000-000000000009', keys);
	expect(other.steps.find(({ ok }) => ok === false)?.name).toBe('leaf');
	const receipt = await verifyProofFile(files.get('receipt.json') ?? new Uint8Array(), id, keys);
	expect(receipt.steps.find(({ ok }) => ok === false)).toMatchObject({ name: 'leaf', detail: 'The event is a MessageRead, and no message.' });
});
