import { useChainmail, useNotifications } from '@chainmail/react';
import { type MouseEvent, Suspense, useEffect, useRef } from 'react';
import { ChatView } from '../chat/ChatView';
import { type Route, useRoute } from '../router';
import { useMe } from '../session';
import { EmptyState } from '../ui/EmptyState';
import { Spinner } from '../ui/Spinner';
import { ConnectionState } from './ConnectionState';
import { ErrorBoundary } from './ErrorBoundary';
import { lazyView } from './lazyView';
import { News } from './News';
import { Rail } from './Rail';
import styles from './Shell.module.css';
import { pageTitle, unreadMessages } from './unread';

const InboxView = lazyView(async () => (await import('../inbox/InboxView')).InboxView);
const TasksView = lazyView(async () => (await import('../tasks/TasksView')).TasksView);
const AuditView = lazyView(async () => (await import('../audit/AuditView')).AuditView);
const AdminView = lazyView(async () => (await import('../admin/AdminView')).AdminView);

/** The page of somebody who has logged in. */
export function Shell() {
	const route = useRoute();
	useTitle();
	useKeptFocus(route);
	const open = route.view === 'chats' && route.target !== null; // on a phone it takes the whole screen
	return (
		<div className={styles.shell} data-open={open || undefined}>
			<a href="#main" className={styles.skip} onClick={skip}>Skip to the content</a>
			<Rail />
			<div className={styles.content}>
				<ConnectionState />
				<main id="main" tabIndex={-1} className={styles.main}>
					<ErrorBoundary key={route.view}>
						<Suspense fallback={<div className={styles.waiting}><Spinner size={32} /></div>}><CurrentView route={route} /></Suspense>
					</ErrorBoundary>
				</main>
			</div>
			<News />
		</div>
	);
}

/** skip moves the focus by hand: the address behind the # is the route. */
function skip(event: MouseEvent): void {
	event.preventDefault();
	document.getElementById('main')?.focus();
}

function CurrentView({ route }: { readonly route: Route }) {
	const { role } = useMe();
	switch (route.view) {
		case 'chats': return <ChatView target={route.target} />;
		case 'inbox': return <InboxView />;
		case 'tasks': return <TasksView projectId={route.projectId} />;
		case 'audit': return <AuditView {...route} />;
		case 'admin':
			return role === 'admin' ? <AdminView /> : <EmptyState icon="lock" title="For admins">This part of Chainmail is for those who run it.</EmptyState>;
	}
}

/** useKeptFocus takes the focus to the content where what had it went with the place before, as after leaving a group. */
function useKeptFocus(route: Route): void {
	const first = useRef(route);
	useEffect(() => {
		if (route !== first.current && document.activeElement === document.body) document.getElementById('main')?.focus({ preventScroll: true });
	}, [route]);
}

/** useTitle shows in the document's title how much is unread. */
function useTitle(): void {
	const { conversations } = useChainmail();
	const { unread } = useNotifications();
	const title = pageTitle(unreadMessages(conversations) + unread);
	useEffect(() => {
		document.title = title;
		return () => {
			document.title = pageTitle(0);
		};
	}, [title]);
}
