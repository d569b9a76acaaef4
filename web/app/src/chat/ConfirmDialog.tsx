import { type ReactNode, useState } from 'react';
import { Button } from '../ui/Button';
import { Dialog } from '../ui/Dialog';
import { troubleText } from '../ui/troubleText';
import styles from './dialogs.module.css';

/** Asks before something that cannot be undone lightly, and stays open when it fails. */
export function ConfirmDialog({ title, confirm, onConfirm, onClose, children }: {
	readonly title: string;
	/** What the button says. */
	readonly confirm: string;
	readonly onConfirm: () => Promise<void>;
	readonly onClose: () => void;
	readonly children: ReactNode;
}) {
	const [busy, setBusy] = useState(false);
	const [problem, setProblem] = useState<string | null>(null);
	const run = (): void => {
		setBusy(true);
		onConfirm().then(onClose, (error: unknown) => {
			setBusy(false);
			setProblem(troubleText(error));
		});
	};
	return (
		<Dialog
			title={title} onClose={onClose} actions={(
				<>
					<Button onClick={onClose} data-autofocus>Cancel</Button>
					<Button variant="danger" busy={busy} onClick={run}>{confirm}</Button>
				</>
			)}
		>
			<div className={styles.body}>
				{children}
				{problem !== null && <p className={styles.problem} role="alert">{problem}</p>}
			</div>
		</Dialog>
	);
}
