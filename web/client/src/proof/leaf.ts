// The canonical bytes of an event (docs/verification.md, 6).

import { fromUtf8, hex } from './bytes';
import { need } from './refused';
import type { LeafEvent } from './verdict';

/** Where the year 10000 begins, in microseconds since 1970. */
const farFuture = 253_402_300_800_000_000n;

const uuid = /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/;

/** parseLeaf reads an event from its bytes. Throws Refused for what is no event. */
export function parseLeaf(leaf: Uint8Array): LeafEvent {
	const take = reader(leaf);
	need(take.bytes(1)[0] === 1, 'the leaf has a layout that is not known');
	const event = {
		position: take.number(),
		eventId: toUuid(take.bytes(16)),
		stream: take.text(),
		streamVersion: take.number(),
		type: take.text(),
		payload: parseObject(take.text(), 'payload'),
		metadata: parseObject(take.text(), 'metadata'),
		recordedAt: toTime(take.long()),
	};
	need(take.isAtEnd(), 'the leaf goes on after its end');
	const version = event.metadata['schema_version'];
	need(Number.isSafeInteger(version) && Number(version) > 0, 'the metadata in the leaf have no schema_version');
	if (isMessage(event)) checkMessage(event);
	return event;
}

/** isMessage reports whether an event is a message, sent or blocked, of a version that is known here: its payload has content_hash. */
export function isMessage(event: LeafEvent): boolean {
	return (event.type === 'MessageSent' || event.type === 'MessageBlocked') && event.metadata['schema_version'] === 1;
}

function checkMessage({ type, payload }: LeafEvent): void {
	const ids = type === 'MessageSent' ? ['message_id', 'sender_id', 'conversation_id'] : ['message_id', 'sender_id'];
	for (const field of ids) need(uuid.test(String(payload[field])), `the message in the leaf has no ${field}`);
	need(/^[0-9a-f]{64}$/.test(String(payload['content_hash'])), 'the message in the leaf has no content_hash');
}

/** reader takes a leaf from the front. Its functions throw Refused where the leaf ends too early. */
function reader(leaf: Uint8Array) {
	const view = new DataView(leaf.buffer, leaf.byteOffset, leaf.byteLength);
	let at = 0;
	const skip = (count: number): number => {
		need(at + count <= leaf.length, 'the leaf ends too early');
		at += count;
		return at - count;
	};
	const bytes = (count: number): Uint8Array => leaf.subarray(skip(count), at);
	const long = (): bigint => view.getBigInt64(skip(8));
	return {
		bytes,
		long,
		number: (): number => {
			const value = Number(long());
			need(Number.isSafeInteger(value) && value >= 0, 'a number in the leaf is out of range');
			return value;
		},
		text: (): string => fromUtf8(bytes(view.getUint32(skip(4)))),
		isAtEnd: (): boolean => at === leaf.length,
	};
}

function toUuid(bytes: Uint8Array): string {
	return hex(bytes).replace(/^(.{8})(.{4})(.{4})(.{4})(.{12})$/, '$1-$2-$3-$4-$5');
}

function parseObject(text: string, what: string): Readonly<Record<string, unknown>> {
	let value: unknown;
	try {
		value = JSON.parse(text);
	} catch {
		value = null;
	}
	need(typeof value === 'object' && value !== null && !Array.isArray(value), `the ${what} in the leaf is no JSON object`);
	return value as Record<string, unknown>;
}

/** toTime writes microseconds since 1970 in RFC 3339, without trailing zeros cut: a Date has only milliseconds. */
function toTime(micros: bigint): string {
	need(micros >= 0n && micros < farFuture, 'the time in the leaf is out of range');
	const seconds = new Date(Number(micros / 1_000_000n) * 1000).toISOString().slice(0, 19);
	return `${seconds}.${String(micros % 1_000_000n).padStart(6, '0')}Z`;
}
