// The browser under test: an installed Chromium, driven by playwright-core.

import { chromium } from 'playwright-core';

// Without these Chromium looks for hosts of its maker's, and root cannot start it at all.
const args = [
  '--no-sandbox', '--disable-gpu', '--disable-quic', '--no-first-run', '--disable-background-networking',
  '--disable-component-update', '--disable-sync',
];

const patience = 20_000; // a reconnect may wait up to 15 s

/** launch starts the Chromium at CHROMIUM, with no window. */
export function launch() {
  return chromium.launch({ executablePath: process.env.CHROMIUM, args });
}

/** A Tab is one user's page, and how a person reads and uses it. It collects what the page threw. */
export class Tab {
  faults = [];
  #blocked = false;
  #sockets = new Set();

  static async open(browser, link) {
    const tab = new Tab();
    tab.page = await browser.newPage();
    tab.page.setDefaultTimeout(patience);
    tab.page.on('pageerror', (error) => tab.faults.push(String(error)));
    tab.page.on('console', (message) => {
      if (/Content Security Policy|Trusted/.test(message.text())) tab.faults.push(message.text());
    });
    await tab.page.goto(link);
    return tab;
  }

  /** cuttable puts a wire that can be cut between page and server; the next load goes over it. */
  async cuttable() {
    await this.page.routeWebSocket(/\/ws/, (socket) => {
      if (this.#blocked) {
        socket.close({ code: 1013 });
        return;
      }
      this.#sockets.add(socket);
      socket.connectToServer();
    });
  }

  async cut() {
    this.#blocked = true;
    await Promise.all([...this.#sockets].map((socket) => socket.close({ code: 1013 })));
    this.#sockets.clear();
  }

  mend() {
    this.#blocked = false;
  }

  async write(text) {
    await this.page.getByLabel('Message', { exact: true }).fill(text);
    await this.page.keyboard.press('Enter');
  }

  message(text) {
    return this.page.locator('.message').filter({ has: this.page.getByText(text, { exact: true }) });
  }

  /** sees waits until the message is shown. */
  sees(text) {
    return this.message(text).waitFor();
  }

  /** ticked waits until the user's own message has come that far. */
  ticked(text, status) {
    return this.message(text).locator(`.ticks[data-status="${status}"]`).waitFor();
  }

  /** says waits until the text stands somewhere on the page. */
  says(text) {
    return this.page.getByText(text).first().waitFor();
  }
}
