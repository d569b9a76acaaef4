import styles from './Logo.module.css';

/** Two links of a chain. `size` is in pixels. The name stands beside it, or in what it is in. */
export function Logo({ size = 32 }: { readonly size?: number }) {
	return (
		<svg aria-hidden="true" className={styles.logo} width={size} height={size} viewBox="0 0 32 32" fill="none" strokeWidth="3.5">
			<rect className={styles.left} x="2.75" y="9.75" width="16" height="12.5" rx="6.25" />
			<rect className={styles.right} x="13.25" y="9.75" width="16" height="12.5" rx="6.25" />
			<path className={styles.left} d="M9 9.75h3.5a6.25 6.25 0 0 1 6.25 6.25" />
		</svg>
	);
}
