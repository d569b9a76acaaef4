import { useChainmail, useNotifications } from '@chainmail/react';
import { href, type Route, useRoute, type View } from '../router';
import { useMe } from '../session';
import { Badge } from '../ui/Badge';
import { classes } from '../ui/classes';
import { Icon, type IconName } from '../ui/Icon';
import { Logo } from '../ui/Logo';
import { AccountMenu } from './AccountMenu';
import styles from './Rail.module.css';
import { unreadMessages } from './unread';

const places: Readonly<Record<View, { readonly label: string; readonly icon: IconName; readonly route: Route }>> = {
	chats: { label: 'Chats', icon: 'chat', route: { view: 'chats', target: null } },
	inbox: { label: 'Inbox', icon: 'bell', route: { view: 'inbox' } },
	tasks: { label: 'Tasks', icon: 'board', route: { view: 'tasks', projectId: null } },
	audit: { label: 'Audit', icon: 'shield', route: { view: 'audit' } },
	admin: { label: 'Admin', icon: 'gauge', route: { view: 'admin' } },
};

/** The ways into the views: at the left of a desktop, at the bottom of a phone. */
export function Rail() {
	const route = useRoute();
	const { role } = useMe();
	const { conversations } = useChainmail();
	const { unread } = useNotifications();
	const views: readonly View[] = role === 'admin' ? ['chats', 'inbox', 'tasks', 'audit', 'admin'] : ['chats', 'inbox', 'tasks', 'audit'];
	const counts: Partial<Record<View, number>> = { chats: unreadMessages(conversations), inbox: unread };
	return (
		<header className={styles.rail}>
			<span className={styles.logo}><Logo size={34} /></span>
			<nav aria-label="Views" className={styles.places}>
				{views.map((view) => (
					<Place key={view} view={view} current={route.view === view} unread={counts[view] ?? 0} />
				))}
			</nav>
			<AccountMenu className={styles.account} />
		</header>
	);
}

function Place({ view, current, unread }: { readonly view: View; readonly current: boolean; readonly unread: number }) {
	const { label, icon, route } = places[view];
	return (
		<a href={href(route)} className={classes(styles.place, current && styles.current)} aria-current={current ? 'page' : undefined}>
			<span className={styles.icon}>
				<Icon name={icon} size={22} />
				<span className={styles.badge}><Badge count={unread} label="unread" /></span>
			</span>
			<span className={styles.label}>{label}</span>
		</a>
	);
}
