// What takes too long is given up.

/** inTime settles as the work does. It rejects with what `late` returns after so many milliseconds, and at once when the signal aborts. */
export function inTime<T>(work: Promise<T>, milliseconds: number, late: () => Error, signal?: AbortSignal): Promise<T> {
	return new Promise((resolve, reject) => {
		const give = (): void => {
			leave();
			reject(late());
		};
		const timer = setTimeout(give, milliseconds);
		const leave = (): void => {
			clearTimeout(timer);
			signal?.removeEventListener('abort', give);
		};
		signal?.addEventListener('abort', give);
		work.finally(leave).then(resolve, reject);
		if (signal?.aborted) give();
	});
}
