// The view: shows the store in the document, and turns what the user does into session. Text only ever
// enters through textContent; the page's policy makes the browser refuse anything else.

const $ = (id) => document.getElementById(id);
const clock = new Intl.DateTimeFormat(undefined, { hour: '2-digit', minute: '2-digit' });
const day = new Intl.DateTimeFormat(undefined, { dateStyle: 'full' });
const moment = new Intl.DateTimeFormat(undefined, { dateStyle: 'medium', timeStyle: 'short' });

const ticks = { waiting: '…', sent: '✓', delivered: '✓✓', read: '✓✓', blocked: '✕', refused: '✕' };
const tickNames = {
  waiting: 'not sent yet', sent: 'sent', delivered: 'delivered', read: 'read', blocked: 'blocked', refused: 'not sent',
};
const connections = {
  connecting: 'Connecting…', online: '', offline: 'No connection. Trying again; what you write is sent then.', ended: '',
};

/** bindView hands the user's doings to the session. */
export function bindView(session) {
  $('back').onclick = () => session.close();
  $('earlier').onclick = () => session.earlier();
  $('search').oninput = () => session.search($('search').value.trim());
  $('composer').onsubmit = (event) => {
    event.preventDefault();
    const text = $('text').value;
    if (!text.trim()) return;
    $('text').value = '';
    session.write(text);
    $('scroll').scrollTop = 0; // the list grows upwards: 0 is its end
    $('text').focus();
  };
  $('text').oninput = () => session.input($('text').value);
  $('text').onblur = () => session.typing(false);
  $('text').onkeydown = (event) => {
    if (event.key !== 'Enter' || event.shiftKey || event.isComposing) return;
    event.preventDefault();
    $('composer').requestSubmit();
  };
}

/** showGate covers the page with a text: what is missing, and what to do about it. */
export function showGate(title, text) {
  $('app').hidden = true;
  $('gate').hidden = false;
  setText($('gate-title'), title);
  setText($('gate-text'), text);
}

/** showNotice says something in passing; an empty text takes it away. */
export function showNotice(text) {
  setText($('notice'), text);
}

/** fillComposer puts a text back for editing. */
export function fillComposer(text) {
  $('text').value = text;
  $('text').focus();
}

export function focusComposer() {
  $('text').focus();
}

/** render brings the document up to date. ui is `{ open, connection, found, searching }`. */
export function render(store, ui, session) {
  $('gate').hidden = true;
  $('app').hidden = false;
  $('app').classList.toggle('reading', Boolean(ui.open));
  setText($('me'), store.users.get(store.me)?.name ?? '');
  setText($('connection'), connections[ui.connection]);
  renderPeople(store, ui, session);
  $('chat').hidden = !ui.open;
  $('empty').hidden = Boolean(ui.open);
  if (ui.open) renderChat(store, ui.open, session);
  const unread = store.chats.reduce((sum, chat) => sum + chat.unread, 0);
  document.title = unread ? `(${unread}) Chainmail` : 'Chainmail';
}

function renderPeople(store, ui, session) {
  setText($('search-state'), ui.searching);
  const pick = (user) => {
    $('search').value = '';
    session.search('');
    session.openUser(user.id);
  };
  reconcile($('found'), ui.found, (user) => user.id, (user) => row(() => pick(user)), (el, user) => {
    fillRow(el, { name: user.name, online: store.users.get(user.id)?.online ?? user.online, snippet: '' });
  });
  const chats = store.chats.filter((chat) => chat.id || chat === ui.open)
    .sort((a, b) => (store.last(b)?.at ?? '').localeCompare(store.last(a)?.at ?? ''));
  reconcile($('chats'), chats, (chat) => chat.peer ?? chat.id, (chat) => row(() => session.open(chat)), (el, chat) => {
    const last = store.last(chat);
    const snippet = last && (last.sender === store.me ? 'You: ' : '') + (last.content ?? 'Message erased');
    const online = store.users.get(chat.peer)?.online;
    fillRow(el, { name: store.chatName(chat), group: !chat.peer, online, snippet: snippet ?? '', unread: chat.unread });
    el.firstChild.setAttribute('aria-current', String(chat === ui.open));
  });
}

function renderChat(store, chat, session) {
  setText($('chat-name'), store.chatName(chat));
  const user = store.users.get(chat.peer);
  setText($('chat-state'), chat.peer ? presence(user) : `${chat.participants.size} people`);
  $('chat-state').classList.toggle('online', Boolean(user?.online));
  $('earlier').hidden = chat.complete || chat.from === Infinity;
  const typing = [...chat.typing].map((id) => store.name(id));
  setText($('typing'), typing.length ? `${typing.join(', ')} ${typing.length > 1 ? 'are' : 'is'} typing…` : '');
  const key = chat.peer ?? chat.id;
  if ($('text').dataset.chat !== key) $('text').value = chat.text;
  $('text').dataset.chat = key;
  const list = $('messages');
  const shown = `${key} from ${chat.from}`;
  list.ariaLive = list.dataset.shown === shown ? 'polite' : 'off'; // history is not read aloud as if it had just come
  list.dataset.shown = shown;
  reconcile(list, withDays(store.entries(chat)), (entry) => entry.key, (entry) => buildEntry(entry, session),
    (el, entry) => fillEntry(el, store, chat, entry));
}

function presence(user) {
  if (user?.online) return 'online';
  return user?.lastSeen ? `last seen ${moment.format(new Date(user.lastSeen))}` : 'offline';
}

// withDays puts a line before the first entry of each day.
function withDays(entries) {
  let current;
  return entries.flatMap((entry) => {
    const label = entry.at && day.format(new Date(entry.at));
    if (!label || label === current) return [entry];
    current = label;
    return [{ key: `day-${label}`, label }, entry];
  });
}

function row(onclick) {
  const dot = h('span', 'dot');
  dot.setAttribute('role', 'img');
  const name = h('span', 'name');
  const snippet = h('span', 'snippet');
  name.dir = snippet.dir = 'auto';
  const button = h('button', 'row', dot, name, snippet, h('span', 'badge'));
  button.type = 'button';
  button.onclick = onclick;
  return h('li', '', button);
}

function fillRow(el, { name, group = false, online, snippet, unread = 0 }) {
  const [dot, nameEl, snippetEl, badge] = el.firstChild.children;
  dot.classList.toggle('group', group);
  dot.classList.toggle('online', Boolean(online));
  dot.setAttribute('aria-label', group ? 'group' : online ? 'online' : 'offline');
  setText(nameEl, name);
  setText(snippetEl, snippet);
  setText(badge, unread ? String(unread) : '');
  badge.setAttribute('aria-label', unread ? `${unread} not read yet` : '');
}

function buildEntry(entry, session) {
  if (!entry.sender) return h('li', 'note');
  const words = h('p', 'words');
  words.dir = 'auto';
  const mark = h('span', 'ticks');
  mark.setAttribute('role', 'img');
  const choice = (label, act) => Object.assign(h('button', ''), { type: 'button', textContent: label, onclick: () => act(entry) });
  const choices = h('p', 'choices', choice('Edit', (draft) => session.edit(draft)), choice('Discard', (draft) => session.discard(draft)));
  return h('li', 'message', h('p', 'author'), words, h('p', 'meta', h('time', ''), mark), h('p', 'why'), choices);
}

function fillEntry(el, store, chat, entry) {
  if (!entry.sender) {
    setText(el, entry.label ?? changeText(store, entry));
    return;
  }
  const mine = entry.sender === store.me;
  const status = mine ? store.status(chat, entry) : 'received';
  const failed = status === 'blocked' || status === 'refused';
  const [author, words, meta, why, choices] = el.children;
  const [time, mark] = meta.children;
  el.className = `message ${mine ? 'mine' : 'theirs'}${failed ? ' failed' : ''}${entry.content === null ? ' erased' : ''}`;
  setText(author, mine || chat.peer ? '' : store.name(entry.sender));
  setText(words, entry.content ?? 'This message was erased.');
  setText(time, entry.at ? clock.format(new Date(entry.at)) : '');
  if (entry.at) time.dateTime = entry.at;
  setText(mark, ticks[status] ?? '');
  mark.dataset.status = status;
  mark.hidden = !mine;
  mark.title = tickNames[status] ?? '';
  mark.setAttribute('aria-label', mark.title);
  setText(why, entry.why ?? '');
  choices.hidden = !failed;
}

function changeText(store, { change, user }) {
  const who = store.name(user);
  const texts = { started: `${who} started this conversation`, participant_added: `${who} joined`, participant_left: `${who} left` };
  return texts[change] ?? '';
}

// reconcile makes the list show the items, in their order, and leaves alone what is right already: so focus,
// scrolling and screen readers are not disturbed.
function reconcile(list, items, keyOf, build, fill) {
  const keys = new Set(items.map(keyOf));
  const shown = new Map();
  for (const el of [...list.children]) {
    if (keys.has(el.dataset.key)) shown.set(el.dataset.key, el);
    else el.remove();
  }
  let place = list.firstElementChild;
  for (const item of items) {
    const key = keyOf(item);
    const el = shown.get(key) ?? build(item);
    el.dataset.key = key;
    fill(el, item);
    if (el === place) place = place.nextElementSibling;
    else list.insertBefore(el, place);
  }
}

function h(tag, className, ...children) {
  const el = document.createElement(tag);
  if (className) el.className = className;
  el.append(...children);
  return el;
}

function setText(el, text) {
  if (el.textContent !== text) el.textContent = text;
}
