// The HTTP API: reads, and their errors in words for a person.

/** Trouble is an answer other than success, or none. Its message is for a person. */
export class Trouble extends Error {}

/** connectAPI returns `get(path, position)`, which shows at least everything up to `position`, if given. It throws Trouble. */
export function connectAPI(token) {
  return async function get(path, position) {
    const headers = { Authorization: `Bearer ${token}` };
    if (position !== undefined) headers['Chainmail-Min-Position'] = String(position);
    const response = await fetch(path, { headers, cache: 'no-store' }).catch(() => {
      throw new Trouble('The server cannot be reached just now.');
    });
    const body = await response.json().catch(() => ({}));
    if (!response.ok) throw new Trouble(body.detail ?? `The server answered ${response.status}.`);
    return body;
  };
}
