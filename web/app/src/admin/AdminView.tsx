import { useState } from 'react';
import { Tabs } from '../ui/Tabs';
import styles from './AdminView.module.css';
import { Announce } from './Announce';
import { BlockedList } from './BlockedList';
import { Overview } from './Overview';
import { useStats } from './useStats';

const TABS = [
	{ id: 'overview', label: 'Overview' }, { id: 'blocked', label: 'Blocked messages' }, { id: 'announce', label: 'Announce' },
] as const;

/** What admins look at and do. The server refuses it to all others, and the page does not show it to them. */
export function AdminView() {
	const [tab, setTab] = useState<(typeof TABS)[number]['id']>('overview');
	const stats = useStats(); // here, so that the charts go on while another tab is looked at
	return (
		<section className={styles.view} aria-labelledby="admin">
			<header className={styles.header}><h1 id="admin">Admin</h1></header>
			<div className={styles.tabs}>
				<Tabs label="Admin" tabs={TABS} selected={tab} onSelect={setTab}>
					<div className={styles.content}>
						{tab === 'overview' && <Overview live={stats} />}
						{tab === 'blocked' && <BlockedList blocked={stats.latest?.messages_blocked ?? null} />}
						{tab === 'announce' && <Announce />}
					</div>
				</Tabs>
			</div>
		</section>
	);
}
