// What a verdict means, in plain words.

import type { answers, Step, Verdict } from '@chainmail/client';

/** What each step asks, and what it means when it does not hold. */
export const steps: Readonly<Record<Step['name'], { readonly asks: string; readonly broken: string }>> = {
	form: { asks: 'Does the proof say one thing?', broken: 'The proof contradicts itself.' },
	checkpoint: { asks: 'Has the log signed this?', broken: 'The log has not signed this.' },
	leaf: { asks: 'Is it about this message?', broken: 'The proof is not about this message.' },
	path: { asks: 'Is the message in the log?', broken: 'The message is not in the log that was signed.' },
	words: { asks: 'Are these the words?', broken: 'The words shown are not the words that were sealed.' },
	history: { asks: 'Is it the log that was here before?', broken: 'This is not the log that was seen before.' },
};

/** The order of the steps. */
export const order: readonly Step['name'][] = ['form', 'checkpoint', 'leaf', 'path', 'words', 'history'];

/** judge is the verdict on what this page shows: a proof that holds may be about other words than those that stand here. */
export function judge(verdict: Verdict, message: Pick<answers.OneMessage, 'content'>, proof: Pick<answers.MessageProof, 'content'>): Verdict {
	if (message.content === proof.content || verdict.steps.some(({ name, ok }) => name === 'words' && ok === false)) return verdict;
	const detail = proof.content === null
		? 'The server shows words here for which its proof has none: nothing shows that these are they.'
		: 'The proof is about other words than those that the server shows here.';
	const broken: Step = { name: 'words', ok: false, detail };
	const rest = verdict.steps.filter(({ name }) => name !== 'words');
	const at = rest.findIndex(({ name }) => name === 'history');
	return { ...verdict, ok: false, steps: at < 0 ? [...rest, broken] : [...rest.slice(0, at), broken, ...rest.slice(at)] };
}

/** headline is the whole verdict in a sentence. */
export function headline(verdict: Verdict): string {
	const failed = verdict.steps.find(({ ok }) => ok === false);
	if (failed !== undefined) return steps[failed.name].broken;
	if (verdict.event?.type === 'MessageBlocked') return 'The log has this message as one that was blocked and not sent.';
	return verdict.steps.some(({ name }) => name === 'words')
		? 'The log has this message, with these very words.'
		: 'The log has this message. Its words were erased.';
}

/** What a proof does not show, whatever it shows (docs/verification.md). */
export const limits: readonly string[] = [
	'That the sender wrote it: the log vouches for what the server took from the sender’s account.',
	'That nothing came after: the words may have been erased since.',
	'Who else has seen it, or whether anybody has.',
	'That everybody is shown the same log. Compare the key and the root with others.',
	'When it was, except by the clock of the log’s database.',
	'That this page is honest: the server delivers it. To rule that out, download the proof and check it with chainmail verify.',
];
