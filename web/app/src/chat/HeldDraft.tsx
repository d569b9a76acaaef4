import type { Draft } from '@chainmail/client';
import { Button } from '../ui/Button';
import { Icon } from '../ui/Icon';
import { sentence } from '../ui/troubleText';
import styles from './HeldDraft.module.css';
import type { MessageActions } from './MessageRow';
import { reasonTexts } from './reasons';

/** Why a message was not sent, and what can be done about it. */
export function HeldDraft({ draft, actions }: { readonly draft: Draft; readonly actions: MessageActions }) {
	const { warning, problem } = draft;
	return (
		<div className={styles.notice}>
			<p className={styles.title}>
				<Icon name={warning === null ? 'warning' : 'shield'} size={18} />
				{warning === null ? 'Not sent' : 'Kept back by the guard'}
			</p>
			{warning !== null && (
				<>
					<p>{warning.message}</p>
					<ul className={styles.reasons}>
						{reasonTexts(warning.reasons, warning.message).map((reason) => <li key={reason}>{reason}</li>)}
					</ul>
					<Risk score={warning.risk_score} />
				</>
			)}
			{warning === null && <p>{sentence(problem?.message ?? 'the server did not take it')}</p>}
			<div className={styles.actions}>
				{warning === null
					? <Button icon="retry" onClick={() => actions.retry(draft)}>Try again</Button>
					: <Button icon="edit" onClick={() => actions.edit(draft)}>Edit</Button>}
				<Button onClick={() => actions.discard(draft)}>Discard</Button>
			</div>
		</div>
	);
}

function Risk({ score }: { readonly score: number }) {
	const percent = Math.round(score * 100);
	return (
		<p className={styles.risk}>
			<span>Risk</span>
			<meter min={0} max={100} value={percent} aria-label="Risk" className={styles.meter} />
			<span>{percent} %</span>
		</p>
	);
}
