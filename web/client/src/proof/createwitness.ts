import type { Api } from '../api';
import { Trouble } from '../errors';
import { readCheckpoint } from './checkpoint';
import { withStep } from './ledger';
import { createMemory } from './memory';
import { createObserver } from './observer';
import { verifyProof } from './proof';
import { parseTlogProof } from './tlogproof';
import { createTrust, trouble } from './trust';
import type { Step, Verdict } from './verdict';
import type { SeenCheckpoint, Witness, WitnessStorage } from './witness';

/** What a witness is made with. */
export interface WitnessOptions {
	readonly api: Pick<Api, 'checkpoint' | 'consistency' | 'keyAnnouncements' | 'logKeys' | 'proof'>;
	/** Of this log alone. Tabs may share it. */
	readonly storage: WitnessStorage;
	/** Verifier keys that come from somebody trusted. Left out: those that the server names at the first meeting. */
	readonly keys?: readonly string[];
}

/** createWitness makes the witness of one log. It does nothing until it is asked. */
export function createWitness({ api, storage, keys: given }: WitnessOptions): Witness {
	const memory = createMemory(storage, () => new Date().toISOString());
	const trust = createTrust(api, memory, given);
	const listeners = new Set<() => void>();
	const changed = (): void => listeners.forEach((listener) => listener());
	const observer = createObserver(api, memory, trust, changed);
	return {
		keys: async () => (await trust.keys()).map(({ text }) => text),
		last: () => memory.record()?.last ?? null,
		record: memory.record,
		contradiction: memory.contradiction,
		observe: observer.observe,
		verify: async (messageId, told) => {
			const proof = await api.proof(messageId);
			if (typeof proof !== 'object' || proof === null) throw trouble('unexpected', 'The server answered with something that is no proof.');
			const keys = await trust.keysFor(String(proof.checkpoint));
			const found = await verifyProof(proof, messageId, keys, told);
			const verdict = withStep(found, await historyStep(found, () => observer.hold(readCheckpoint(parseTlogProof(proof.tlog_proof).checkpoint))));
			await told?.(verdict);
			return { proof, verdict };
		},
		forget: () => {
			memory.forget();
			changed();
		},
		subscribe: (listener) => {
			listeners.add(listener);
			return () => listeners.delete(listener);
		},
	};
}

/** historyStep says whether the tree of a proof that holds contains what was seen before. */
async function historyStep(verdict: Verdict, hold: () => Promise<SeenCheckpoint>): Promise<Step> {
	if (verdict.root === null) return { name: 'history', ok: null, detail: 'Not checked: what it rests on does not hold.' };
	try {
		const { treeSize } = await hold();
		const detail = `The log is the one that was seen before, and has lost nothing of it: ${treeSize.toLocaleString('en')} events.`;
		return { name: 'history', ok: true, detail };
	} catch (error) {
		if (!(error instanceof Trouble) || (error.code !== 'contradicted' && error.code !== 'stale')) throw error;
		return { name: 'history', ok: false, detail: error.message };
	}
}
