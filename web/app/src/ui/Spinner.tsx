import styles from './Spinner.module.css';

/** Something is under way. `label` says what, to screen readers; null where words beside it do. `size` is in pixels. */
export function Spinner({ size = 24, label = 'Loading' }: { readonly size?: number; readonly label?: string | null }) {
	return (
		<span className={styles.spinner} role={label === null ? undefined : 'status'}>
			<svg aria-hidden="true" width={size} height={size} viewBox="0 0 24 24" fill="none" stroke="currentColor" strokeWidth="2.5" strokeLinecap="round">
				<circle cx="12" cy="12" r="9" opacity="0.2" />
				<path d="M21 12a9 9 0 0 0-9-9" />
			</svg>
			{label !== null && <span className="visually-hidden">{label}</span>}
		</span>
	);
}
