/** Refused is thrown inside a check by what does not hold. Its message is a clause for a person, without a full stop. */
export class Refused extends Error {}

/** need throws Refused unless the condition holds. */
export function need(condition: boolean, reason: string): asserts condition {
	if (!condition) throw new Refused(reason);
}
