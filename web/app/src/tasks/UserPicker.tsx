import { Trouble, type answers } from '@chainmail/client';
import { useChainmail } from '@chainmail/react';
import { useEffect, useId, useState, type KeyboardEvent } from 'react';
import { Avatar } from '../ui/Avatar';
import { classes } from '../ui/classes';
import { Icon } from '../ui/Icon';
import { IconButton } from '../ui/IconButton';
import { TextField } from '../ui/Field';
import styles from './UserPicker.module.css';

const LEAST = 3; // characters of a name that the server searches for
const PAUSE = 200; // milliseconds without a key before it is asked

/** Finds one user by a part of his name or by his wallet address: a combobox with a list (WAI-ARIA APG). */
export function UserPicker({ label, user, onPick, error }: {
	readonly label: string;
	readonly user: answers.User | null;
	readonly onPick: (user: answers.User | null) => void;
	readonly error?: string | null;
}) {
	const [query, setQuery] = useState('');
	const { found, problem } = useFound(query);
	const [active, setActive] = useState(0);
	const id = useId();
	if (user !== null) return <Picked label={label} user={user} onClear={() => onPick(null)} />;

	const pick = (one: answers.User) => {
		setQuery('');
		onPick(one);
	};
	const pressed = (event: KeyboardEvent) => {
		const one = found?.[active];
		if (event.key === 'ArrowDown' || event.key === 'ArrowUp') {
			event.preventDefault();
			const count = Math.max(found?.length ?? 0, 1);
			setActive((active + (event.key === 'ArrowDown' ? 1 : count - 1)) % count);
		} else if (event.key === 'Enter' && one !== undefined) {
			event.preventDefault();
			pick(one);
		}
	};
	const none = found?.length === 0 ? 'Nobody is called that.' : `Type ${LEAST} letters of the name, or a wallet address.`;
	return (
		<div className={styles.picker}>
			<TextField
				label={label} value={query} role="combobox" aria-expanded={(found?.length ?? 0) > 0} aria-controls={id} aria-autocomplete="list"
				aria-activedescendant={found?.[active] === undefined ? undefined : `${id}-${active}`} hint={none} error={problem ?? error}
				onChange={(event) => {
					setQuery(event.target.value);
					setActive(0);
				}} onKeyDown={pressed}
			/>
			<ul id={id} role="listbox" aria-label="Users found" className={styles.list} hidden={(found?.length ?? 0) === 0}>
				{found?.map((one, i) => (
					<li
						key={one.id} id={`${id}-${i}`} role="option" aria-selected={i === active} className={classes(styles.option, i === active && styles.active)}
						onPointerEnter={() => setActive(i)} onMouseDown={(event) => event.preventDefault()} onClick={() => pick(one)}
					>
						<Avatar id={one.id} name={one.name} online={one.online} size="small" />
						<span className={styles.name}>{one.name}</span>
						{one.wallet_address !== null && <code className={styles.wallet}>{one.wallet_address.slice(0, 8)}…</code>}
						{i === active && <Icon name="check" size={16} />}
					</li>
				))}
			</ul>
		</div>
	);
}

function Picked({ label, user, onClear }: { readonly label: string; readonly user: answers.User; readonly onClear: () => void }) {
	return (
		<div className={styles.picker}>
			<span className={styles.label}>{label}</span>
			<div className={styles.picked}>
				<Avatar id={user.id} name={user.name} online={user.online} size="small" />
				<span className={styles.name}>{user.name}</span>
				<IconButton icon="close" label={`Choose somebody else than ${user.name}`} onClick={onClear} />
			</div>
		</div>
	);
}

/** useFound searches once the typing pauses. Answers to what was typed before are dropped. */
function useFound(query: string): { readonly found: readonly answers.User[] | null; readonly problem: string | null } {
	const { client } = useChainmail();
	const [state, setState] = useState<{ readonly found: readonly answers.User[] | null; readonly problem: string | null }>({ found: null, problem: null });
	const text = query.trim();
	useEffect(() => {
		let current = true;
		const timer = setTimeout(() => {
			if (text.length < LEAST) {
				setState({ found: null, problem: null });
				return;
			}
			client.api.findUsers(text).then(
				(page) => current && setState({ found: page.items, problem: null }),
				(error: unknown) => current && setState({ found: null, problem: error instanceof Trouble ? error.message : String(error) }),
			);
		}, PAUSE);
		return () => {
			current = false;
			clearTimeout(timer);
		};
	}, [client, text]);
	return state;
}
