// The socket: connects, says what came, and after a loss goes on where it left off.

const firstDelay = 500;
const longestDelay = 15_000;
const handshakeLimit = 10_000;

// The frames that come in position order. Only they may move `since`: an answer, such as
// message_sent, can run ahead of pushes that are still to come.
const ordered = new Set([
  'chat_message', 'message_status', 'message_erased', 'conversation', 'notification', 'notification_read',
  'task_status_update', 'announcement', 'synced', 'heartbeat',
]);

const policyViolation = 1008;

/**
 * openSocket connects and keeps connected until the server says that it never will be again.
 * onFrame gets every frame. onState gets 'connecting', 'online' (after `synced`), 'offline', and at last 'ended'
 * with the server's reason. The first connection names no `since`: the server then sends what was never delivered.
 */
export function openSocket({ token, onFrame, onState }) {
  let ws, logID, since, quietLimit, quietTimer, retryTimer;
  let attempt = 0, online = false, ended = false;

  function connect() {
    clearTimeout(retryTimer);
    retryTimer = undefined;
    onState('connecting');
    const url = new URL('/ws', location.href);
    url.protocol = url.protocol === 'https:' ? 'wss:' : 'ws:';
    if (since !== undefined) {
      url.searchParams.set('since', since);
      url.searchParams.set('log_id', logID);
    }
    ws = new WebSocket(url, ['chainmail.v1', `bearer.${token}`]);
    ws.onmessage = ({ data }) => receive(JSON.parse(data));
    ws.onclose = ({ code, reason }) => lost(code, reason);
    quietLimit = handshakeLimit;
    listen();
  }

  // listen starts the wait for the next frame anew. A network that went away says nothing, so silence must count as a loss.
  function listen() {
    clearTimeout(quietTimer);
    quietTimer = setTimeout(() => {
      ws.onclose = ws.onmessage = null; // a dead network would hold the close back for minutes
      ws.close();
      lost();
    }, quietLimit);
  }

  function receive(frame) {
    if (frame.type === 'authenticated') {
      logID = frame.log_id;
      quietLimit = frame.heartbeat_seconds * 2500;
    }
    if (frame.type === 'synced') online = true;
    // Before the first `synced` come old frames: going on from one of them would repeat the whole log.
    if (ordered.has(frame.type) && (online || since !== undefined)) since = frame.position;
    listen();
    onFrame(frame);
    if (frame.type === 'synced') {
      attempt = 0;
      onState('online');
    }
  }

  function lost(code, reason) {
    clearTimeout(quietTimer);
    online = false;
    if (code === policyViolation) {
      ended = true;
      onState('ended', reason);
      return;
    }
    onState('offline');
    const delay = Math.min(longestDelay, firstDelay * 2 ** attempt++);
    retryTimer = setTimeout(connect, delay * (0.5 + Math.random() / 2));
  }

  // hurry cuts a wait short when there is reason to hope.
  function hurry() {
    if (retryTimer !== undefined && !ended) connect();
  }
  window.addEventListener('online', hurry);
  document.addEventListener('visibilitychange', () => document.visibilityState === 'visible' && hurry());

  connect();
  return {
    /** position is how far in the log this page has been told; undefined before `synced`. */
    get position() { return since; },
    /** send reports whether the frame left. It doesn't leave while the page is not online. */
    send(frame) {
      if (!online || ws.readyState !== WebSocket.OPEN) return false;
      ws.send(JSON.stringify(frame));
      return true;
    },
  };
}
