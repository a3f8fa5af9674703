// A page in an installed Chromium, spoken to by its own protocol over two pipes: nothing is downloaded.
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';

const usualPaths = [
  '/usr/bin/chromium', '/usr/bin/chromium-browser', '/usr/bin/google-chrome',
  '/Applications/Chromium.app/Contents/MacOS/Chromium', '/Applications/Google Chrome.app/Contents/MacOS/Google Chrome',
];

export const executable = process.env.CDCDMS_CHROMIUM || usualPaths.find(fs.existsSync);

export class Page {
  #browser;
  #profile = fs.mkdtempSync(path.join(os.tmpdir(), 'pictures-'));
  #waiting = new Map();
  #session;
  #lost;
  #count = 0;

  // A light page without the scroll bars of one machine or another.
  static async open(address, { width, height }) {
    const page = new Page();
    page.#start();
    try {
      const { targetId } = await page.#ask('Target.createTarget', { url: 'about:blank' });
      page.#session = (await page.#ask('Target.attachToTarget', { targetId, flatten: true })).sessionId;
      await page.resize(width, height);
      await page.#ask('Emulation.setEmulatedMedia', { features: [{ name: 'prefers-color-scheme', value: 'light' }] });
      await page.#ask('Page.navigate', { url: address });
      return page;
    } catch (fault) {
      await page.close();
      throw fault;
    }
  }

  resize = (width, height) =>
    this.#ask('Emulation.setDeviceMetricsOverride', { width, height, deviceScaleFactor: 1, mobile: false });

  // What an expression in the page gives; a promise is awaited.
  async evaluate(expression) {
    const { result, exceptionDetails } = await this.#ask('Runtime.evaluate', { expression, awaitPromise: true, returnByValue: true });
    if (exceptionDetails) throw new Error(exceptionDetails.exception?.description ?? exceptionDetails.text);
    return result.value;
  }

  async waitFor(what, expression, seconds) {
    for (const end = Date.now() + seconds * 1000; !await this.evaluate(expression); await new Promise(wake => setTimeout(wake, 200)))
      if (Date.now() > end) throw new Error(`The page did not show ${what} within ${seconds} seconds. It says: ${await this.#told()}`);
  }

  async picture(file) {
    const { data } = await this.#ask('Page.captureScreenshot', { format: 'png' });
    fs.writeFileSync(file, Buffer.from(data, 'base64'));
  }

  async close() {
    const ended = this.#lost.catch(() => {});
    await Promise.race([this.#ask('Browser.close'), ended]).catch(() => {});
    await ended;
    // Its processes may write for a moment yet.
    await fs.promises.rm(this.#profile, { recursive: true, force: true, maxRetries: 20 });
  }

  #told = () => this.evaluate('document.body.innerText.slice(0, 300)');

  #start() {
    this.#browser = spawn(executable, [
      '--headless', '--no-sandbox', '--disable-gpu', '--disable-quic', '--no-first-run', '--disable-background-networking',
      '--disable-component-update', '--disable-sync', '--hide-scrollbars', '--remote-debugging-pipe', `--user-data-dir=${this.#profile}`,
    ], { stdio: ['ignore', 'ignore', 'ignore', 'pipe', 'pipe'] });
    this.#lost = once(this.#browser, 'exit').then(
      () => Promise.reject(new Error(`The browser ${executable} has ended.`)),
      fault => Promise.reject(new Error(`The browser does not start: ${fault.message}`)));
    // Who asks next is told.
    this.#lost.catch(() => {});
    this.#browser.stdio[3].on('error', () => {});
    let begun = '';
    this.#browser.stdio[4].setEncoding('utf8').on('data', text => {
      const messages = (begun + text).split('\0');
      begun = messages.pop();
      messages.map(JSON.parse).forEach(({ id, result, error }) => {
        this.#waiting.get(id)?.(error ? Promise.reject(new Error(error.message)) : result);
        this.#waiting.delete(id);
      });
    });
  }

  #ask(method, params) {
    const id = ++this.#count;
    this.#browser.stdio[3].write(`${JSON.stringify({ id, method, params, sessionId: this.#session })}\0`);
    return Promise.race([new Promise(answer => this.#waiting.set(id, answer)), this.#lost]);
  }
}
