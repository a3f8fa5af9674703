// Runs executions of the workflow on this machine, one after the other: to start this takes longer than most of them. The end of stdin
// means that the program which wants them is over, or wants no more of the one that runs.
//
// A line on stdin is the job of an execution, with the state machines as they were synthesized:
// {"machines": {name: definition}, "start": name, "input": …, "lambda": URL, "dms": URL or none, "spark": URL or none,
// "waitMilliseconds": number or null}.
// Each line on stdout is JSON: {"entered"|"left"|"retried"|"answered"|"told": …} as it happens, {"over": …} when a table's own execution
// has ended, and at the end {"succeeded": output} or {"failed": {"error", "cause"}}; before that {"unanswered": number} where requests of a
// task that timed out go on. A task is known by its resource, so that every
// definition runs that uses these five.
import { randomUUID } from 'node:crypto';
import { once } from 'node:events';
import { request } from 'node:http';
import { createInterface } from 'node:readline';

// A terminal sends Ctrl-C to all processes: when this one is over, the program says.
process.on('SIGINT', () => {});

// The interpreter is made for a newer Node.
Promise.withResolvers ??= function () {
  let resolve, reject;
  const promise = new this((yes, no) => ([resolve, reject] = [yes, no]));
  return { promise, resolve, reject };
};
const { StateMachine } = await import('aws-local-stepfunctions');

let job;
let unanswered = 0;
const say = (line) => void process.stdout.write(`${JSON.stringify(line)}\n`);

const names = new Map();
const resources = [
  [/:states:::lambda:invoke$/, invoke],
  [/:states:::states:startExecution\.sync:2$/, ({ StateMachineArn, Input }) => child(StateMachineArn, Input)],
  [/:states:::aws-sdk:(databasemigration|cloudformation|cloudwatch|sfn):(\w+)$/, aws],
  [/:states:::glue:startJobRun\.sync$/, spark],
  [/:states:::sns:publish$/, ({ Subject, Message }) => say({ told: { subject: Subject, message: Message } })],
];

async function run(name, input) {
  const definition = job.machines[name];
  // To look whether a definition is valid takes longer than most executions; a test looks once (ValidMachineTests).
  const machine = new StateMachine(definition, { validationOptions: { noValidate: true } });
  const table = input.table && called(input.table);
  const execution = machine.run(input, {
    overrides: { taskResourceLocalHandlers: handlers(definition, table), ...times(definition) },
    context: { Execution: { Id: `local:${name}:${randomUUID()}` }, StateMachine: { Id: name, Name: name } },
  });
  const [result] = await Promise.allSettled([execution.result, report(execution.eventLogs, name, table)]);
  if (table) say({ over: { machine: name, table } });
  if (result.status === 'rejected') throw failure(result.reason);
  return result.value;
}

// One name for a table, as TableName writes it; the state machine's own reports have schema and name without quotes.
function called({ schema, name }) {
  const text = [schema, name].map((part) => (/[."]/.test(part) ? `"${part.replaceAll('"', '""')}"` : part)).join('.');
  names.set(`${schema}.${name}`, text);
  return text;
}

function withNames(output) {
  for (const { report } of Array.isArray(output) ? output : [])
    if (report) report.table = names.get(report.table) ?? report.table;
  return output;
}

async function report(events, machine, table) {
  for await (const { type, state, retry, Error: error, Cause: cause } of events) {
    if (type === 'StateEntered') say({ entered: { machine, table, state: state.name } });
    if (type === 'StateExited') say({ left: { machine, table, state: state.name } });
    if (type === 'StateRetried') say({ retried: { machine, table, state: state.name, attempt: retry.attempt } });
    if (type === 'StateFailed' && state.type === 'Task') say({ erred: { machine, table, state: state.name, error, cause } });
  }
}

// The interpreter knows a state's handler by its name, wherever in the definition it stands.
function handlers({ States }, table) {
  return Object.assign({}, ...Object.entries(States).map(([name, state]) => {
    if (state.Type === 'Map') return handlers(state.ItemProcessor, table);
    if (state.Type !== 'Task') return {};
    const [pattern, handler] = resources.find(([pattern]) => pattern.test(state.Resource)) ?? [];
    if (!handler) throw new Error(`The state ${name} uses ${state.Resource}, which cannot be run on this machine.`);
    return { [name]: async (input) => {
      unanswered++;
      try {
        return (await handler(input, { state: name, table, called: pattern.exec(state.Resource).slice(1) })) ?? {};
      } finally {
        unanswered--;
      }
    } };
  }));
}

// One time in place of those of all states that wait and of all retries; nothing where these keep their own.
function times({ States }) {
  const [waitTimeOverrides, retryIntervalOverrides] = [{}, {}];
  if (job.waitMilliseconds == null) return {};
  for (const [name, state] of Object.entries(States)) {
    const inner = state.Type === 'Map' ? times(state.ItemProcessor) : {};
    Object.assign(waitTimeOverrides, inner.waitTimeOverrides);
    Object.assign(retryIntervalOverrides, inner.retryIntervalOverrides);
    if (state.Type === 'Wait') waitTimeOverrides[name] = job.waitMilliseconds;
    if (state.Retry) retryIntervalOverrides[name] = job.waitMilliseconds;
  }
  return { waitTimeOverrides, retryIntervalOverrides };
}

async function invoke({ FunctionName, Payload }, { state, table }) {
  const url = new URL(`/2015-03-31/functions/${FunctionName}/invocations`, job.lambda);
  const { status, headers, body } = await post(url, JSON.stringify(Payload));
  const answer = JSON.parse(body);
  if (status !== 200) throw named(headers['x-amzn-errortype'] ?? 'Lambda.ServiceException', answer.Message);
  if (headers['x-amz-function-error']) throw named(answer.errorType, JSON.stringify(answer));
  say({ answered: { table, state, function: FunctionName, answer } });
  return { StatusCode: 200, Payload: answer };
}

// Step Functions names an error by the service and its own word. One stand-in answers for every service.
async function aws(input, { called: [service, action] }) {
  const [prefix, name] = service === 'databasemigration' ? ['AmazonDMSv20160101', 'DatabaseMigration'] : [service, service];
  const target = `${prefix}.${action[0].toUpperCase()}${action.slice(1)}`;
  const { status, body } = await post(new URL(job.dms), JSON.stringify(input), { 'x-amz-target': target });
  const answer = JSON.parse(body);
  if (status !== 200) throw named(`${name}.${answer.__type}Exception`, answer.message);
  return answer;
}

// What stands for Spark reduces what the plan says. Step Functions says of a run that failed no more than this.
async function spark({ Arguments }, { table }) {
  const { status, body } = await post(new URL(job.spark), JSON.stringify(Arguments));
  if (status !== 200) throw named('States.TaskFailed', body);
  say({ reduced: { table, ...JSON.parse(body) } });
  return { JobRunState: 'SUCCEEDED' };
}

// Not fetch, which gives up after five minutes without an answer; a function may take fifteen.
async function post(url, text, headers = {}) {
  const sent = request(url, { method: 'POST', headers }).end(text);
  const [response] = await once(sent, 'response');
  return { status: response.statusCode, headers: response.headers, body: Buffer.concat(await response.toArray()).toString() };
}

// Step Functions gives the answer of DescribeExecution; that of a failed execution is the error's cause.
async function child(name, input) {
  try {
    return { Status: 'SUCCEEDED', Output: await run(name, input) };
  } catch (error) {
    throw named('States.TaskFailed', JSON.stringify({
      Cause: error.message,
      Error: error.name,
      ExecutionArn: `local:${name}`,
      Input: JSON.stringify(input),
      Status: 'FAILED',
    }));
  }
}

// Step Functions cuts a cause, and has none where nothing was said (AWS: TaskFailedEventDetails).
const named = (name, message) => Object.assign(new Error(), { name, message: message?.slice(0, 32768) });

// An execution's failure wraps that of its last state.
const failure = (error) => (error.name === 'ExecutionError' && error.cause instanceof Error ? error.cause : error);

async function execute(line) {
  job = JSON.parse(line);
  names.clear();
  try {
    const output = withNames(await run(job.start, job.input));
    if (unanswered) say({ unanswered });
    say({ succeeded: output });
  } catch (error) {
    say({ failed: { error: error.name, cause: error.message } });
  }
}

createInterface({ input: process.stdin }).on('line', execute).once('close', () => process.exit());
