import { type ComponentPropsWithRef, type ReactNode, useId } from 'react';
import { classes } from './classes';
import styles from './Field.module.css';

/** What a control takes over from its field. */
export interface ControlProps {
	readonly id: string;
	readonly 'aria-describedby': string | undefined;
	readonly 'aria-invalid': true | undefined;
}

interface Words {
	readonly label: string;
	/** For screen readers alone: something else shows what the field is for. */
	readonly labelHidden?: boolean;
	readonly hint?: string | undefined;
	/** What is wrong with the value, and how to mend it. */
	readonly error?: string | null | undefined;
}

/** A label, a control and what is said of it. */
export function Field({ label, labelHidden = false, hint, error, children }: Words & { readonly children: (props: ControlProps) => ReactNode }) {
	const id = useId();
	const wrong = error !== undefined && error !== null;
	const told = wrong || hint !== undefined;
	return (
		<div className={styles.field}>
			<label htmlFor={id} className={labelHidden ? 'visually-hidden' : styles.label}>{label}</label>
			{children({ id, 'aria-describedby': told ? `${id}-told` : undefined, 'aria-invalid': wrong || undefined })}
			{told && <p id={`${id}-told`} className={wrong ? styles.error : styles.hint} role={wrong ? 'alert' : undefined}>{wrong ? error : hint}</p>}
		</div>
	);
}

/** A line of text. */
export function TextField({ label, labelHidden, hint, error, className, ...rest }: Words & Omit<ComponentPropsWithRef<'input'>, 'id'>) {
	return (
		<Field label={label} labelHidden={labelHidden ?? false} hint={hint} error={error}>
			{(props) => <input type="text" autoComplete="off" {...rest} {...props} className={classes(styles.control, className)} />}
		</Field>
	);
}

/** Lines of text. */
export function TextArea({ label, labelHidden, hint, error, className, ...rest }: Words & Omit<ComponentPropsWithRef<'textarea'>, 'id'>) {
	return (
		<Field label={label} labelHidden={labelHidden ?? false} hint={hint} error={error}>
			{(props) => <textarea rows={3} {...rest} {...props} className={classes(styles.control, className)} />}
		</Field>
	);
}
