import { Trouble } from '@chainmail/client';

/** troubleText returns a sentence for what a call was rejected with. */
export function troubleText(error: unknown): string {
	return error instanceof Trouble ? sentence(error.message) : 'Something went wrong. Please try again.';
}

/** sentence makes one of what the server says: its messages begin with a small letter and have no full stop. */
export function sentence(words: string): string {
	return words.charAt(0).toUpperCase() + words.slice(1) + (/[.!?…]$/.test(words) ? '' : '.');
}
