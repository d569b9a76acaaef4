import { type KeyboardEvent, type ReactNode, useId } from 'react';
import { Badge } from './Badge';
import { classes } from './classes';
import styles from './Tabs.module.css';

/** One of the tabs. `count` stands beside its name, unless 0. */
export interface Tab<Id extends string> {
	readonly id: Id;
	readonly label: string;
	readonly count?: number;
}

/** Tabs above the panel of the selected one, which is `children`. Arrows, Home and End select (WAI-ARIA APG, tabs). */
export function Tabs<Id extends string>({ label, tabs, selected, onSelect, children }: {
	/** What is chosen between. */
	readonly label: string;
	readonly tabs: readonly Tab<Id>[];
	readonly selected: Id;
	readonly onSelect: (id: Id) => void;
	readonly children: ReactNode;
}) {
	const base = useId();
	const pressed = (event: KeyboardEvent): void => {
		const at = tabs.findIndex((tab) => tab.id === selected);
		const places: Partial<Record<string, number>> = { ArrowRight: at + 1, ArrowLeft: at - 1 + tabs.length, Home: 0, End: tabs.length - 1 };
		const next = tabs[(places[event.key] ?? NaN) % tabs.length];
		if (next === undefined) return;
		event.preventDefault();
		onSelect(next.id);
		document.getElementById(`${base}-${next.id}`)?.focus();
	};
	return (
		<>
			<div role="tablist" aria-label={label} className={styles.list} onKeyDown={pressed}>
				{tabs.map((tab) => (
					<button
						key={tab.id} id={`${base}-${tab.id}`} type="button" role="tab" aria-selected={tab.id === selected} aria-controls={`${base}-panel`}
						tabIndex={tab.id === selected ? 0 : -1} className={classes(styles.tab, tab.id === selected && styles.selected)}
						onClick={() => onSelect(tab.id)}
					>
						{tab.label}
						{tab.count !== undefined && <Badge count={tab.count} label="" />}
					</button>
				))}
			</div>
			<div role="tabpanel" id={`${base}-panel`} aria-labelledby={`${base}-${selected}`} className={styles.panel}>{children}</div>
		</>
	);
}
