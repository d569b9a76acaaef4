import styles from './HeldWords.module.css';

/** The words of a message that was kept back, as they were written. */
export function HeldWords({ children }: { readonly children: string }) {
	return <blockquote className={styles.words}>{children}</blockquote>;
}
