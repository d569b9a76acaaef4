import { type MouseEvent, type ReactNode, useEffectEvent, useId, useLayoutEffect, useRef } from 'react';
import { classes } from './classes';
import styles from './Dialog.module.css';
import { IconButton } from './IconButton';

/**
 * A modal dialog, open as long as it is mounted. Escape, the cross and a press beside it ask to be closed by `onClose`. The focus goes to
 * the element with `data-autofocus`, else to the first control, and comes back afterwards. `actions` are the buttons at its foot.
 */
export function Dialog({ title, onClose, actions, wide = false, children }: {
	readonly title: string;
	readonly onClose: () => void;
	readonly actions?: ReactNode;
	readonly wide?: boolean;
	readonly children: ReactNode;
}) {
	const ref = useRef<HTMLDialogElement>(null);
	const titleId = useId();
	const cancelled = useEffectEvent((event: Event) => {
		event.preventDefault(); // its owner closes it
		onClose();
	});
	useLayoutEffect(() => {
		const dialog = ref.current;
		if (dialog === null) return undefined;
		dialog.addEventListener('cancel', cancelled);
		dialog.showModal();
		dialog.querySelector<HTMLElement>('[data-autofocus]')?.focus();
		return () => {
			dialog.removeEventListener('cancel', cancelled);
			dialog.close(); // gives the focus back
		};
	}, []);
	const pressed = (event: MouseEvent): void => {
		if (event.target === ref.current) onClose(); // its content fills it, so this was the backdrop
	};
	return (
		<dialog ref={ref} className={classes(styles.dialog, wide && styles.wide)} aria-labelledby={titleId} onMouseDown={pressed}>
			<div className={styles.frame}>
				<div className={styles.header}>
					<h2 id={titleId}>{title}</h2>
					<IconButton icon="close" label="Close" onClick={onClose} />
				</div>
				<div className={styles.body}>{children}</div>
				{actions !== undefined && <div className={styles.actions}>{actions}</div>}
			</div>
		</dialog>
	);
}
