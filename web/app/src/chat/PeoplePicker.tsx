import type { answers } from '@chainmail/client';
import { type KeyboardEvent, useEffect, useRef, useState } from 'react';
import { Avatar } from '../ui/Avatar';
import { TextField } from '../ui/Field';
import { Spinner } from '../ui/Spinner';
import { classes } from '../ui/classes';
import { shortAddress } from './ConversationItem';
import styles from './dialogs.module.css';
import { leastQuery, usePeopleSearch } from './usePeopleSearch';

/** Finds people by name and gives the chosen one away. Those in `taken` are shown and cannot be chosen. */
export function PeoplePicker({ label, taken, takenText, onPick }: {
	readonly label: string;
	readonly taken: ReadonlySet<string>;
	readonly takenText: string;
	readonly onPick: (person: answers.User) => void;
}) {
	const [query, setQuery] = useState('');
	const field = useRef<HTMLInputElement>(null);
	const list = useRef<HTMLUListElement>(null);
	const { people, problem } = usePeopleSearch(query);
	useEffect(() => field.current?.focus(), []);
	const enough = query.trim().length >= leastQuery;
	const pick = (person: answers.User): void => {
		onPick(person);
		setQuery('');
		field.current?.focus();
	};
	const pressed = (event: KeyboardEvent): void => {
		const choices = [...list.current?.querySelectorAll<HTMLElement>('button:not(:disabled)') ?? []];
		const at = choices.findIndex((choice) => choice === document.activeElement);
		const next = { ArrowDown: choices[at + 1], ArrowUp: at > 0 ? choices[at - 1] : field.current }[event.key];
		if (event.key === 'Enter' && at < 0) {
			event.preventDefault();
			choices[0]?.click();
		} else if (next) {
			event.preventDefault();
			next.focus();
		}
	};
	return (
		<div onKeyDown={pressed}>
			<TextField
				ref={field} label={label} type="search" value={query} placeholder="A part of the name"
				onChange={(event) => setQuery(event.target.value)}
			/>
			{people !== null && people.length > 0 && (
				<ul ref={list} className={styles.people}>
					{people.map((person) => (
						<li key={person.id}>
							<button
								type="button" className={classes(styles.person, styles.choice)} disabled={taken.has(person.id)}
								onClick={() => pick(person)}
							>
								<Avatar id={person.id} name={person.name} online={person.online} />
								<span className={styles.who}>
									<strong>{person.name}</strong>
									<small>{taken.has(person.id) ? takenText : shortAddress(person.wallet_address)}</small>
								</span>
							</button>
						</li>
					))}
				</ul>
			)}
			<p className={styles.note} role="status">
				{!enough && 'Three characters or more.'}
				{enough && people === null && problem === null && <Spinner size={18} label="Looking for people" />}
				{people?.length === 0 && 'Nobody is called that.'}
				{problem}
			</p>
		</div>
	);
}
