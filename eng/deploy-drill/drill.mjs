// Deploys every environment of infra/Environments against a server that answers as AWS does (moto, on loopback): bootstrap, deploy, deploy
// again unchanged, deploy with a table added, destroy. What it proves and what it cannot is said in docs/development.md.
// usage: node eng/deploy-drill/drill.mjs [NAME ...]
import { spawnSync } from 'node:child_process';
import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { addTable, copyRepository, nameRepository } from './copy.mjs';
import { MotoServer } from './moto_server.mjs';

const repository = path.resolve(import.meta.dirname, '../..');
const commandMinutes = 15;

if (spawnSync('python3', ['-c', 'import moto.server']).status !== 0) {
  console.log('The deploy drill is skipped: python3 has no moto with its server (pip install "moto[all,server]").');
  process.exit(0);
}

const work = fs.mkdtempSync(path.join(os.tmpdir(), 'deploy-drill-'));
let server;
process.once('SIGINT', () => process.exit(130));
process.once('SIGTERM', () => process.exit(143));
process.once('exit', () => {
  server?.stop();
  fs.rmSync(work, { recursive: true, force: true });
});

// A fault of a step is one sentence and the end of what the command said.
class Failed extends Error {}

function run(step, command, args, variables = {}) {
  const began = Date.now();
  const result = spawnSync(command, args, {
    cwd: path.join(work, 'repository'), encoding: 'utf8', timeout: commandMinutes * 60_000, maxBuffer: 1 << 28,
    env: { ...process.env, DOTNET_CLI_TELEMETRY_OPTOUT: '1', DOTNET_NOLOGO: '1', JSII_SILENCE_WARNING_END_OF_LIFE_NODE_VERSION: '1',
      NO_COLOR: '1', ...variables } });
  const said = `${result.stdout}${result.stderr}`;
  const seconds = Math.round((Date.now() - began) / 1000);
  if (result.status === 0) return { said, seconds };
  const why = result.error?.code === 'ETIMEDOUT' ? `took more than ${commandMinutes} minutes` : `ended with ${result.status}`;
  throw new Failed(`${step} ${why}:\n${said.trimEnd().split('\n').slice(-30).join('\n')}`);
}

// Into folders of the work folder: the stacks of the account and of GitHub's roles, the environment as it is, and with a table more.
function synthesize(name) {
  const file = path.join(work, 'repository', 'infra', 'Environments', `${name}.json`);
  const [ofAccount, ofGithub, before, after] = ['account', 'github', 'before', 'after'].map(part => path.join(work, name, part));
  const synth = (folder, context = `env=${name}`) =>
    run(`${name}: synth`, 'npx', ['cdk', 'synth', '--quiet', '-c', context, '--output', folder]);
  nameRepository(file);
  synth(ofAccount, `account=${name}`);
  synth(ofGithub, `github=${name}`);
  const first = synth(before);
  addTable(file);
  const second = synth(after);
  console.log(`${name}: synth, and with a table more: ${first.seconds + second.seconds} s`);
  return { ofAccount, ofGithub, before, after };
}

function stacksOf(assembly) {
  const { artifacts } = JSON.parse(fs.readFileSync(path.join(assembly, 'manifest.json'), 'utf8'));
  return Object.values(artifacts).filter(artifact => artifact.type === 'aws:cloudformation:stack').map(artifact => ({
    name: artifact.properties.stackName ?? artifact.displayName, isProtected: artifact.properties.terminationProtection === true,
    account: artifact.environment.split('/')[2], region: artifact.environment.split('/')[3] }));
}

// It outlives every environment.
const belongsToAccount = stack => stack === 'cdcdms-account';

function expect(isTrue, sentence) {
  if (!isTrue) throw new Failed(sentence);
}

async function drill(name) {
  const { ofAccount, ofGithub, before, after } = synthesize(name);
  const stacks = stacksOf(before);
  const { account, region } = stacks[0];
  const variables = await server.credentials(account, region, path.join(work, 'home'));
  const cdk = (step, args) => {
    const done = run(`${name}: ${step}`, 'npx', ['cdk', ...args, '--ci', '--no-notices'], variables);
    return { ...done, unchanged: done.said.split('(no changes)').length - 1 };
  };
  const deploy = (step, app) => cdk(step, ['deploy', '--all', '--method', 'direct', '--require-approval', 'never', '--app', app]);
  const tell = (step, seconds, saw) => console.log(`${name}: ${step}: ${saw}, ${seconds} s${server.newLines()}`);

  let done = cdk('bootstrap', ['bootstrap', `aws://${account}/${region}`, '--app', before]);
  tell('bootstrap', done.seconds, `aws://${account}/${region}`);

  done = deploy('the stack of the account', ofAccount);
  tell('the stack of the account', done.seconds, stacksOf(ofAccount).map(stack => stack.name).join());

  done = deploy("GitHub's roles", ofGithub);
  tell("GitHub's roles", done.seconds, stacksOf(ofGithub).map(stack => stack.name).join());

  done = deploy('deploy', before);
  const made = await server.stacks(account, region, variables);
  expect(stacks.every(stack => made.includes(stack.name)), `${name}: deploy left out ${stacks.map(stack => stack.name)
    .filter(stack => !made.includes(stack))}.`);
  tell('deploy', done.seconds, `${stacks.length} stacks`);

  done = deploy('deploy again', before);
  expect(done.unchanged === stacks.length, `${name}: an unchanged deployment changed ${stacks.length - done.unchanged} stacks.`);
  tell('deploy again', done.seconds, `no changes in ${done.unchanged} stacks`);

  done = deploy('deploy with a table more', after);
  expect(done.unchanged < stacks.length, `${name}: a table more changed no stack.`);
  tell('deploy with a table more', done.seconds, `${stacks.length - done.unchanged} of ${stacks.length} stacks changed`);

  const shielded = stacks.filter(stack => stack.isProtected).length;
  cdk("destroy GitHub's roles", ['destroy', '--all', '--force', '--app', ofGithub]);
  done = cdk('destroy', ['destroy', '--all', '--force', '--app', after]);
  const left = (await server.stacks(account, region, variables)).filter(stack => stack !== 'CDKToolkit' && !belongsToAccount(stack));
  expect(left.length === 0, `${name}: destroy left ${left}.`);
  const but = shielded === 0 ? '' : ` (AWS would refuse ${shielded}, until somebody takes off their termination protection; moto does not)`;
  tell('destroy', done.seconds, `no stack left${but}`);
}

try {
  copyRepository(repository, path.join(work, 'repository'));
  const folder = fs.readdirSync(path.join(repository, 'infra', 'Environments'));
  const all = folder.filter(file => file.endsWith('.json') && !file.endsWith('.schema.json')).map(file => path.basename(file, '.json'));
  const chosen = process.argv.length > 2 ? process.argv.slice(2) : all;
  expect(chosen.every(name => all.includes(name)), `There are the environments ${all.join(', ')}.`);
  server = await MotoServer.start(path.join(work, 'moto.log'));
  for (const name of chosen) await drill(name);
  console.log(server.summary());
} catch (fault) {
  if (!(fault instanceof Failed)) throw fault;
  console.error(`${fault.message}${server?.newLines() ?? ''}`);
  process.exit(1);
}
process.exit(0);
