const browsers = [['Edg/', 'Edge'], ['OPR/', 'Opera'], ['Firefox/', 'Firefox'], ['Chrome/', 'Chrome'], ['Safari/', 'Safari']] as const;
const systems = [
	['iPhone', 'iPhone'], ['iPad', 'iPad'], ['Android', 'Android'], ['Windows', 'Windows'], ['Mac OS X', 'macOS'], ['CrOS', 'ChromeOS'], ['Linux', 'Linux'],
] as const;

/** deviceOf says in a few words what a User-Agent header names: `Firefox on Linux`. Of programs it is what they call themselves. */
export function deviceOf(userAgent: string): string {
	const browser = browsers.find(([mark]) => userAgent.includes(mark))?.[1];
	const system = systems.find(([mark]) => userAgent.includes(mark))?.[1];
	if (browser !== undefined) return system === undefined ? browser : `${browser} on ${system}`;
	return userAgent.slice(0, 60) || 'Unknown program';
}
