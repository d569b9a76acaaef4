// Figures as people read them.

const WHOLE = new Intl.NumberFormat(undefined, { maximumFractionDigits: 0 });
const TENTHS = new Intl.NumberFormat(undefined, { maximumFractionDigits: 1 });
const THREE = new Intl.NumberFormat(undefined, { maximumSignificantDigits: 3 });

/** count writes a whole number. */
export function count(value: number): string {
	return WHOLE.format(value);
}

/** rate writes how often something happens in a second; `–` where that is unknown. */
export function rate(value: number | null): string {
	return value === null ? '–' : (value < 100 ? TENTHS : WHOLE).format(value);
}

/** duration writes seconds in the unit that suits; `–` where they are unknown. */
export function duration(seconds: number | null): string {
	if (seconds === null) return '–';
	if (seconds < 0.9995) return `${THREE.format(seconds * 1000)} ms`;
	if (seconds < 120) return `${THREE.format(seconds)} s`;
	return seconds < 7200 ? `${WHOLE.format(seconds / 60)} min` : `${WHOLE.format(seconds / 3600)} h`;
}
