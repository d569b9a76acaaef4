// Writes the types of client/src/generated from the server's own descriptions: frames from /asyncapi.json, answers of the
// HTTP API from /openapi.json, both printed by `go run ./internal/cmd/describe`. Does nothing while they are as they were.

import { execFileSync } from 'node:child_process';
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { compile } from 'json-schema-to-typescript';

const root = join(dirname(fileURLToPath(import.meta.url)), '..', '..');
const target = join(root, 'web', 'client', 'src', 'generated');

const style = {
	additionalProperties: false, // what else a frame may have some day is nothing to rely on
	bannerComment: '',
	format: false,
	strictIndexSignatures: true,
	unreachableDefinitions: true,
};

/** describe returns one of the server's descriptions. */
function describe(which) {
	const text = execFileSync('go', ['run', './internal/cmd/describe', which], { cwd: root, maxBuffer: 1 << 25 });
	return JSON.parse(text.toString());
}

/** pascal turns message_sent into MessageSent. */
function pascal(name) {
	return name.split('_').map((word) => word[0].toUpperCase() + word.slice(1)).join('');
}

/** bare drops what the types would repeat or loosen: examples, and oneOf beside properties. */
function bare(schema) {
	if (Array.isArray(schema)) return schema.map(bare);
	if (schema === null || typeof schema !== 'object') return schema;
	const { examples, ...rest } = schema;
	if (rest.properties) {
		delete rest.oneOf;
		delete rest.additionalProperties;
	}
	if (Object.keys(rest).every((key) => key === 'description')) rest.tsType = 'unknown'; // any JSON value, as ref is
	return Object.fromEntries(Object.entries(rest).map(([key, value]) => [key, key === 'properties' ? each(value) : bare(value)]));
}

/** each bares the schemas of an object's fields, whatever these are called. */
function each(properties) {
	return Object.fromEntries(Object.entries(properties).map(([name, schema]) => [name, bare(schema)]));
}

/** frames has a type for each message of the socket, and the union of each direction. */
async function frames() {
	const messages = describe('asyncapi').channels.socket.messages;
	const definitions = {};
	const unions = { server: [], client: [] };
	for (const [key, message] of Object.entries(messages)) {
		const [side, ...rest] = key.split('_');
		if (key === 'client_without_type') continue; // another spelling of chat_message
		const name = `${pascal(rest.join('_'))}${side === 'server' ? 'Frame' : 'Request'}`;
		definitions[name] = { ...bare(message.payload), description: `${message.title}. ${message.summary}` };
		unions[side].push(name);
	}
	const text = await compile({ $defs: definitions }, 'Unused', style);
	return `${withoutRoot(text)}
/** Every frame that the server sends. */
export type ServerFrame = ${unions.server.join(' | ')};

/** Every frame that a client may send. */
export type ClientFrame = ${unions.client.join(' | ')};
`;
}

/** answers has a type for each schema of the HTTP API. */
async function answers() {
	const schemas = JSON.parse(JSON.stringify(describe('openapi').components.schemas).replaceAll('#/components/schemas/', '#/$defs/'));
	return withoutRoot(await compile({ $defs: each(schemas) }, 'Unused', style));
}

/** withoutRoot drops the type of the schema that holds the definitions, and what is said of it. */
function withoutRoot(text) {
	return text
		.replace(/export interface Unused \{[^}]*\}\n/, '')
		.replace(/\/\*\*\n \* This interface was referenced by `Unused`'s JSON-Schema\n.*\n \*\/\n/g, '')
		.replace(/ \* \n \* This interface was referenced by `Unused`'s JSON-Schema\n.*\n/g, '');
}

/** write leaves a file alone that is as it should be, so that nothing is built anew for it. */
function write(name, text) {
	const path = join(target, name);
	const whole = `// Made by scripts/types.js from the server's description. Not to be edited.\n\n${text}`;
	try {
		if (readFileSync(path, 'utf8') === whole) return;
	} catch {
		// not there yet
	}
	mkdirSync(target, { recursive: true });
	writeFileSync(path, whole);
}

const [frameTypes, answerTypes] = await Promise.all([frames(), answers()]);
write('frames.ts', frameTypes);
write('answers.ts', answerTypes);
