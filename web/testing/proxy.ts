// A network that fails when a test says so: TCP, passed on between clients and one server.

import { once } from 'node:events';
import { connect, createServer, type Socket } from 'node:net';

/** A network between clients and a server. */
export interface Proxy {
	/** The server's address through this network. */
	readonly url: string;
	/** cut ends all connections at once, with what is on its way lost. */
	cut(): void;
	/** refuse makes new connections fail, until it is called with false. */
	refuse(refusing: boolean): void;
	/** blackHole swallows what is sent in either direction; connections stay. What was swallowed never comes. */
	blackHole(swallowing: boolean): void;
	/** delay holds each piece on connections that are made from now on back for so many milliseconds. */
	delay(milliseconds: number): void;
	stop(): Promise<void>;
}

/** startProxy passes everything on to a server, until told otherwise. */
export async function startProxy(url: string): Promise<Proxy> {
	const { hostname, port } = new URL(url);
	const sockets = new Set<Socket>();
	let refusing = false;
	let swallowing = false;
	let latency = 0;

	function pass(from: Socket, to: Socket, held: number): void {
		sockets.add(from);
		from.on('data', (piece: Buffer) => {
			if (swallowing) return;
			if (held === 0) to.write(piece);
			else setTimeout(() => to.destroyed || to.write(piece), held);
		});
		from.on('error', () => undefined); // close follows
		from.on('close', () => {
			sockets.delete(from);
			to.destroy();
		});
	}
	const server = createServer((client) => {
		if (refusing) return client.resetAndDestroy();
		const upstream = connect(Number(port), hostname);
		pass(client, upstream, latency);
		pass(upstream, client, latency);
	});
	server.listen(0, '127.0.0.1');
	await once(server, 'listening');
	const address = server.address();

	function cut(): void {
		for (const socket of sockets) socket.resetAndDestroy();
	}
	return {
		url: `http://127.0.0.1:${typeof address === 'object' ? address?.port : 0}`,
		cut,
		refuse: (on) => void (refusing = on),
		blackHole: (on) => void (swallowing = on),
		delay: (milliseconds) => void (latency = milliseconds),
		async stop() {
			cut();
			server.close();
			await once(server, 'close');
		},
	};
}
