import { useState } from 'react';
import { useMe } from '../session';
import { EmptyState } from '../ui/EmptyState';
import { Tabs } from '../ui/Tabs';
import styles from './AdminView.module.css';
import { Announce } from './Announce';
import { BlockedList } from './BlockedList';
import { Overview } from './Overview';
import { useStats } from './useStats';

const TABS = [
	{ id: 'overview', label: 'Overview' }, { id: 'blocked', label: 'Blocked messages' }, { id: 'announce', label: 'Announce' },
] as const;

/** What admins look at and do. The server refuses it to others; this spares them the refusals. */
export function AdminView() {
	const { role } = useMe();
	if (role === 'admin') return <AdminTabs />;
	return (
		<main className={styles.view}>
			<EmptyState icon="lock" title="This is for admins">
				<p>How the server is doing and what the guard keeps back is shown to admins alone. If you are to be one, ask whoever runs this server.</p>
			</EmptyState>
		</main>
	);
}

function AdminTabs() {
	const [tab, setTab] = useState<(typeof TABS)[number]['id']>('overview');
	const stats = useStats(); // here, so that the charts go on while another tab is looked at
	return (
		<main className={styles.view}>
			<header className={styles.header}><h1>Admin</h1></header>
			<div className={styles.tabs}>
				<Tabs label="Admin" tabs={TABS} selected={tab} onSelect={setTab}>
					<div className={styles.content}>
						{tab === 'overview' && <Overview live={stats} />}
						{tab === 'blocked' && <BlockedList blocked={stats.latest?.messages_blocked ?? null} />}
						{tab === 'announce' && <Announce />}
					</div>
				</Tabs>
			</div>
		</main>
	);
}
