// A wallet for the tests: an EIP-1193 provider in the page whose key is here.

import type { BrowserContext } from 'playwright-core';
import { generatePrivateKey, privateKeyToAccount } from 'viem/accounts';
import { hexToString, isHex } from 'viem';

/** A wallet that a page finds as window.ethereum. */
export interface Wallet {
	/** With the checksum's capitals, as wallets show it. */
	readonly address: string;
	/** Texts that were signed so far. */
	readonly signed: readonly string[];
	/** reject makes the wallet's owner say no to everything from now on, or yes again. */
	reject(no: boolean): void;
}

/** giveWallet puts a wallet with a new key into every page of a context. */
export async function giveWallet(context: BrowserContext): Promise<Wallet> {
	const account = privateKeyToAccount(generatePrivateKey());
	const signed: string[] = [];
	let no = false;
	await context.exposeFunction('walletRequest', async (method: string, params: readonly string[]) => {
		if (no) return { error: { code: 4001, message: 'User rejected the request.' } };
		if (method === 'eth_requestAccounts' || method === 'eth_accounts') return { result: [account.address] };
		if (method === 'eth_chainId') return { result: '0x1' };
		if (method !== 'personal_sign') return { error: { code: 4200, message: `no ${method} here` } };
		const given = params[0] ?? '';
		const text = isHex(given) ? hexToString(given) : given;
		signed.push(text);
		return { result: await account.signMessage({ message: text }) };
	});
	await context.addInitScript(() => {
		type Answer = { result?: unknown; error?: { code: number; message: string } };
		const ask = (window as unknown as { walletRequest: (method: string, params: unknown) => Promise<Answer> }).walletRequest;
		const provider = {
			async request({ method, params }: { method: string; params?: unknown }) {
				const { result, error } = await ask(method, params ?? []);
				if (error) throw Object.assign(new Error(error.message), { code: error.code });
				return result;
			},
			on() {},
			removeListener() {},
		};
		Object.assign(window, { ethereum: provider });
	});
	return { address: account.address, signed, reject: (value) => { no = value; } };
}
