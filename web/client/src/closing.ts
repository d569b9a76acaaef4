// What the end of a connection means (docs/protocol.md, "Connecting" and "Errors").

/** How a connection ended: with the close code, or with null where this end gave it up. */
export interface Ending {
	readonly code: number | null;
	/** In the server's words; empty where it gave none. */
	readonly reason: string;
}

const policyViolation = 1008;
const expired = 'token expired';

// Against the protocol, binary, not UTF-8, too long: the same client would do the same again (RFC 6455 §7.4.1).
const faults = new Set([1002, 1003, 1007, 1009]);

/** isTokenExpired says whether a new token would be taken. */
export function isTokenExpired({ code, reason }: Ending): boolean {
	return code === policyViolation && reason === expired;
}

/** isTerminal says whether a further attempt would end in the same way. */
export function isTerminal(ending: Ending): boolean {
	if (ending.code === policyViolation) return !isTokenExpired(ending);
	return ending.code !== null && faults.has(ending.code);
}

/** describeEnding says for a person why a connection ended. */
export function describeEnding({ code, reason }: Ending): string {
	if (reason !== '') return reason;
	return code === null || code === 1006 ? 'no connection to the server' : `the server closed the connection (${code})`;
}
