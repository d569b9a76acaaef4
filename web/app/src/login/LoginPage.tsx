import { useState } from 'react';
import { Button } from '../ui/Button';
import { Icon } from '../ui/Icon';
import { Logo } from '../ui/Logo';
import { Spinner } from '../ui/Spinner';
import styles from './LoginPage.module.css';
import { useWallets, type Wallet } from './providers';
import { explain, signIn, type Step } from './signIn';

const steps: Readonly<Record<Step, string>> = {
	account: 'Choose an account in your wallet…',
	signature: 'Sign the message in your wallet. It costs nothing and moves nothing.',
	server: 'Signing in…',
};

/** The way in. `onBegun` is called once this browser keeps tokens. */
export function LoginPage({ onBegun }: { readonly onBegun: () => void }) {
	const wallets = useWallets();
	const [step, setStep] = useState<{ readonly walletId: string; readonly step: Step } | null>(null);
	const [problem, setProblem] = useState<string | null>(null);
	const enter = async (wallet: Wallet): Promise<void> => {
		setProblem(null);
		try {
			await signIn(wallet.provider, (reached) => setStep({ walletId: wallet.id, step: reached }));
			onBegun();
		} catch (error) {
			setProblem(explain(error));
			setStep(null);
		}
	};
	return (
		<main className={styles.page}>
			<div className={styles.card}>
				<Logo size={56} />
				<h1>Chainmail</h1>
				<p className={styles.about}>Chat that can prove itself: every message is sealed into a log that nobody, not even this server, can rewrite unseen.</p>
				{wallets.length > 0
					? (
						<ul className={styles.wallets}>
							{wallets.map((wallet) => (
								<li key={wallet.id}>
									<WalletButton wallet={wallet} busy={step?.walletId === wallet.id} disabled={step !== null} onEnter={() => void enter(wallet)} />
								</li>
							))}
						</ul>
					)
					: <NoWallet />}
				<p className={styles.told} role="status">{step !== null && steps[step.step]}</p>
				{problem !== null && <p className={styles.problem} role="alert"><Icon name="warning" size={18} />{problem}</p>}
				<p className={styles.link}><Icon name="link" size={16} />Have a link? Open it in this tab to sign in.</p>
			</div>
		</main>
	);
}

function WalletButton({ wallet, busy, disabled, onEnter }: {
	readonly wallet: Wallet;
	readonly busy: boolean;
	readonly disabled: boolean;
	readonly onEnter: () => void;
}) {
	return (
		<button type="button" className={styles.wallet} disabled={disabled && !busy} aria-busy={busy || undefined} onClick={() => !busy && onEnter()}>
			{wallet.icon === null ? <span className={styles.noIcon}><Icon name="wallet" /></span> : <img src={wallet.icon} alt="" width={32} height={32} />}
			<span>Continue with {wallet.name}</span>
			{busy ? <Spinner size={20} label={null} /> : <Icon name="back" size={18} className={styles.arrow} />}
		</button>
	);
}

function NoWallet() {
	return (
		<div className={styles.none}>
			<p>
				<strong>No wallet was found in this browser.</strong> Chainmail signs you in with an Ethereum wallet: no password, no e-mail address. Install one as a
				browser extension, or open this page in your wallet’s own browser.
			</p>
			<Button icon="retry" onClick={() => location.reload()}>Look again</Button>
		</div>
	);
}
