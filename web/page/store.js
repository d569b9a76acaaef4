// What the page knows: people, chats, and what lies in them. No network, no document.
// Everything may be told twice and in any order: what is known only ever grows.

/** A Store holds what the user of id `me` sees. onChange is called after every change. */
export class Store {
  users = new Map();
  chats = [];
  outbox = []; // written and not yet accepted, oldest first
  #messages = new Set(); // ids
  #fates = new Map(); // message id -> what became of it, which may be told before the message is
  #onChange;

  constructor(me, outbox, onChange) {
    this.me = me;
    this.outbox = outbox;
    this.#onChange = onChange;
  }

  // People

  addUser({ id, name, online, last_seen }) {
    this.users.set(id, { id, name, online, lastSeen: last_seen });
    this.#onChange();
  }

  name(id) {
    return id === this.me ? 'You' : this.users.get(id)?.name ?? 'Somebody';
  }

  // Chats. A direct chat has a peer; until its first message it has no id.

  chatWith(peer) {
    return this.chats.find((chat) => chat.peer === peer) ?? this.#newChat(null, peer);
  }

  chat(id) {
    return this.chats.find((chat) => chat.id === id);
  }

  chatName(chat) {
    if (chat.peer) return this.name(chat.peer);
    const others = [...chat.participants].filter((id) => id !== this.me);
    return chat.title || others.map((id) => this.name(id)).join(', ') || 'Nobody else';
  }

  addConversations(conversations) {
    for (const { id, title, direct, participants, last_message: last, unread_count: unread } of conversations) {
      for (const user of participants) this.addUser(user);
      const ids = participants.map((user) => user.id);
      const chat = this.#adopt(id, direct ? ids.find((user) => user !== this.me) : null);
      Object.assign(chat, { title, participants: new Set(ids), unread });
      if (last) this.#put(chat, last);
    }
    this.#onChange();
  }

  /** addHistory takes a page of frames. An empty page before what is known means that this was all. */
  addHistory(chat, frames) {
    for (const frame of frames) this.#put(chat, frame);
    const first = frames[0]?.seq ?? 1;
    chat.from = Math.min(chat.from, first);
    chat.complete ||= first === 1;
    this.#onChange();
  }

  /** entries lists what to show of a chat: history from where it was read on, then what is not sent yet. */
  entries(chat) {
    const sent = [...chat.entries.values()].filter((entry) => entry.seq >= chat.from).sort((a, b) => a.seq - b.seq);
    return [...sent, ...this.outbox.filter((draft) => isFor(draft, chat))];
  }

  last(chat) {
    const messages = [...chat.entries.values()].filter((entry) => entry.sender);
    return messages.reduce((last, entry) => (last && last.seq > entry.seq ? last : entry), undefined);
  }

  // What others did: frames

  merge(frame) {
    this[`on_${frame.type}`]?.(frame);
    this.#onChange();
  }

  on_chat_message(frame) {
    const mine = frame.sender_id === this.me;
    const peer = frame.receiver_id ? (mine ? frame.receiver_id : frame.sender_id) : null;
    const chat = this.#adopt(frame.conversation_id, peer);
    if (!this.#messages.has(frame.message_id) && !mine) chat.unread++;
    this.#put(chat, frame);
    chat.typing.delete(frame.sender_id);
    if (mine) this.discard(frame.client_message_id);
  }

  on_message_status({ message_id, conversation_id, user_id, status, delivered_count, read_count }) {
    const { receipts, counts } = this.#fate(message_id);
    if (user_id === this.me) {
      this.#readByMe(this.chat(conversation_id), receipts);
      return;
    }
    if (user_id && receipts.get(user_id) !== 'read') receipts.set(user_id, status);
    Object.assign(counts, { delivered: delivered_count ?? 0, read: read_count ?? 0 });
  }

  on_message_erased({ message_id }) {
    this.#fate(message_id).erased = true;
  }

  on_conversation(frame) {
    const others = frame.participant_ids.filter((id) => id !== this.me);
    const direct = frame.change === 'started' && !frame.title && others.length === 1;
    const chat = this.#adopt(frame.conversation_id, direct ? others[0] : null);
    Object.assign(chat, { title: frame.title, participants: new Set(frame.participant_ids) });
    this.#put(chat, frame);
  }

  on_presence({ user_id, online, last_seen }) {
    const user = this.users.get(user_id);
    if (user) Object.assign(user, { online, lastSeen: last_seen });
  }

  on_typing_indicator({ conversation_id, sender_id, is_typing }) {
    const chat = conversation_id ? this.chat(conversation_id) : this.chatWith(sender_id);
    if (is_typing) chat?.typing.add(sender_id);
    else chat?.typing.delete(sender_id);
  }

  /** disconnected forgets what holds only while frames come. */
  disconnected() {
    for (const chat of this.chats) chat.typing.clear();
    this.#onChange();
  }

  // What this user did

  /** unread marks what others wrote in the chat's shown history as read, and returns the ids. */
  unread(chat) {
    const entries = this.entries(chat)
      .filter((entry) => entry.id && entry.sender !== this.me && entry.fate.receipts.get(this.me) !== 'read');
    for (const entry of entries) this.#readByMe(chat, entry.fate.receipts);
    chat.unread = 0;
    return entries.filter((entry) => entry.content !== null).map((entry) => entry.id);
  }

  compose(chat, key, content) {
    this.outbox.push({ key, target: this.target(chat), content, sender: this.me, status: 'waiting' });
    this.#onChange();
  }

  /** target is how a frame names the chat. */
  target(chat) {
    return chat.id ? { conversation_id: chat.id } : { receiver_id: chat.peer };
  }

  /** accept turns a draft into the message that `message_sent` says it is. */
  accept(frame) {
    const draft = this.outbox.find(({ key }) => key === frame.client_message_id);
    if (!draft) return;
    const chat = this.#adopt(frame.conversation_id, draft.target.receiver_id ?? null);
    this.discard(draft.key);
    this.#put(chat, { ...frame, type: 'chat_message', sender_id: this.me, content: draft.content });
    this.#onChange();
  }

  /** refuse keeps a draft with the reason why it was not sent: status is `blocked` or `refused`. */
  refuse(key, status, why) {
    const draft = this.outbox.find((draft) => draft.key === key);
    if (draft) Object.assign(draft, { status, why });
    this.#onChange();
  }

  discard(key) {
    this.outbox = this.outbox.filter((draft) => draft.key !== key);
    this.#onChange();
  }

  /** status is how far a message of this user has come. */
  status(chat, { status, fate }) {
    if (status) return status;
    const { all, receipts, counts } = fate;
    const recipients = chat.participants.size - 1;
    const reached = [...receipts.values()];
    const read = Math.max(counts.read, reached.filter((kind) => kind === 'read').length);
    const delivered = Math.max(counts.delivered, reached.length);
    if (all.read || (recipients > 0 && read >= recipients)) return 'read';
    return all.delivered || (recipients > 0 && delivered >= recipients) ? 'delivered' : 'sent';
  }

  // adopt finds the chat of a conversation; a direct chat that had no id yet gets it.
  #adopt(id, peer) {
    const chat = this.chat(id) ?? (peer ? this.chatWith(peer) : this.#newChat(id, null));
    chat.id = id;
    return chat;
  }

  #newChat(id, peer) {
    const chat = {
      id, peer, title: null, participants: new Set(peer ? [this.me, peer] : []), unread: 0,
      entries: new Map(), // by seq
      from: Infinity, // the first seq from which on the history is known
      complete: false, // the history is known from its start
      typing: new Set(),
      text: '', // in the composer
    };
    this.chats.push(chat);
    return chat;
  }

  #put(chat, frame) {
    if (frame.type === 'conversation') {
      const { seq, change, user_id: user, timestamp: at } = frame;
      chat.entries.set(seq, { key: `change-${seq}`, seq, change, user, at });
      return;
    }
    const fate = this.#fate(frame.message_id);
    fate.erased ||= frame.content === null;
    fate.all.delivered ||= frame.is_delivered;
    fate.all.read ||= frame.is_read;
    for (const { user_id, read_at } of frame.receipts ?? []) {
      if (fate.receipts.get(user_id) !== 'read') fate.receipts.set(user_id, read_at ? 'read' : 'delivered');
    }
    if (this.#messages.has(frame.message_id)) return;
    const entry = {
      key: frame.client_message_id || frame.message_id, id: frame.message_id, seq: frame.seq, sender: frame.sender_id, at: frame.timestamp, fate,
      get content() { return fate.erased ? null : frame.content; },
    };
    this.#messages.add(entry.id);
    chat.entries.set(entry.seq, entry);
  }

  #fate(id) {
    if (!this.#fates.has(id)) {
      this.#fates.set(id, { erased: false, all: {}, receipts: new Map(), counts: { delivered: 0, read: 0 } });
    }
    return this.#fates.get(id);
  }

  // readByMe counts one unread message less, once. Another tab may have read what this one never loaded.
  #readByMe(chat, receipts) {
    if (receipts.get(this.me) === 'read') return;
    receipts.set(this.me, 'read');
    if (chat) chat.unread = Math.max(0, chat.unread - 1);
  }
}

function isFor({ target }, chat) {
  return target.receiver_id ? target.receiver_id === chat.peer : target.conversation_id === chat.id;
}
