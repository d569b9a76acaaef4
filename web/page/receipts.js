// Receipts: tells the server what came here and what was read. The server answers none of them, so those that
// a lost connection may have swallowed are told again; a repeat changes nothing there.

const mostPerFrame = 500;
const mostRemembered = 500;

export class Receipts {
  #told = new Map(); // message id -> 'delivered' or 'read', the latest ones
  #send;

  /** send takes a frame, or drops it while there is no connection. */
  constructor(send) {
    this.#send = send;
  }

  /** tell says that these messages are `delivered` or `read`. Nothing is told twice, nor delivery after reading. */
  tell(kind, ids) {
    const fresh = ids.filter((id) => this.#told.get(id) !== kind && this.#told.get(id) !== 'read');
    for (const id of fresh) {
      this.#told.delete(id); // so that the map's order is the order of telling
      this.#told.set(id, kind);
    }
    this.#transmit(kind, fresh);
    const surplus = Math.max(0, this.#told.size - mostRemembered);
    for (const id of [...this.#told.keys()].slice(0, surplus)) this.#told.delete(id);
  }

  /** repeat tells everything again, on a new connection. */
  repeat() {
    for (const kind of ['delivered', 'read']) {
      this.#transmit(kind, [...this.#told.keys()].filter((id) => this.#told.get(id) === kind));
    }
  }

  #transmit(kind, ids) {
    if (kind === 'delivered') ids.forEach((id) => this.#send({ type: 'delivered', message_id: id }));
    else for (let i = 0; i < ids.length; i += mostPerFrame) this.#send({ type: 'read', message_ids: ids.slice(i, i + mostPerFrame) });
  }
}
