// A Verdict while it is being found.

import { Refused } from './refused';
import type { PathNode, Step, Verdict } from './verdict';

/** Called with what was found so far, after each step and each level of the path. */
export type Told = (sofar: Verdict) => void;

type StepName = Step['name'];

/** A Verdict as it grows. */
export interface Ledger {
	know(found: Partial<Verdict>): void;
	readonly knowNode: (node: PathNode) => void;
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
	const add = (name: StepName, ok: boolean | null, detail: string): void => {
		know(withStep(verdict, { name, ok, detail }));
		told(verdict);
	};
	return {
		know,
		knowNode: (node) => {
			know({ path: [...verdict.path, node] });
			told(verdict);
		},
		step: async (name, check, say) => {
			if (check === null) {
				add(name, null, 'Not checked: what it rests on does not hold.');
				return null;
			}
			try {
				const found = await check();
				const said = say(found);
				if (said instanceof Refused) add(name, false, sentence(said.message));
				else add(name, true, said);
				return found;
			} catch (error) {
				if (!(error instanceof Refused)) throw error;
				add(name, false, sentence(error.message));
				return null;
			}
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
