// The page: logs in by the link's token, and says what to do where that does not work.

import { Session } from './session.js';
import { showGate } from './view.js';

const advice = {
  'token missing': 'Open the link that the server printed. For another one: chainmail token USER_ID, and open this page with #token=… at its end.',
  'token expired': 'Your link has expired. Make a new one with chainmail token USER_ID, and open this page with #token=… at its end.',
  'token invalid': 'This link is damaged, or it belongs to another server. Open the link that the server printed.',
  'user not found or inactive': 'This account does not exist here, or it was deactivated. Ask whoever runs the server.',
  'session ended': 'You were logged out. Open a new link to log in again.',
  'too many connections': 'Chainmail is open in too many places. Close some of them and load this page again.',
};

function stop(reason) {
  showGate('Not connected', advice[reason] ?? `The server ended the connection: ${reason}.`);
}

// takeLink moves what the link brought out of the address bar and into this tab's own storage: so two tabs can be two users.
function takeLink() {
  const link = new URLSearchParams(location.hash.slice(1));
  if (!link.has('token')) return false;
  sessionStorage.setItem('token', link.get('token'));
  if (link.has('with')) sessionStorage.setItem('open', `user:${link.get('with')}`);
  else sessionStorage.removeItem('open');
  history.replaceState(null, '', location.pathname + location.search);
  return true;
}

takeLink();
window.addEventListener('hashchange', () => takeLink() && location.reload());
const token = sessionStorage.getItem('token');
if (token) new Session(token, stop);
else stop('token missing');
