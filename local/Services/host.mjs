// Keeps one service alive exactly as long as the program that started it: `node host.mjs postgres|s3|kinesis [DATA]`.
//
// The first line on stdout is JSON: how to reach the service, or {"error": "one sentence"}. The end of stdin means that the
// program is over, however it ended. Two processes share the work, so that none of these leaves anything behind:
//   - Ctrl-C reaches every process of the terminal's group, and a kill of the whole group is final: so the supervisor, which
//     owns the service, lives in a session of its own and only listens to stdin;
//   - a killed supervisor cannot clean up: so the launcher, which stays in the program's group, waits for it and does.
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { temporaryRoot } from './unprivileged.mjs';

const services = {
  postgres: async (folder, copyOf) => (await import('./postgres.mjs')).startPostgres(folder, copyOf),
  s3: async (folder) => (await import('./s3.mjs')).startS3(folder),
  kinesis: async () => (await import('./kinesis.mjs')).startKinesis(),
};

const [service, data, folder] = process.argv.slice(2);
process.exitCode = await (folder ? supervise(service, folder, data) : launch(service, data ?? ''));
process.exit();

async function launch(service, data) {
  if (Number(process.versions.node.split('.')[0]) < 20)
    return fail(`Node.js 22 or newer is needed for the embedded services, and this is ${process.version}: install a newer one.`);

  const folder = mkdtempSync(join(temporaryRoot(), `cdcdms-${service}-`));
  const supervisor = spawn(process.execPath, [fileURLToPath(import.meta.url), service, data, folder], { detached: true, stdio: 'inherit' });
  process.on('SIGINT', () => {}).on('SIGHUP', () => {}).on('SIGTERM', () => supervisor.kill('SIGTERM'));

  const [code, signal] = await once(supervisor, 'exit');
  if (signal) killGroup(supervisor.pid);
  remove(folder);
  return code ?? 1;
}

async function supervise(service, folder, data) {
  const programOver = new Promise((over) => {
    process.stdin.on('end', over).on('close', over).on('error', over).resume();
    process.on('SIGTERM', over).on('SIGINT', over).on('SIGHUP', () => {});
  });
  process.stdout.on('error', () => {}); // nobody reads any more; stdin says the same

  let running;
  try {
    running = await services[service](folder, data);
  } catch (error) {
    return fail(error.sentence ?? `The embedded service ${service} did not start: ${error.message}.`);
  }
  process.stdout.write(`${JSON.stringify(running.ready)}\n`);
  await Promise.race([programOver, running.died]);
  await running.stop();
  remove(folder);
  return 0;
}

function fail(sentence) {
  process.stdout.write(`${JSON.stringify({ error: sentence })}\n`);
  return 1;
}

function killGroup(leader) {
  try {
    process.kill(-leader, 'SIGQUIT');
  } catch (error) {
    if (error.code !== 'ESRCH') throw error;
  }
}

// Retried, because a dying server may still write while its folder is emptied.
function remove(folder) {
  rmSync(folder, { recursive: true, force: true, maxRetries: 20, retryDelay: 100 });
}
