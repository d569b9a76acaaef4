// Loads that are asked for more often than they can be made.

/**
 * oneAtATime gives a function that runs `run` with a position, never twice at once: what is asked for meanwhile runs once more afterwards,
 * with the greatest position that was asked for. `run` must not reject.
 */
export function oneAtATime(run: (position: number) => Promise<void>): (position: number) => void {
	let running = false;
	let wanted: number | null = null;
	const work = async () => {
		running = true;
		while (wanted !== null) {
			const position: number = wanted;
			wanted = null;
			await run(position);
		}
		running = false;
	};
	return (position) => {
		wanted = Math.max(wanted ?? 0, position);
		if (!running) {
			void work();
		}
	};
}
