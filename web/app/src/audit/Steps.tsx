import type { Step, Verdict } from '@chainmail/client';
import { classes } from '../ui/classes';
import { Icon } from '../ui/Icon';
import { order, steps } from './findings';
import styles from './Steps.module.css';

/** The steps of a check: those that were made with what was found, the others faint. */
export function Steps({ verdict }: { readonly verdict: Verdict | null }) {
	const made = new Map(verdict?.steps.map((step) => [step.name, step]));
	const names = made.has('history') ? order.filter((name) => made.has(name)) : order; // words that were erased have no step
	return (
		<ol className={styles.steps}>
			{names.map((name) => <Entry key={name} name={name} step={made.get(name)} />)}
		</ol>
	);
}

const icons = { good: 'check', bad: 'close', skipped: 'more' } as const;

function Entry({ name, step }: { readonly name: Step['name']; readonly step: Step | undefined }) {
	const state = step === undefined ? 'open' : step.ok === null ? 'skipped' : step.ok ? 'good' : 'bad';
	return (
		<li className={classes(styles.step, styles[state])}>
			<span className={styles.mark}>{state !== 'open' && <Icon name={icons[state]} size={16} />}</span>
			<div>
				<strong>{state === 'bad' ? steps[name].broken : steps[name].asks}</strong>
				{step !== undefined && <p><span className="visually-hidden">{state === 'good' ? 'Yes. ' : ''}</span>{step.detail}</p>}
			</div>
		</li>
	);
}
