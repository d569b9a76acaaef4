// A call of the HTTP API, as a program makes it.

/** answer makes a call and returns the object that came back; `id` is there where the API made something. Rejects unless the status is allowed. */
export async function answer(
	url: string, token: string, body: unknown, allowed: readonly number[], method = 'POST',
): Promise<{ readonly id: string }> {
	const response = await fetch(url, { method, headers: { Authorization: `Bearer ${token}` }, body: JSON.stringify(body) });
	const text = await response.text();
	if (!allowed.includes(response.status)) throw new Error(`${method} ${url}: ${response.status} ${text}`);
	return text === '' ? { id: '' } : JSON.parse(text) as { id: string };
}
