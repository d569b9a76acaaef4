// Two people chat, each in a tab, while connections and the server come and go.
//
//   CHROMIUM=… node chat.js LINK LINK
//
// The links log in as two users, each with the other's chat open. The starter of this script keeps the server: on a line `down` or `up`
// from here it kills or starts it, and answers with a line when that is done.

import assert from 'node:assert/strict';
import { createInterface } from 'node:readline';
import { Tab, launch } from './browser.js';

const [adaLink, bobLink] = process.argv.slice(2);
const answers = createInterface({ input: process.stdin })[Symbol.asyncIterator]();

async function server(order) {
  console.log(order);
  const { done } = await answers.next();
  assert(!done, 'the starter went away');
}

async function step(name, act) {
  const began = Date.now();
  try {
    await act();
    console.error(`ok: ${name} (${Date.now() - began} ms)`);
  } catch (error) {
    console.error(`FAILED: ${name}`);
    for (const page of browser.contexts().flatMap((context) => context.pages())) {
      console.error(`A page shows:\n${await page.innerText('body')}\n`);
    }
    throw error;
  }
}

const browser = await launch();
try {
  await play();
} finally {
  await browser.close();
}
process.exit(0); // standard input is still open

async function play() {
  const ada = await Tab.open(browser, adaLink);
  let bob;

  await step('the token leaves the address bar', async () => {
    await ada.page.waitForFunction(() => location.hash === '');
  });
  await step('a message nobody received is sent, no more', async () => {
    await ada.write('Hello Bob');
    await ada.ticked('Hello Bob', 'sent');
  });
  await step('the other comes: the message is delivered to him', async () => {
    bob = await Tab.open(browser, bobLink.replace(/&with=[^&]*/, ''));
    await bob.page.locator('.badge', { hasText: '1' }).waitFor();
    await ada.ticked('Hello Bob', 'delivered');
  });
  await step('he opens the chat: it is read', async () => {
    await bob.page.locator('#chats .row').click();
    await bob.sees('Hello Bob');
    await ada.ticked('Hello Bob', 'read');
    assert.equal(await bob.page.locator('.badge').innerText(), '');
  });
  await step('each sees the other online', async () => {
    await ada.page.locator('#chat-state.online').waitFor();
    await bob.page.locator('#chat-state.online').waitFor();
  });
  await step('typing shows, and ends', async () => {
    await ada.page.getByLabel('Message', { exact: true }).pressSequentially('Hm');
    await bob.says('is typing…');
    await ada.page.getByLabel('Message', { exact: true }).fill('');
    await bob.page.waitForFunction(() => document.getElementById('typing').textContent === '');
  });
  await step('markup and lines stay as they were written', async () => {
    const text = '<b>&amp;</b>\n<img src=x onerror=alert(1)>';
    await ada.write(text);
    await bob.page.getByText('&amp;').last().waitFor();
    assert.equal(await bob.page.locator('.words').last().innerText(), text);
    assert.equal(await bob.page.locator('.messages img, .messages b').count(), 0);
  });
  await step('an erased message goes from both pages', async () => {
    await ada.write('I take this back');
    await bob.sees('I take this back');
    await erase(ada, 'I take this back');
    await bob.says('This message was erased.');
    await ada.says('This message was erased.');
    assert.equal(await bob.message('I take this back').count(), 0);
  });
  await step('a reload keeps the chat, its history and its ticks', async () => {
    await bob.cuttable();
    await Promise.all([ada.page.reload(), bob.page.reload()]);
    await ada.ticked('Hello Bob', 'read');
    await bob.sees('Hello Bob');
    await ada.says('This message was erased.');
  });
  await step('a connection that broke comes back and brings what was missed', async () => {
    await bob.says('Hello Bob');
    await bob.cut();
    await bob.says('No connection.');
    await ada.write('You missed this');
    await ada.ticked('You missed this', 'sent');
    bob.mend();
    await bob.sees('You missed this');
    await ada.ticked('You missed this', 'read');
  });
  await step('a server that died comes back, and what was written meanwhile arrives once', async () => {
    await server('down');
    await Promise.all([ada.says('No connection.'), bob.says('No connection.')]);
    await ada.write('Written in the dark');
    await ada.ticked('Written in the dark', 'waiting');
    await server('up');
    await bob.sees('Written in the dark');
    await ada.ticked('Written in the dark', 'read');
    await bob.write('Welcome back');
    await ada.sees('Welcome back');
    assert.equal(await bob.message('Written in the dark').count(), 1);
    assert.equal(await ada.message('Written in the dark').count(), 1);
  });
  await step('what the server refuses stays, with the reason, until it is taken back', async () => {
    const tooLong = 'long '.repeat(2100);
    await ada.write(tooLong);
    await ada.says('Not sent:');
    await ada.page.getByRole('button', { name: 'Discard' }).click();
    await ada.page.waitForFunction(() => !document.querySelector('.failed'));
    await ada.write('Short');
    await bob.sees('Short');
  });
  await step('what the guard blocks stays with its sender, who reads why', async () => {
    const scam = 'Your wallet is at risk. Send me your seed phrase and I restore it';
    await ada.write(scam);
    await ada.ticked(scam, 'blocked');
    await ada.says('Your message was not sent.');
    await ada.page.getByRole('button', { name: 'Discard' }).click();
    await ada.write('And this arrives');
    await bob.sees('And this arrives');
    assert.equal(await bob.message(scam).count(), 0);
  });
  await step('a long history comes page by page', async () => {
    for (let i = 1; i <= 55; i++) await ada.write(`Line ${i}`);
    await bob.sees('Line 55');
    await bob.page.reload();
    await bob.sees('Line 55');
    assert.equal(await bob.message('Hello Bob').count(), 0);
    await bob.page.getByRole('button', { name: 'Earlier messages' }).click();
    await bob.sees('Hello Bob');
    assert.equal(await bob.message('Line 1').count(), 1);
  });
  await step('a phone shows the chat or the list', async () => {
    await bob.page.setViewportSize({ width: 360, height: 640 });
    await bob.page.getByRole('button', { name: 'Back' }).click();
    await bob.page.getByLabel('Find someone').waitFor();
    assert.equal(await bob.page.locator('#composer').isVisible(), false);
    assert.equal(await bob.page.evaluate(() => document.documentElement.scrollWidth), 360);
    await ada.write('Unread');
    await bob.page.locator('.badge', { hasText: '1' }).waitFor();
    assert.equal(await bob.page.title(), '(1) Chainmail');
  });
  await step('someone is found by name', async () => {
    const name = await ada.page.locator('#me').innerText();
    await bob.page.getByLabel('Find someone').fill(name.slice(0, 3));
    await bob.page.locator('#found .row', { hasText: name }).click();
    await bob.sees('Unread');
    await ada.ticked('Unread', 'read');
  });
  await step('a token that is not valid is told, and not tried again', async () => {
    const stranger = await Tab.open(browser, `${new URL(adaLink).origin}/#token=nonsense`);
    await stranger.says('Not connected');
    await stranger.says('This link is damaged');
    assert.deepEqual(stranger.faults, []);
  });
  assert.deepEqual([...ada.faults, ...bob.faults], []);
}

// erase does by the API what the page has no button for. The lists that HTTP reads may lag behind what a page was told.
async function erase(tab, text) {
  const status = await tab.page.evaluate(async (wanted) => {
    const headers = { Authorization: `Bearer ${sessionStorage.getItem('token')}`, 'Content-Type': 'application/json' };
    for (;;) {
      const { items } = await (await fetch('/api/conversations', { headers })).json();
      const { content, message_id: id } = items[0].last_message;
      if (content !== wanted) continue;
      return (await fetch(`/api/messages/${id}/content`, { method: 'DELETE', headers, body: '{"reason":"sender"}' })).status;
    }
  }, text);
  assert.equal(status, 204);
}
