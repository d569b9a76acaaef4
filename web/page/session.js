// A session: one user at work. It ties socket, store and view together.

import { Trouble, connectAPI } from './api.js';
import { Receipts } from './receipts.js';
import { openSocket } from './socket.js';
import { Store } from './store.js';
import { bindView, fillComposer, focusComposer, render, showGate, showNotice } from './view.js';

const typingInterval = 3_000; // the server lets it lapse after 6 s
const noticeTime = 8_000;
const retryDelay = 2_000;
const searchDelay = 250;
const shortestQuery = 3;

export class Session {
  ui = { open: null, connection: 'connecting', found: [], searching: '' };
  #store; // from `authenticated` on
  #loading = false; // the conversations are here or on their way
  #planned = false; // a render is on its way
  #ended = false; // the server will not have the token
  #sending = null; // the key of the draft that the server has not answered yet
  #typedAt = 0;
  #timers = {};

  /** onEnd gets the reason for which the server will not have this token. */
  constructor(token, onEnd) {
    showGate('Chainmail', 'Connecting…');
    this.onEnd = onEnd;
    this.socket = openSocket({ token, onFrame: (frame) => this.#onFrame(frame), onState: (state, why) => this.#onState(state, why) });
    // Tables may lag behind the socket: whatever is read must show what was told already.
    const get = connectAPI(token);
    this.get = (path) => get(path, this.socket.position);
    this.receipts = new Receipts(this.socket.send);
    bindView(this);
    document.addEventListener('visibilitychange', () => this.#changed());
  }

  // What the user does

  async open(chat) {
    this.typing(false);
    this.ui.open = chat;
    sessionStorage.setItem('open', chat.peer ? `user:${chat.peer}` : `conversation:${chat.id}`);
    this.#changed();
    queueMicrotask(focusComposer); // after the render
    if (!chat.id) this.#store.addHistory(chat, []);
    else if (chat.from === Infinity) await this.#history(chat, '');
  }

  close() {
    this.ui.open = null;
    sessionStorage.removeItem('open');
    this.#changed();
  }

  openUser(id) {
    return this.open(this.#store.chatWith(id));
  }

  earlier() {
    this.#history(this.ui.open, `&before=${this.ui.open.from}`);
  }

  write(text) {
    this.input('');
    this.#store.compose(this.ui.open, crypto.randomUUID(), text);
    this.#sendNext();
  }

  edit(draft) {
    this.discard(draft);
    this.ui.open.text = draft.content;
    fillComposer(draft.content);
  }

  input(text) {
    this.ui.open.text = text;
    this.typing(text !== '');
  }

  discard(draft) {
    this.#store.discard(draft.key);
  }

  typing(on) {
    const now = Date.now();
    if (!this.ui.open || (on ? now - this.#typedAt < typingInterval : this.#typedAt === 0)) return;
    this.#typedAt = on ? now : 0;
    this.socket.send({ type: 'typing', is_typing: on, ...this.#store.target(this.ui.open) });
  }

  search(query) {
    clearTimeout(this.#timers.search);
    Object.assign(this.ui, { found: [], searching: '' });
    this.#changed();
    if (query.length >= shortestQuery) this.#timers.search = setTimeout(() => this.#find(query).catch(report), searchDelay);
  }

  // What the server does

  #onState(state, why) {
    this.ui.connection = state;
    if (state === 'ended') {
      this.#ended = true;
      this.onEnd(why);
    } else if (state === 'online') {
      this.receipts.repeat();
      this.#sendNext();
    } else if (state === 'offline') {
      this.#sending = null;
      this.#store?.disconnected();
      if (!this.#store) showGate('Chainmail', 'The server cannot be reached. Trying again…');
    }
    this.#changed();
  }

  #onFrame(frame) {
    switch (frame.type) {
      case 'authenticated':
        this.#store ??= new Store(frame.user_id, savedOutbox(frame.user_id), () => this.#changed());
        break;
      case 'synced':
        if (!this.#loading) this.#load();
        break;
      case 'message_sent':
        this.#store.accept(frame);
        this.#answered(frame);
        break;
      case 'warning':
        this.#store.refuse(frame.client_message_id, 'blocked', frame.message);
        this.#answered(frame);
        break;
      case 'error':
        this.#onError(frame);
        break;
      case 'token_expiring':
        notify(`Your link expires at ${new Date(frame.expires_at).toLocaleTimeString()}. Open a new one to stay.`);
        break;
      default:
        this.#onPush(frame);
    }
  }

  #onPush(frame) {
    this.#store.merge(frame);
    this.#learn([frame.sender_id, ...(frame.participant_ids ?? [])]).catch(report);
    if (frame.type !== 'chat_message' || frame.sender_id === this.#store.me || frame.content === null) return;
    this.#markRead();
    this.receipts.tell('delivered', [frame.message_id]);
  }

  #onError(frame) {
    const text = [frame.message, frame.hint].filter(Boolean).join('. ');
    if (frame.field === 'since') {
      location.reload(); // the log is another one, or was set back: nothing here holds any more
    } else if (!frame.client_message_id) {
      notify(text);
    } else if (frame.code === 'rate_limited' || frame.code === 'unavailable') {
      notify(`${text}. Your message is sent as soon as it can be.`);
      setTimeout(() => this.#answered(frame), frame.retry_after * 1000 || retryDelay);
    } else {
      this.#store.refuse(frame.client_message_id, 'refused', `Not sent: ${text}`);
      this.#answered(frame);
    }
  }

  // Drafts go one at a time, so that they arrive in the order in which they were written, come what may.
  #sendNext() {
    const draft = this.#store.outbox.find(({ status }) => status === 'waiting');
    if (!draft || this.#sending) return;
    const frame = { type: 'chat_message', client_message_id: draft.key, content: draft.content, ...draft.target };
    if (this.socket.send(frame)) this.#sending = draft.key;
  }

  #answered(frame) {
    if (this.#sending === frame.client_message_id) this.#sending = null;
    this.#sendNext();
  }

  // load reads what was there before the socket was synced. The socket tells what comes after, so nothing falls between.
  async #load() {
    this.#loading = true;
    try {
      this.#store.addUser(await this.get('/api/me'));
      for (let cursor = ''; cursor !== null;) {
        const page = await this.get(`/api/conversations?limit=100${cursor}`);
        this.#store.addConversations(page.items);
        cursor = page.next_cursor ? `&cursor=${encodeURIComponent(page.next_cursor)}` : null;
      }
    } catch (error) {
      report(error);
      setTimeout(() => this.#load(), retryDelay);
      return;
    }
    const [kind, id] = (sessionStorage.getItem('open') ?? '').split(':');
    if (kind === 'conversation' && this.#store.chat(id)) await this.open(this.#store.chat(id));
    if (kind !== 'user' || id === this.#store.me) return;
    await this.#learn([id]).then(() => this.openUser(id)).catch(report);
  }

  async #history(chat, bounds) {
    try {
      const { items } = await this.get(`/api/conversations/${chat.id}/messages?limit=50${bounds}`);
      this.#store.addHistory(chat, items);
    } catch (error) {
      report(error);
      setTimeout(() => this.ui.open === chat && this.#history(chat, bounds), retryDelay);
    }
  }

  async #find(query) {
    const { items } = await this.get(`/api/users?query=${encodeURIComponent(query)}`);
    this.ui.found = items.filter(({ id }) => id !== this.#store.me);
    this.ui.searching = this.ui.found.length ? '' : 'Nobody by that name.';
    for (const user of this.ui.found) this.#store.addUser(user);
    this.#changed();
  }

  // learn asks for the names behind ids that are new here.
  async #learn(ids) {
    const unknown = ids.filter((id) => id && !this.#store.users.has(id));
    await Promise.all(unknown.map(async (id) => this.#store.addUser(await this.get(`/api/users/${encodeURIComponent(id)}`))));
  }

  #markRead() {
    if (!this.ui.open || document.visibilityState !== 'visible') return;
    this.receipts.tell('read', this.#store.unread(this.ui.open));
  }

  #changed() {
    if (this.#planned) return;
    this.#planned = true;
    queueMicrotask(() => {
      this.#planned = false;
      if (!this.#store || this.#ended) return;
      sessionStorage.setItem(`outbox:${this.#store.me}`, JSON.stringify(this.#store.outbox));
      this.#markRead();
      render(this.#store, this.ui, this);
    });
  }
}

function savedOutbox(user) {
  return JSON.parse(sessionStorage.getItem(`outbox:${user}`) ?? '[]');
}

let noticeTimer;
function notify(text) {
  clearTimeout(noticeTimer);
  showNotice(text);
  noticeTimer = setTimeout(() => showNotice(''), noticeTime);
}

function report(error) {
  if (!(error instanceof Trouble)) throw error;
  notify(error.message);
}
