import type { answers, Verdict } from '@chainmail/client';
import { useClient } from '@chainmail/react';
import type { ReactNode } from 'react';
import { Button } from '../ui/Button';
import { classes } from '../ui/classes';
import { EmptyState } from '../ui/EmptyState';
import { Icon } from '../ui/Icon';
import { Spinner } from '../ui/Spinner';
import { sentence } from '../ui/troubleText';
import { Countdown } from './Countdown';
import { asJson, download } from './download';
import { headline, judge, limits } from './findings';
import { Ladder } from './Ladder';
import { Card, Facts, Hash } from './Page';
import styles from './ProofCheck.module.css';
import { Steps } from './Steps';
import type { Check } from './useCheck';

/** The check of a message's proof, as it goes on, and what came of it. */
export function ProofCheck({ message, check, again }: {
	readonly message: answers.OneMessage;
	readonly check: Check;
	readonly again: () => void;
}) {
	const running = check.phase === 'checking';
	return (
		<Card title="Its proof" aside={<Button icon="retry" busy={running} onClick={again}>Check again</Button>}>
			{check.phase === 'unsealed' && <Unsealed retryAt={check.retryAt} />}
			{check.phase === 'failed' && (
				<EmptyState icon={check.problem.code === 'cannot_verify' ? 'warning' : 'offline'} title="The proof could not be checked">
					<p>{sentence(check.problem.message)}</p>
				</EmptyState>
			)}
			{check.phase === 'checking' && <Found verdict={check.verdict} heading={<Checking />} />}
			{check.phase === 'done' && <Done message={message} verdict={judge(check.verdict, message, check.proof)} proof={check.proof} />}
		</Card>
	);
}

function Unsealed({ retryAt }: { readonly retryAt: number }) {
	return (
		<EmptyState icon="clock" title="Not sealed yet">
			<p>
				The log has this message, but no checkpoint covers it so far, and so nothing can be proved. That takes some seconds after a
				message was sent.
			</p>
			<p>Asking again <Countdown until={retryAt} />.</p>
		</EmptyState>
	);
}

function Checking() {
	return <div className={styles.verdict}><Spinner label={null} /><strong>Checking…</strong></div>;
}

function Done({ message, verdict, proof }: {
	readonly message: answers.OneMessage;
	readonly verdict: Verdict;
	readonly proof: answers.MessageProof;
}) {
	const client = useClient();
	const evidence = async (): Promise<void> => {
		const keys = await client.witness.keys();
		download(`${message.id}.evidence.json`, asJson({
			found_at: new Date().toISOString(), message, proof, verdict, keys,
			last_seen: client.witness.last(), contradiction: client.witness.contradiction(),
		}));
	};
	const failed = verdict.steps.find(({ ok }) => ok === false);
	const heading = (
		<div role="status" className={classes(styles.verdict, verdict.ok ? styles.good : styles.bad)}>
			<span className={styles.seal}><Icon name={verdict.ok ? 'shield' : 'warning'} size={24} /></span>
			<div>
				<strong>{headline(verdict)}</strong>
				{failed !== undefined && <p>{failed.detail} Keep the evidence, and ask whoever runs this server.</p>}
				{failed === undefined && <p>Checked by this browser, {verdict.steps.length} steps out of {verdict.steps.length}.</p>}
			</div>
		</div>
	);
	return (
		<>
			<Found verdict={verdict} heading={heading} />
			<div className={styles.actions}>
				{!verdict.ok && <Button variant="danger" icon="download" onClick={() => void evidence()}>Download the evidence</Button>}
				<Button icon="download" onClick={() => download(`${message.id}.json`, asJson(proof))}>Proof with the words (JSON)</Button>
				<Button icon="download" onClick={() => download(`${message.id}.tlog-proof`, proof.tlog_proof, 'text/plain')}>
					Proof alone (.tlog-proof)
				</Button>
			</div>
			<details className={styles.limits}>
				<summary>What this does not show</summary>
				<ul>{limits.map((limit) => <li key={limit}>{limit}</li>)}</ul>
			</details>
		</>
	);
}

/** What was found so far. */
function Found({ verdict, heading }: { readonly verdict: Verdict | null; readonly heading: ReactNode }) {
	return (
		<>
			{heading}
			<div className={styles.found}>
				<Steps verdict={verdict} />
				{verdict !== null && verdict.leafHash !== null && <Ladder verdict={verdict} />}
			</div>
			{verdict !== null && verdict.root !== null && (
				<Facts
					facts={[
						['Leaf', <Hash key="leaf">{verdict.leafHash ?? ''}</Hash>],
						['Signed root', <Hash key="root">{verdict.root}</Hash>],
						['Signed with', <Hash key="key">{verdict.key ?? ''}</Hash>],
					]}
				/>
			)}
		</>
	);
}
