/** shortAddress leaves of a wallet's address what people compare. */
export function shortAddress(address: string | null): string | null {
	return address === null ? null : `${address.slice(0, 6)}…${address.slice(-4)}`;
}
