// moto's server with stand-ins, as a child process on a free port of loopback.
import { spawn } from 'node:child_process';
import fs from 'node:fs';
import net from 'node:net';
import path from 'node:path';

const startMilliseconds = 60_000;

async function freePort() {
  const listener = net.createServer().listen(0, '127.0.0.1');
  await new Promise(resolve => listener.once('listening', resolve));
  const { port } = listener.address();
  await new Promise(resolve => listener.close(resolve));
  return port;
}

export class MotoServer {
  #process; #log; #read = 0; #kinds = new Map();

  /** Starts the server and waits until it answers. */
  static async start(log) {
    const server = new MotoServer(), port = await freePort();
    server.#log = log;
    server.endpoint = `http://127.0.0.1:${port}`;
    const output = fs.openSync(log, 'w');
    server.#process = spawn('python3', [path.join(import.meta.dirname, 'moto_with_stand_ins.py'), '-H', '127.0.0.1', '-p', String(port)],
      { stdio: ['ignore', 'ignore', output] });
    const until = Date.now() + startMilliseconds;
    while (!await fetch(`${server.endpoint}/moto-api/`).then(answer => answer.ok, () => false)) {
      if (server.#process.exitCode !== null || Date.now() > until)
        throw new Error(`moto did not start:\n${fs.readFileSync(log, 'utf8')}`);
      await new Promise(resolve => setTimeout(resolve, 200));
    }
    return server;
  }

  /** Ends the server's process. */
  stop() {
    this.#process.kill();
  }

  /** Variables of a user of an account. Each account has a key of its own: the CDK CLI remembers which account a key belongs to. */
  async credentials(account, region, home) {
    const role = await this.#call('sts', region, 'test', { Action: 'AssumeRole', Version: '2011-06-15',
      RoleArn: `arn:aws:iam::${account}:role/drill`, RoleSessionName: 'drill' });
    const session = tag(role, 'AccessKeyId');
    await this.#call('iam', region, session, { Action: 'CreateUser', Version: '2010-05-08', UserName: 'drill' }).catch(() => {});
    const key = await this.#call('iam', region, session, { Action: 'CreateAccessKey', Version: '2010-05-08', UserName: 'drill' });
    return { AWS_ACCESS_KEY_ID: tag(key, 'AccessKeyId'), AWS_SECRET_ACCESS_KEY: tag(key, 'SecretAccessKey'), AWS_SESSION_TOKEN: '',
      AWS_PROFILE: '', AWS_REGION: region, AWS_ENDPOINT_URL: this.endpoint, AWS_EC2_METADATA_DISABLED: 'true', CDK_HOME: home,
      // moto takes the bucket of a template's address from its path only if the host is localhost.
      AWS_ENDPOINT_URL_S3_FOR_CLOUDFORMATION: this.endpoint.replace('127.0.0.1', 'localhost'), NODE_NO_WARNINGS: '1',
      AWS_CONFIG_FILE: path.join(home, 'none'), AWS_SHARED_CREDENTIALS_FILE: path.join(home, 'none') };
  }

  /** The names of an account's stacks. */
  async stacks(account, region, variables) {
    const answer = await this.#call('cloudformation', region, variables.AWS_ACCESS_KEY_ID, { Action: 'DescribeStacks',
      Version: '2010-05-15' });
    return [...answer.matchAll(/<StackName>([^<]+)/g)].map(match => match[1]);
  }

  /** What the server has told since this was last asked: how many stand-ins, and each gap on a line of its own. */
  newLines() {
    const text = fs.readFileSync(this.#log, 'utf8');
    const lines = text.slice(this.#read).split('\n');
    this.#read = text.length;
    const standIns = lines.filter(line => line.startsWith('stand-in '));
    for (const line of standIns) this.#kinds.set(line.split(' ')[1], (this.#kinds.get(line.split(' ')[1]) ?? 0) + 1);
    const gaps = lines.filter(line => line.startsWith('gap ')).map(line => `\n  ${line}`);
    return `${standIns.length ? `; ${standIns.length} stand-ins` : ''}${gaps.join('')}`;
  }

  /** Which types were stand-ins, all in all, and what that means. */
  summary() {
    const list = [...this.#kinds].sort().map(([kind, times]) => `  ${times} ${kind}`);
    return `Stand-ins, which only have a name:\n${list.join('\n')}\nNo function has run: custom resources were answered as if theirs had `
      + 'succeeded, and neither DMS nor a database nor a state machine did anything.';
  }

  async #call(service, region, key, form) {
    const answer = await fetch(this.endpoint, { method: 'POST', body: new URLSearchParams(form), headers: { Authorization:
      `AWS4-HMAC-SHA256 Credential=${key}/20260101/${region}/${service}/aws4_request, SignedHeaders=host, Signature=0` } });
    const text = await answer.text();
    if (!answer.ok) throw new Error(`${form.Action}: ${text}`);
    return text;
  }
}

function tag(text, name) {
  return text.match(new RegExp(`<${name}>([^<]+)`))[1];
}
