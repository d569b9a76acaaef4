import type { ComponentPropsWithRef, MouseEvent } from 'react';
import styles from './Button.module.css';
import { classes } from './classes';
import { Icon, type IconName } from './Icon';
import { Spinner } from './Spinner';

interface Props extends ComponentPropsWithRef<'button'> {
	/** `primary` for the one thing that a view or dialog is about. */
	readonly variant?: 'primary' | 'quiet' | 'danger';
	readonly icon?: IconName;
	/** It works on it: a press does nothing, and the focus stays. */
	readonly busy?: boolean;
}

/** A button with words. It submits no form unless `type` says so. */
export function Button({ variant = 'quiet', icon, busy = false, className, children, onClick, ...rest }: Props) {
	const press = (event: MouseEvent<HTMLButtonElement>): void => {
		if (busy) event.preventDefault();
		else onClick?.(event);
	};
	return (
		<button
			type="button" {...rest} className={classes(styles.button, styles[variant], className)}
			aria-busy={busy || undefined} aria-disabled={busy || undefined} onClick={press}
		>
			{busy ? <Spinner size={18} label={null} /> : icon !== undefined && <Icon name={icon} size={18} />}
			{children}
		</button>
	);
}
