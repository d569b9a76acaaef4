// A real server for tests: bin/chainmail (or CHAINMAIL_BINARY) as a process of its own, with a database of its own.

import { type ChildProcess, execFile, spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, mkdtempSync, rmSync } from 'node:fs';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { promisify } from 'node:util';

const run = promisify(execFile);
const binary = process.env['CHAINMAIL_BINARY'] ?? join(import.meta.dirname, '..', '..', 'bin', 'chainmail');

/** How long a server may take until it is ready, and to end, in milliseconds. */
const patience = 120_000;

/** A user whom the command line made. */
export interface Account {
	readonly id: string;
	readonly name: string;
	/** An access token, good for an hour. */
	readonly token: string;
}

/** A server that a test started. */
export interface Server {
	/** Such as http://127.0.0.1:41234; the same after a restart. */
	readonly url: string;
	/** What the server wrote to its standard output and error so far. */
	log(): string;
	/** user makes a user who can connect at once. */
	user(name: string, role?: 'member' | 'admin' | 'service'): Promise<Account>;
	/** token mints an access token that is good for that long, such as 90s. */
	token(id: string, ttl: string): Promise<string>;
	/** command runs another of the program's commands on the server's data and returns its standard output. */
	command(...args: string[]): Promise<string>;
	/** kill ends the server as a crash would. Its data stay. */
	kill(): Promise<void>;
	/** start starts it again, and resolves when it is ready. */
	start(): Promise<void>;
	/** stop ends the server in order and removes its data. Rejects if it did not end in order, as after a data race. */
	stop(): Promise<void>;
}

/** startServer starts a server with these further arguments of `serve`, on a port that nothing uses. */
export async function startServer(...args: string[]): Promise<Server> {
	if (!existsSync(binary)) throw new Error(`${binary} is missing: run make build`);
	const memory = '/dev/shm';
	const data = mkdtempSync(join(existsSync(memory) ? memory : tmpdir(), 'chainmail-web-'));
	const listen = `127.0.0.1:${await freePort()}`;
	const environment = Object.fromEntries(Object.entries(process.env).filter(([name]) => !/^(CHAINMAIL_|DATABASE_URL$)/.test(name)));
	let child: ChildProcess | null = null;
	let output = '';

	async function command(...words: string[]): Promise<string> {
		const { stdout } = await run(binary, [...words, '--data-dir', data], { env: environment });
		return stdout.trim();
	}

	async function start(): Promise<void> {
		const started = spawn(binary, ['serve', '--listen', listen, '--data-dir', data, ...args], {
			env: environment, stdio: ['ignore', 'pipe', 'pipe'],
		});
		child = started;
		const ended = once(started, 'exit');
		// A test that is stopped in the middle leaves no server behind.
		const abandon = () => void started.kill('SIGKILL');
		process.once('exit', abandon);
		started.once('exit', () => process.off('exit', abandon));
		const ready = new Promise<void>((resolve) => {
			for (const stream of [started.stdout, started.stderr]) {
				createInterface({ input: stream }).on('line', (line) => {
					output += `${line}\n`;
					if (line.includes('msg=ready')) resolve();
				});
			}
		});
		const early = ended.then(() => Promise.reject(new Error(`the server ended:\n${output}`)));
		early.catch(() => undefined); // later it is what kill and stop wait for
		await within(Promise.race([ready, early]));
	}

	/** end sends a signal and returns the exit status once the process is gone, null if the signal ended it. */
	async function end(signal: NodeJS.Signals): Promise<number | null> {
		const ending = child;
		child = null;
		if (ending === null) return 0;
		if (ending.exitCode !== null || ending.signalCode !== null) return ending.exitCode;
		const ended = once(ending, 'exit') as Promise<[number | null]>;
		ending.kill(signal);
		const [status] = await within(ended);
		return status;
	}

	await start();
	return {
		url: `http://${listen}`,
		log: () => output,
		command,
		start,
		async user(name, role = 'member') {
			const id = await command('user', 'add', name, '--role', role);
			return { id, name, token: await command('token', id, '--ttl', '1h') };
		},
		token: (id, ttl) => command('token', id, '--ttl', ttl),
		async kill() {
			await end('SIGKILL');
		},
		async stop() {
			const status = await end('SIGTERM');
			rmSync(data, { recursive: true, force: true });
			if (status !== 0) throw new Error(`the server ended with status ${status}:\n${output}`);
		},
	};
}

/** within rejects when a promise takes longer than anything here may take. */
async function within<T>(promise: Promise<T>): Promise<T> {
	let timer: NodeJS.Timeout | undefined;
	const late = new Promise<never>((_, reject) => {
		timer = setTimeout(() => reject(new Error(`nothing happened for ${patience / 1000} s`)), patience);
	});
	try {
		return await Promise.race([promise, late]);
	} finally {
		clearTimeout(timer);
	}
}

/** freePort returns a port that was free just now. */
async function freePort(): Promise<number> {
	const server = createServer();
	server.listen(0, '127.0.0.1');
	await once(server, 'listening');
	const address = server.address();
	server.close();
	await once(server, 'close');
	if (address === null || typeof address === 'string') throw new Error('no port');
	return address.port;
}
