import styles from './Badge.module.css';

/** A count beside what it counts; nothing for 0. `label` is read out after the number, as in `3 unread`. */
export function Badge({ count, label }: { readonly count: number; readonly label: string }) {
	if (count === 0) return null;
	return (
		<span className={styles.badge}>
			{count > 99 ? '99+' : count}
			<span className="visually-hidden"> {label}</span>
		</span>
	);
}
