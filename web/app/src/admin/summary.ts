/** summary says in a sentence what a line shows: its newest value, and between which values it was. */
export function summary(label: string, values: readonly (number | null)[], format: (value: number | null) => string): string {
	const known = values.filter((value) => value !== null);
	const last = values.at(-1) ?? null;
	if (known.length === 0) return `${label}: nothing measured yet.`;
	const now = last === null ? 'nothing measured just now' : `${format(last)} now`;
	return `${label}: ${now}, between ${format(Math.min(...known))} and ${format(Math.max(...known))} in the last 5 minutes.`;
}
