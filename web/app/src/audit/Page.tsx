import type { ReactNode } from 'react';
import { href, type Route } from '../router';
import { classes } from '../ui/classes';
import { Icon } from '../ui/Icon';
import styles from './Page.module.css';

/**
 * A page of the audit: a heading with a way back, and what scrolls below it. With `fill` the page is as high as the window, and its
 * content scrolls in itself.
 */
export function Page({ title, about, back, actions, fill = false, children }: {
	readonly title: string;
	readonly about: string;
	/** Where the arrow leads; left out on the first page. */
	readonly back?: { readonly to: Route; readonly label: string };
	readonly actions?: ReactNode;
	readonly fill?: boolean;
	readonly children: ReactNode;
}) {
	return (
		<div className={classes(styles.scroll, fill && styles.fill)}>
			<div className={styles.page}>
				<header className={styles.header}>
					{back !== undefined && <a className={styles.back} href={href(back.to)} aria-label={back.label} title={back.label}><Icon name="back" /></a>}
					<div className={styles.heading}>
						<h1>{title}</h1>
						<p>{about}</p>
					</div>
					{actions !== undefined && <div className={styles.actions}>{actions}</div>}
				</header>
				{children}
			</div>
		</div>
	);
}

/** A part of a page, on a ground of its own. */
export function Card({ title, aside, children }: { readonly title: string; readonly aside?: ReactNode; readonly children: ReactNode }) {
	return (
		<section className={styles.card} aria-label={title}>
			<div className={styles.cardHead}>
				<h2>{title}</h2>
				{aside}
			</div>
			{children}
		</section>
	);
}

/** Names and what they stand for, in two columns. */
export function Facts({ facts }: { readonly facts: readonly (readonly [name: string, value: ReactNode])[] }) {
	return (
		<dl className={styles.facts}>
			{facts.map(([name, value]) => (
				<div key={name}>
					<dt>{name}</dt>
					<dd>{value}</dd>
				</div>
			))}
		</dl>
	);
}

/** A hash or key, to the last digit, wherever it has to break. */
export function Hash({ children }: { readonly children: string }) {
	return <code className={styles.hash}>{children}</code>;
}
