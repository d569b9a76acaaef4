import type { Step, Verdict } from '@chainmail/client';
import { expect, it } from 'vitest';
import { headline, judge } from '../../src/audit/findings';

/** A verdict of these steps. */
function verdictOf(...steps: readonly (readonly [Step['name'], boolean | null])[]): Verdict {
	return {
		ok: steps.every(([, ok]) => ok === true), steps: steps.map(([name, ok]) => ({ name, ok, detail: '' })),
		event: null, index: 4, treeSize: 12, leafHash: null, path: [], root: null, key: null,
	};
}

const whole = verdictOf(['form', true], ['checkpoint', true], ['leaf', true], ['path', true], ['words', true], ['history', true]);
const erased = verdictOf(['form', true], ['checkpoint', true], ['leaf', true], ['path', true], ['history', true]);

it('a proof of the words that are shown holds', () => {
	expect(judge(whole, { content: 'Oak?' }, { content: 'Oak?' })).toBe(whole);
	expect(headline(whole)).toBe('The log has this message, with these very words.');
});

it('a proof that holds for other words than those that are shown does not hold for these', () => {
	const judged = judge(whole, { content: 'Pine?' }, { content: 'Oak?' });
	expect(judged.ok).toBe(false);
	expect(judged.steps.map(({ name }) => name)).toEqual(whole.steps.map(({ name }) => name));
	expect(headline(judged)).toBe('The words shown are not the words that were sealed.');
});

it('words without a proof are not taken for proved', () => {
	const judged = judge(erased, { content: 'Pine?' }, { content: null });
	expect(judged.steps.at(-2)).toMatchObject({ name: 'words', ok: false });
	expect(headline(judge(erased, { content: null }, { content: null }))).toBe('The log has this message. Its words were erased.');
});

it('the first step that fails gives the headline', () => {
	expect(headline(verdictOf(['form', true], ['checkpoint', false], ['leaf', true], ['path', null], ['words', false]))).toBe('The log has not signed this.');
});
