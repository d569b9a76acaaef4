// A Verdict while it is being found.

import { Refused } from './refused';
import type { PathNode, Step, Verdict } from './verdict';

/**
 * Called with what was found so far, after each step and each level of the path. The check goes on when what it returns has
 * resolved, so that a page can show it.
 */
export type Told = (sofar: Verdict) => unknown;

type StepName = Step['name'];

/** A Verdict as it grows. */
export interface Ledger {
	know(found: Partial<Verdict>): void;
	readonly knowNode: (node: PathNode) => Promise<void>;
	/** step runs a check, null for one whose ground is missing, and writes down what came of it: `say` makes the sentence, or the refusal. */
	step<T>(name: StepName, check: (() => T | Promise<T>) | null, say: (found: T) => string | Refused): Promise<T | null>;
	verdict(): Verdict;
}

/** ledger begins a Verdict. */
export function ledger(told: Told = () => {}): Ledger {
	let verdict: Verdict = { ok: false, steps: [], event: null, index: 0, treeSize: 0, leafHash: null, path: [], root: null, key: null };
	const know = (found: Partial<Verdict>): void => {
		verdict = { ...verdict, ...found };
	};
	const add = async (name: StepName, ok: boolean | null, detail: string): Promise<void> => {
		know(withStep(verdict, { name, ok, detail }));
		await told(verdict);
	};
	return {
		know,
		knowNode: async (node) => {
			know({ path: [...verdict.path, node] });
			await told(verdict);
		},
		step: async <T>(name: StepName, check: (() => T | Promise<T>) | null, say: (found: T) => string | Refused): Promise<T | null> => {
			if (check === null) {
				await add(name, null, 'Not checked: what it rests on does not hold.');
				return null;
			}
			let found: T;
			let said: string | Refused;
			try {
				found = await check();
				said = say(found);
			} catch (error) {
				if (!(error instanceof Refused)) throw error;
				await add(name, false, sentence(error.message));
				return null;
			}
			await add(name, typeof said === 'string', typeof said === 'string' ? said : sentence(said.message));
			return found;
		},
		verdict: () => verdict,
	};
}

/** withStep adds a step to a verdict, which holds when every step does. */
export function withStep(verdict: Verdict, step: Step): Verdict {
	const steps = [...verdict.steps, step];
	return { ...verdict, steps, ok: steps.every(({ ok }) => ok === true) };
}

/** sentence makes one of a clause. */
export function sentence(clause: string): string {
	return `${clause.charAt(0).toUpperCase()}${clause.slice(1)}.`;
}
