import { useChainmail } from '@chainmail/react';
import { useState } from 'react';
import { useMe, useSession } from '../session';
import { chooseTheme, type Theme, useTheme } from '../theme';
import { Avatar } from '../ui/Avatar';
import type { IconName } from '../ui/Icon';
import { Menu, type MenuItem } from '../ui/Menu';
import styles from './AccountMenu.module.css';
import { BlockedDialog } from './BlockedDialog';
import { SessionsDialog } from './SessionsDialog';
import { SignOutDialog } from './SignOutDialog';

const themes: readonly { readonly theme: Theme; readonly label: string; readonly icon: IconName }[] = [
	{ theme: 'system', label: 'System theme', icon: 'screen' },
	{ theme: 'light', label: 'Light theme', icon: 'sun' },
	{ theme: 'dark', label: 'Dark theme', icon: 'moon' },
];

/** One's own picture, and behind it the theme, the sessions, the blocked people and the way out. */
export function AccountMenu({ className }: { readonly className?: string | undefined }) {
	const me = useMe();
	const { kind, signOut } = useSession();
	const { connection } = useChainmail();
	const chosen = useTheme();
	const [open, setOpen] = useState<'sessions' | 'blocked' | 'sign_out' | null>(null);
	const close = (): void => setOpen(null);
	const leave = (): void => {
		if (connection.unsent > 0) setOpen('sign_out');
		else void signOut();
	};
	const items: readonly MenuItem[] = [
		...themes.map(({ theme, label, icon }) => ({ label, icon, checked: theme === chosen, onSelect: () => chooseTheme(theme) })),
		...(kind === 'wallet' ? [{ label: 'Sessions', icon: 'key', separated: true, onSelect: () => setOpen('sessions') } as const] : []),
		{ label: 'Blocked people', icon: 'block', separated: kind !== 'wallet', onSelect: () => setOpen('blocked') },
		{ label: 'Sign out', icon: 'logout', separated: true, onSelect: leave },
	];
	return (
		<>
			<Menu label={`${me.name}: account`} head={<Head />} items={items} className={className}>
				<Avatar id={me.id} name={me.name} online={connection.phase === 'live'} />
			</Menu>
			{open === 'sessions' && <SessionsDialog onClose={close} />}
			{open === 'blocked' && <BlockedDialog onClose={close} />}
			{open === 'sign_out' && <SignOutDialog unsent={connection.unsent} onClose={close} onLeave={() => void signOut()} />}
		</>
	);
}

/** Whose account it is. */
function Head() {
	const { name, role, wallet_address: address } = useMe();
	return (
		<div className={styles.head}>
			<strong>{name}</strong>
			{address !== null && !name.startsWith('0x') && <code title={address}>{`${address.slice(0, 6)}…${address.slice(-4)}`}</code>}
			{role === 'admin' && <span>Admin</span>}
		</div>
	);
}
