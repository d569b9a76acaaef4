import { Trouble } from '@chainmail/client';

/** troubleText returns a sentence for what a call was rejected with. */
export function troubleText(error: unknown): string {
	return error instanceof Trouble ? error.message : 'Something went wrong. Please try again.';
}
