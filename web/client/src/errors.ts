// What can go wrong with a request, in one shape for frames and for the HTTP API.

/** A refusal by the server, or the lack of an answer. */
export interface TypedError {
	/** The server's error code; `unreachable` when there was no answer, `unexpected` when there was one that is no Chainmail's. */
	readonly code: string;
	/** A sentence for a person that says what to do. */
	readonly message: string;
	/** The field at fault, where one is. */
	readonly field: string | null;
	/** Seconds to wait before another attempt; null where the server gave none. */
	readonly retryAfter: number | null;
	/** The HTTP status; null for frames, and where there was no answer. */
	readonly status: number | null;
}

/** Trouble is a TypedError that is thrown. */
export class Trouble extends Error implements TypedError {
	readonly code: string;
	readonly field: string | null;
	readonly retryAfter: number | null;
	readonly status: number | null;

	constructor(error: TypedError) {
		super(error.message);
		this.name = 'Trouble';
		this.code = error.code;
		this.field = error.field;
		this.retryAfter = error.retryAfter;
		this.status = error.status;
	}
}
