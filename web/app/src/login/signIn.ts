// Login with a wallet: the server makes a text (EIP-4361), the wallet signs it (EIP-191), the signature gets tokens.

import { Trouble } from '@chainmail/client';
import { askNonce, logIn } from '../session/auth';
import { keepTokens } from '../session/tokens';
import type { Provider } from './providers';

/** How far a login has come. */
export type Step = 'account' | 'signature' | 'server';

/** signIn logs in and keeps the tokens. It tells each step as it begins. Rejects with what `explain` makes words of. */
export async function signIn(provider: Provider, onStep: (step: Step) => void): Promise<void> {
	onStep('account');
	const accounts = await provider.request({ method: 'eth_requestAccounts' });
	const address: unknown = Array.isArray(accounts) ? accounts[0] : undefined;
	if (typeof address !== 'string') throw new Error('Your wallet has no account yet. Make one there, then try again.');
	const { message } = await askNonce(address.toLowerCase());
	onStep('signature');
	const signature = await provider.request({ method: 'personal_sign', params: [hex(message), address] });
	if (typeof signature !== 'string') throw new Error('Your wallet gave no signature. Try again, or use another wallet.');
	onStep('server');
	keepTokens(await logIn({ message, signature }));
}

/** hex is the text's UTF-8 as wallets take it: some sign a text that is not in hex as something else. */
function hex(text: string): string {
	return `0x${[...new TextEncoder().encode(text)].map((byte) => byte.toString(16).padStart(2, '0')).join('')}`;
}

// EIP-1193 "Provider errors", and -32002 of EIP-1474 for a question that is still open in the wallet.
const walletWords: Partial<Record<number, string>> = {
	4001: 'You declined in your wallet. Nothing was signed; try again whenever you like.',
	4100: 'Your wallet has not allowed this page to see that account. Allow it there, then try again.',
	4200: 'This wallet cannot sign messages (personal_sign). Please use another one.',
	4900: 'Your wallet is not connected to any network. Connect it, then try again.',
	4901: 'Your wallet is connected to another network. Switch it to Ethereum, then try again.',
	[-32002]: 'Your wallet is already asking you something. Open it and answer there.',
};

/** explain makes words for a person of what signIn rejected with. */
export function explain(error: unknown): string {
	if (error instanceof Trouble) return serverWords(error);
	const code = typeof error === 'object' && error !== null && 'code' in error ? Number(error.code) : NaN;
	const words = walletWords[code];
	if (words !== undefined) return words;
	const said = error instanceof Error ? error.message : '';
	if (Number.isNaN(code) && said !== '') return said;
	return `Your wallet could not do it${said === '' ? '.' : `: ${said}`} Try again, or use another one.`;
}

function serverWords(trouble: Trouble): string {
	switch (trouble.status) {
		case null: return 'The server cannot be reached. Check your connection, then try again.';
		case 401: return `The server did not accept the signature: ${trouble.message}. Please try again.`;
		case 403: return 'No account belongs to this wallet, and this server takes no new ones. Ask who runs it for an invitation.';
		case 404: return 'This server does not take wallets: whoever runs it gives out accounts elsewhere.';
		case 429: return `Too many attempts.${trouble.retryAfter === null ? ' Wait a minute' : ` Wait ${Math.ceil(trouble.retryAfter)} seconds`}, then try again.`;
		case 503: return 'The server is busy or just starting. Try again in a moment.';
		default: return trouble.message;
	}
}
