// Tells the others of a conversation that this user types.

/** How long one sign of typing is not repeated, in milliseconds. The server forgets it after 6 s. */
export const typingPause = 3_000;

/** Decides when to tell. */
export interface Typist {
	/** wrote is called at each change of the text. */
	wrote(text: string): void;
	/** rested is called when the text was sent, or is left. */
	rested(): void;
}

/** createTypist makes a Typist. `now` gives milliseconds that never go back. */
export function createTypist(tell: (isTyping: boolean) => void, now: () => number = () => performance.now()): Typist {
	let told: number | null = null; // when, if the others think that he types
	const rested = () => {
		if (told !== null) {
			told = null;
			tell(false);
		}
	};
	return {
		wrote(text) {
			if (text.trim() === '') {
				rested();
				return;
			}
			const at = now();
			if (told === null || at - told >= typingPause) {
				told = at;
				tell(true);
			}
		},
		rested,
	};
}
