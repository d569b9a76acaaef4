// Checks a proof, step by step.

import type { MessageProof } from '../generated/answers';
import { fromUtf8 } from './bytes';
import { openCheckpoint, type OpenedCheckpoint } from './checkpoint';
import type { VerifierKey } from './keys';
import { isMessage, parseLeaf } from './leaf';
import { ledger, type Ledger, type Told } from './ledger';
import { Refused, need } from './refused';
import { climb, leafHash } from './tree';
import { differing, parseTlogProof, type TlogProof } from './tlogproof';
import type { LeafEvent, Verdict } from './verdict';
import { checkWords, readWords, type Words } from './words';

/** Proofs are at most so long, in bytes. */
const mostBytes = 1 << 20;

/**
 * verifyProof checks the JSON of GET /api/messages/{id}/proof: that it is of this message (null: of whatever event), and all that
 * docs/verification.md asks for. A proof that does not hold is a Verdict with `ok` false. Rejects with Trouble alone (`cannot_verify`).
 */
export async function verifyProof(proof: MessageProof, messageId: string | null, keys: readonly VerifierKey[], told?: Told): Promise<Verdict> {
	return examine(messageId, keys, told, () => {
		need(typeof proof.tlog_proof === 'string' && proof.tlog_proof.length <= mostBytes, 'the proof has no tlog_proof of at most 1 MiB');
		const parsed = parseTlogProof(proof.tlog_proof);
		const field = differing(proof, parsed);
		return { parsed, field, words: () => readWords(proof) };
	});
}

/** verifyProofFile checks a file that holds the JSON of a proof, or its tlog-proof. See verifyProof. */
export async function verifyProofFile(file: Uint8Array, messageId: string | null, keys: readonly VerifierKey[]): Promise<Verdict> {
	let text: string;
	let json: unknown;
	try {
		need(file.length <= mostBytes, 'the proof is longer than 1 MiB');
		text = fromUtf8(file);
		json = text.trimStart().startsWith('{') ? JSON.parse(text) : null;
	} catch (error) {
		return examine(messageId, keys, undefined, () => {
			throw error instanceof Refused ? error : new Refused('the proof is no JSON');
		});
	}
	if (json !== null) return verifyProof(json as MessageProof, messageId, keys);
	return examine(messageId, keys, undefined, () => ({ parsed: parseTlogProof(text), field: null, words: () => null }));
}

/** The proof's forms, taken apart. */
interface Forms {
	readonly parsed: TlogProof;
	/** The field in which they differ. */
	readonly field: string | null;
	readonly words: () => Words | null;
}

/** examine runs the steps. One whose ground is missing is told with `ok` null. */
async function examine(messageId: string | null, keys: readonly VerifierKey[], told: Told | undefined, read: () => Forms): Promise<Verdict> {
	const e = ledger(told);
	const forms = await e.step('form', () => {
		const found = read();
		e.know({ index: found.parsed.index });
		return found;
	}, ({ field }) => field === null
		? 'The proof says the same in each of its forms.'
		: new Refused(`${field} says something else than tlog_proof`));
	const parsed = forms?.parsed ?? null;
	const checkpoint = await e.step('checkpoint', parsed && (() => openCheckpoint(parsed.checkpoint, keys)), (opened) => {
		e.know({ treeSize: opened.treeSize, root: opened.root, key: opened.signer.text });
		return `${opened.origin} has signed the root of its ${opened.treeSize.toLocaleString('en')} events, with the key ${opened.signer.id}.`;
	});
	const event = await e.step('leaf', parsed && (async () => {
		e.know({ leafHash: await leafHash(parsed.leaf) });
		const found = parseLeaf(parsed.leaf);
		e.know({ event: found });
		checkLeaf(found, parsed.index, messageId);
		return found;
	}), (found) => `The event at position ${found.position.toLocaleString('en')} is ${found.type}, recorded at ${found.recordedAt}.`);
	await e.step('path', parsed && checkpoint && (() => follow(e, parsed, checkpoint)), (levels) =>
		`${levels} ${levels === 1 ? 'hash leads' : 'hashes lead'} from the event to the signed root.`);
	if (forms) await checkTheirWords(e, forms, event);
	return e.verdict();
}

/** checkLeaf holds the event against its place, and against the message that was asked for. */
function checkLeaf(event: LeafEvent, index: number, messageId: string | null): void {
	need(event.position === index + 1, `the leaf says position ${event.position} and has the place of ${index + 1}`);
	need(messageId === null || event.payload['message_id'] === messageId, 'the event is of another message than the one asked for');
	need(messageId === null || event.type === 'MessageSent' || event.type === 'MessageBlocked', `the event is a ${event.type}, and no message`);
}

/** follow climbs from the leaf to the root, and returns how many levels there were. */
async function follow(e: Ledger, { leaf, index, path }: TlogProof, checkpoint: OpenedCheckpoint): Promise<number> {
	const root = await climb(await leafHash(leaf), index, checkpoint.treeSize, path, e.knowNode);
	need(root === checkpoint.root, 'the path leads to another root than the one that was signed');
	return path.length;
}

/** checkTheirWords adds no step when the proof has no words, as it has none after an erasure. */
async function checkTheirWords(e: Ledger, forms: Forms, event: LeafEvent | null): Promise<void> {
	let words: Words | null;
	try {
		words = forms.words();
	} catch (error) {
		await e.step('words', () => { throw error; }, () => '');
		return;
	}
	if (words === null) return;
	const given = words;
	await e.step('words', event && (async () => {
		need(isMessage(event), 'words were given, and the event is no message that is known here');
		await checkWords(given, String(event.payload['content_hash']));
	}), () => 'The words have the hash that stands in the event.');
}
