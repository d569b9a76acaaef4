import type { ReactNode } from 'react';
import styles from './EmptyState.module.css';
import { Icon, type IconName } from './Icon';

/** What stands where there is nothing yet: what would be here, and how it comes here. */
export function EmptyState({ icon, title, children }: {
	readonly icon: IconName;
	readonly title: string;
	readonly children?: ReactNode;
}) {
	return (
		<div className={styles.empty}>
			<span className={styles.icon}><Icon name={icon} size={28} /></span>
			<h2>{title}</h2>
			{children !== undefined && <div className={styles.body}>{children}</div>}
		</div>
	);
}
