import type { answers } from '@chainmail/client';
import { type KeyboardEvent, useEffect, useId, useRef, useState } from 'react';
import { Avatar } from '../ui/Avatar';
import { classes } from '../ui/classes';
import { TextField } from '../ui/Field';
import styles from './PeoplePicker.module.css';
import { shortAddress } from './shortAddress';
import { type Found, leastQuery, usePeopleSearch } from './usePeopleSearch';

const nobody: ReadonlySet<string> = new Set();

/**
 * Finds people by a part of the name or a wallet's address, and gives the chosen one away: a combobox with a list (WAI-ARIA
 * APG). Those in `taken` are shown and cannot be chosen. With `focus`, the focus goes here at first.
 */
export function PeoplePicker({ label, taken = nobody, takenText, focus = false, onPick }: {
	readonly label: string;
	readonly taken?: ReadonlySet<string>;
	readonly takenText?: string;
	readonly focus?: boolean;
	readonly onPick: (person: answers.User) => void;
}) {
	const [query, setQuery] = useState('');
	const [active, setActive] = useState(0);
	const field = useRef<HTMLInputElement>(null);
	const id = useId();
	const found = usePeopleSearch(query);
	const people = found.people ?? [];
	useEffect(() => {
		if (focus) field.current?.focus();
	}, [focus]);

	const search = (text: string) => {
		setQuery(text);
		setActive(0);
	};
	const pick = (person: answers.User | undefined) => {
		if (person === undefined || taken.has(person.id)) return;
		search('');
		onPick(person);
	};
	const pressed = (event: KeyboardEvent) => {
		const step = { ArrowDown: 1, ArrowUp: people.length - 1 }[event.key];
		if (step !== undefined && people.length > 0) {
			event.preventDefault();
			const next = (active + step) % people.length;
			setActive(next);
			document.getElementById(`${id}-${next}`)?.scrollIntoView({ block: 'nearest' });
		} else if (event.key === 'Enter') {
			event.preventDefault();
			pick(people[active]);
		} else if (event.key === 'Escape' && query !== '') {
			event.preventDefault(); // the dialog around it stays, with all that is in it
			search('');
		}
	};
	return (
		<div className={styles.picker}>
			<TextField
				ref={field} label={label} value={query} hint={told(query, found)} error={found.problem} role="combobox"
				aria-expanded={people.length > 0} aria-controls={id} aria-autocomplete="list"
				aria-activedescendant={people[active] === undefined ? undefined : `${id}-${active}`}
				onChange={(event) => search(event.target.value)} onKeyDown={pressed}
			/>
			<ul id={id} role="listbox" aria-label="People found" className={styles.list} hidden={people.length === 0}>
				{people.map((person, i) => (
					<li
						key={person.id} id={`${id}-${i}`} role="option" aria-selected={i === active} aria-disabled={taken.has(person.id)}
						className={classes(styles.option, i === active && styles.active)}
						onPointerMove={() => setActive(i)} onMouseDown={(event) => event.preventDefault()} onClick={() => pick(person)}
					>
						<Avatar id={person.id} name={person.name} online={person.online} size="small" />
						<span className={styles.name}>{person.name}</span>
						<small className={styles.more}>{taken.has(person.id) ? takenText : shortAddress(person.wallet_address)}</small>
					</li>
				))}
			</ul>
			<p className="visually-hidden" role="status">{query !== '' && told(query, found)}</p>
		</div>
	);
}

function told(query: string, { people, problem }: Found): string {
	if (query.trim().length < leastQuery) return `${leastQuery} characters or more of the name, or a wallet’s address.`;
	if (people === null) return problem === null ? 'Looking for people…' : '';
	return people.length === 0 ? 'Nobody is called that.' : `${people.length} found.`;
}
