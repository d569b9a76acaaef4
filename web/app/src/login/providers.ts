// The wallets of this browser: those that announce themselves (EIP-6963), and the one at window.ethereum (EIP-1193).

import { useSyncExternalStore } from 'react';

/** What a page may ask of a wallet (EIP-1193). */
export interface Provider {
	request(call: { readonly method: string; readonly params?: readonly unknown[] }): Promise<unknown>;
}

/** A wallet to choose. */
export interface Wallet {
	readonly id: string;
	readonly name: string;
	/** A data: URL of an image; null without one. */
	readonly icon: string | null;
	readonly provider: Provider;
}

interface Announcement {
	readonly info: { readonly uuid: string; readonly name: string; readonly icon: string };
	readonly provider: Provider;
}

declare global {
	interface Window {
		readonly ethereum?: Provider;
	}
	interface WindowEventMap {
		'eip6963:announceProvider': CustomEvent<Announcement>;
	}
}

let announced: readonly Wallet[] = []; // in the order of their announcements

function subscribe(listener: () => void): () => void {
	const heard = ({ detail }: CustomEvent<Announcement>): void => {
		const { info, provider } = detail;
		const icon = info.icon.startsWith('data:image/') ? info.icon : null;
		if (announced.some((wallet) => wallet.id === info.uuid)) return;
		announced = [...announced, { id: info.uuid, name: info.name, icon, provider }];
		listener();
	};
	addEventListener('eip6963:announceProvider', heard);
	dispatchEvent(new Event('eip6963:requestProvider')); // those that were there before announce themselves again
	return () => removeEventListener('eip6963:announceProvider', heard);
}

/** useWallets are the wallets of this browser. Some come a moment after the page. */
export function useWallets(): readonly Wallet[] {
	const wallets = useSyncExternalStore(subscribe, () => announced);
	const injected = window.ethereum;
	if (injected === undefined || wallets.some(({ provider }) => provider === injected)) return wallets;
	return wallets.length > 0 ? wallets : [{ id: 'injected', name: 'Browser wallet', icon: null, provider: injected }];
}
