// Takes the picture of the terminal: the live view of `demo`, which it starts in a terminal of its own, and ends.
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import fs from 'node:fs';
import path from 'node:path';
import { Page } from './chromium.mjs';

const repository = path.resolve(import.meta.dirname, '../..');
const xterm = path.join(repository, 'node_modules/@xterm/xterm');
const command = 'dotnet run --project local -- demo';
// The view draws its widest bars from 100 on, and leaves a column free.
const [columns, rows] = [101, 17];
const look = {
  cols: columns, rows, fontSize: 14, lineHeight: 1.25, fontFamily: 'DejaVu Sans Mono, Menlo, monospace', cursorInactiveStyle: 'none',
  theme: {
    background: '#14171b', foreground: '#e4e7eb', cyan: '#5bc8e0', brightCyan: '#5bc8e0', green: '#6cc489', brightGreen: '#6cc489',
    brightBlack: '#8b949e',
  },
};

// Runs in the page.
function begin(look) {
  document.documentElement.style.background = look.theme.background;
  document.body.style = 'margin: 0; padding: 14px; width: fit-content';
  document.body.append(document.createElement('div'));
  const terminal = new Terminal(look);
  terminal.open(document.body.firstChild);
  globalThis.write = base64 =>
    new Promise(written => terminal.write(Uint8Array.from(atob(base64), letter => letter.charCodeAt(0)), () => written(screen())));
  const screen = () => Array.from({ length: look.rows }, (_, row) =>
    terminal.buffer.active.getLine(terminal.buffer.active.viewportY + row).translateToString(true));
}

// How much a screen tells: tables that are half merged, those that do different things, and batches in the log.
function tells(screen) {
  const tables = screen.map(line => /^\S+ +(.*?) +[━ ]+ ([\d,]+) of ([\d,]+)$/.exec(line)).filter(found => found)
    .map(([, now, ...counts]) => ({ now, counts: counts.map(text => Number(text.replaceAll(',', ''))) }));
  const half = tables.filter(({ counts: [done, all] }) => done > 0.15 * all && done < 0.97 * all);
  const batches = screen.filter(line => /: merged [\d,]+ rows of/.test(line));
  return half.length < 2 ? 0 : 2 * half.length + 2 * new Set(tables.map(({ now }) => now)).size + batches.length;
}

/** Takes it, of the screen of a whole demo that tells most. */
export async function takeTerminal(file) {
  if (process.platform !== 'linux')
    throw new Error('The picture of the terminal needs the program script of util-linux, so Linux.');
  const page = await Page.open('about:blank', { width: 1000, height: 500 });
  const sized = `stty cols ${columns} rows ${rows}; exec ${command}`;
  const demo = spawn('script', ['--quiet', '--flush', '--return', '--command', sized, '/dev/null'], {
    cwd: repository, stdio: ['pipe', 'pipe', 'inherit'], env: { ...process.env, TERM: 'xterm-256color', COLORTERM: 'truecolor' } });
  const ended = once(demo, 'close');
  try {
    await page.evaluate(fs.readFileSync(path.join(xterm, 'lib/xterm.js'), 'utf8'));
    const style = fs.readFileSync(path.join(xterm, 'css/xterm.css'), 'utf8');
    await page.evaluate(`document.head.append(Object.assign(document.createElement('style'), { textContent: ${JSON.stringify(style)} }))`);
    await page.evaluate(`(${begin})(${JSON.stringify(look)})`);
    await page.evaluate(`write(${JSON.stringify(Buffer.from(`$ ${command}\r\n`).toString('base64'))})`);
    let most = 0;
    for await (const chunk of demo.stdout) {
      const told = tells(await page.evaluate(`write('${chunk.toString('base64')}')`));
      if (told <= most) continue;
      most = told;
      await take(page, file);
    }
    if (most === 0) throw new Error('The demo had no moment in which two tables were half merged: take the pictures again.');
  } finally {
    // Ctrl-C, as a person ends it: it stops its servers. It may have ended.
    demo.stdin.on('error', () => {}).end('\x03');
    await ended;
    await page.close();
  }
}

async function take(page, file) {
  const [width, height] = await page.evaluate('[document.body.offsetWidth, document.body.firstChild.offsetHeight + 28]');
  await page.resize(width, height);
  await page.evaluate('new Promise(drawn => requestAnimationFrame(() => requestAnimationFrame(() => drawn(true))))');
  await page.picture(file);
}
