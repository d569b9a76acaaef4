import type { ComponentPropsWithRef } from 'react';
import { classes } from './classes';
import { Icon, type IconName } from './Icon';
import styles from './IconButton.module.css';

interface Props extends Omit<ComponentPropsWithRef<'button'>, 'children' | 'aria-label' | 'title'> {
	readonly icon: IconName;
	/** What it does, for screen readers and as a hint under the pointer. */
	readonly label: string;
}

/** A button that shows an icon alone. */
export function IconButton({ icon, label, className, ...rest }: Props) {
	return (
		<button type="button" {...rest} className={classes(styles.button, className)} aria-label={label} title={label}>
			<Icon name={icon} />
		</button>
	);
}
