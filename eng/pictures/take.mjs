// Takes the pictures of README and docs: of a console that runs, or of the terminal and the pipeline of `up`, which it starts and ends.
// usage: node eng/pictures/take.mjs [ADDRESS]
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import fs from 'node:fs';
import path from 'node:path';
import readline from 'node:readline';
import { executable, Page } from './chromium.mjs';
import { takeTerminal } from './terminal.mjs';

const repository = path.resolve(import.meta.dirname, '../..');
const folder = path.join(repository, 'docs/pictures');
const window = { width: 1280, height: 800 };
const mostHigh = 1100;
// The first start builds what it runs. Its shop has four tables.
const [mostSeconds, fewestTables, fewestBatches] = process.argv[2] ? [60, 1, 2] : [900, 4, 6];

let pipeline;
let page;

async function startPipeline() {
  pipeline = spawn('dotnet', ['run', '--project', 'local', '--', 'up', '--every', '5s'], {
    cwd: repository, stdio: ['ignore', 'pipe', 'inherit'] });
  return new Promise((found, fail) => {
    readline.createInterface(pipeline.stdout).on('line', line => {
      const [address] = /http:\S+\?token=\w+/.exec(line) ?? [];
      if (address) found(address);
    });
    pipeline.once('exit', () => fail(new Error('The pipeline ended before it printed the address of a console.')));
  });
}

async function end() {
  if (pipeline?.kill('SIGTERM')) await once(pipeline, 'exit');
  await page?.close();
}

async function take(name) {
  const height = await page.evaluate('document.documentElement.scrollHeight');
  await page.resize(window.width, Math.min(height, mostHigh));
  await page.evaluate('new Promise(drawn => requestAnimationFrame(() => requestAnimationFrame(() => drawn(true))))');
  const file = fileOf(name);
  await page.picture(file);
  tell(file);
  await page.resize(window.width, window.height);
}

const fileOf = name => path.join(folder, `${name}.png`);

const tell = file => console.log(`${path.relative(repository, file)}: ${Math.ceil(fs.statSync(file).size / 1000)} KB`);

// The first of these that the page has.
const press = (...selectors) =>
  page.evaluate(`${JSON.stringify(selectors)}.map(one => document.querySelector(one)).find(one => one).click()`);

async function takeAll() {
  fs.mkdirSync(folder, { recursive: true });
  if (!process.argv[2]) {
    await takeTerminal(fileOf('terminal'));
    tell(fileOf('terminal'));
  }
  page = await Page.open(process.argv[2] ?? await startPipeline(), window);
  await page.waitFor('tables', `document.querySelectorAll('#tables a').length >= ${fewestTables}`, mostSeconds);
  await press('#tables a[href$=".orders"]', '#tables a');
  await page.waitFor('batches', `document.querySelectorAll('#batches tr').length >= ${fewestBatches}`, mostSeconds);
  await take('console-table');
  await press('a[href="#/"]');
  await page.waitFor('all tables', `document.getElementById('tables').checkVisibility()`, mostSeconds);
  // What the first proof says of all tables is shown a moment later.
  if (!process.argv[2])
    await page.waitFor(
      'nothing wrong', `document.getElementById('health').hidden && !document.querySelector('#tables .wait')`, mostSeconds);
  await take('console');
  if (!await page.evaluate(`document.querySelector('a[href="#/workflow"]')?.checkVisibility() ?? false`)) return;
  await press('a[href="#/workflow"]');
  await page.waitFor('an execution that succeeded', `document.querySelector('#executions tr:has(.good) a') !== null`, mostSeconds);
  await press('#executions tr:has(.good) a');
  await page.waitFor('its way', `document.querySelector('#machine .passed') !== null`, mostSeconds);
  await take('console-workflow');
}

for (const signal of ['SIGINT', 'SIGTERM'])
  process.once(signal, () => end().finally(() => process.exit(130)));
try {
  if (!executable)
    throw new Error('There is no Chromium on this machine: install one (apt install chromium), or name its program by CDCDMS_CHROMIUM.');
  await takeAll();
} catch (fault) {
  console.error(fault.message);
  process.exitCode = 1;
} finally {
  await end();
}
