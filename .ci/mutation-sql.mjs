// Changes the SQL inside the merge's statements, which a mutation tool for C# takes for mere text, and conditions around it, and looks
// whether some test fails. Works on a copy of the committed tree. Prints each mutant's fate, then the score of each part.
// usage: node .ci/mutation-sql.mjs [TEXT ...]      (only mutants that contain one of the texts)
import { execFileSync, spawnSync } from 'node:child_process';
import { copyFileSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { basename, dirname, join } from 'node:path';

const texts = process.argv.slice(2);
const missed = 'MISSED';

// Each says what stands once in a file, and what stands there instead: only what changes what happens.
const mutants = JSON.parse(readFileSync(join(import.meta.dirname, 'mutation-sql.json'), 'utf8'))
  .filter((mutant) => texts.length === 0 || texts.some((text) => Object.values(mutant).join(' ').includes(text)));

// What is measured, by the folders of the code.
const parts = {
  statements: ['Statements'], versions: ['Changes'], ledger: ['Ledger'], refusals: ['Quarantine'], listing: ['Lake', 'Merging'],
  proofs: ['Proofs'],
};

// Some mutants make a loop endless: they have this many times what the tests take unchanged.
const patience = 4;

const rooms = ['Statements', 'Changes', 'Ledger', 'Quarantine', 'Lake', 'Merging', 'Targets', 'Evolution', 'Proofs'];
// What is likely to find a mutant comes first.
const likely = ['Convergence', 'Register', 'SoftDelete', 'Tombstone', 'Key'].map((name) => `*.${name}Tests`);
const likeliest = likely.flatMap((tests) => ['-class', tests]);
const models = ['-class', '*.ModelTests'];

function suitesOf(room) {
  // Most of what the ledger and the quarantine do shows where files are merged.
  const first = [...new Set([room, 'Merging'])];
  return ['Statements', 'Changes'].includes(room)
    ? [likeliest, models, [...namespaces(rooms), ...likely.flatMap((tests) => ['-class-', tests])]]
    : [...first.map((one) => namespaces([one])), namespaces(rooms.filter((other) => !first.includes(other))), models];
}

function namespaces(of) {
  return of.flatMap((room) => ['-namespace', `CdcDms.Pipeline.Tests.${room}`]);
}

const copy = mkdtempSync(join(tmpdir(), 'cdcdms-mutation-'));
const tests = join(copy, 'tests/CdcDms.Pipeline.Tests/bin/Debug/net10.0');
const assembly = join(copy, 'lambdas/CdcDms.Pipeline/bin/Debug/net10.0/CdcDms.Pipeline.dll');
const unchanged = join(copy, 'unchanged.dll');
// What each suite takes when nothing is changed, milliseconds.
const usual = new Map();
try {
  execFileSync('git', ['clone', '--quiet', '.', copy]);
  build(['tests/CdcDms.Pipeline.Tests']);
  copyFileSync(assembly, unchanged);
  for (const [number, mutant] of mutants.entries()) {
    const began = Date.now();
    mutant.fate = tried(mutant);
    console.log(`${number + 1}/${mutants.length} ${mutant.fate} in ${Math.round((Date.now() - began) / 1000)} s: ${shown(mutant)}`);
  }

  for (const [part, folders] of Object.entries(parts)) score(part, mutants.filter((mutant) => folders.includes(roomOf(mutant))));
  score('all', mutants);
} finally {
  rmSync(copy, { recursive: true });
}

function score(name, of) {
  const count = of.filter(({ fate }) => fate !== missed).length;
  if (of.length > 0) console.log(`${name.padEnd(10)} ${count} of ${of.length} found: ${(100 * count / of.length).toFixed(1)}%`);
}

function roomOf({ file }) {
  return basename(dirname(file));
}

function tried({ file, text, instead }) {
  const path = join(copy, file), before = readFileSync(path, 'utf8');
  if (before.split(text).length !== 2) throw new Error(`${file} does not have exactly once: ${text}`);
  writeFileSync(path, before.replace(text, () => instead));
  try {
    // All mutants are in this one assembly, and nothing that refers to it need be compiled anew.
    build(['lambdas/CdcDms.Pipeline', '--no-restore', '--no-dependencies']);
    for (const suite of suitesOf(roomOf({ file }))) {
      const { passed, ended } = run(assembly, suite, patience * usualTime(suite));
      if (!passed) return ended ? 'found' : 'ENDLESS';
    }
    return missed;
  } finally {
    writeFileSync(path, before);
  }
}

function usualTime(suite) {
  const name = suite.join(' ');
  if (!usual.has(name)) {
    const began = Date.now();
    const { passed, said } = run(unchanged, suite);
    if (!passed) throw new Error(`Some test fails although nothing is changed: ${said}`);
    usual.set(name, Date.now() - began);
  }
  return usual.get(name);
}

function run(pipeline, suite, timeout) {
  copyFileSync(pipeline, join(tests, 'CdcDms.Pipeline.dll'));
  const { status, error, stdout } = spawnSync(join(tests, 'CdcDms.Pipeline.Tests'), ['-stopOnFail', '-noColor', ...suite],
    { encoding: 'utf8', env: { ...process.env, CDCDMS_HISTORIES: '60' }, timeout, killSignal: 'SIGKILL', maxBuffer: 2 ** 28 });
  if (error && error.code !== 'ETIMEDOUT') throw error;
  return { passed: status === 0, ended: !error, said: stdout };
}

function build(what) {
  const result = spawnSync('dotnet', ['build', ...what, '--verbosity', 'quiet', '-p:RunAnalyzers=false'], { encoding: 'utf8', cwd: copy });
  if (result.status !== 0) throw new Error(`It does not compile: ${result.stdout}`);
}

function shown({ file, text, instead }) {
  return `${file.slice(dirname(file).length + 1)}: ${text.replaceAll(/\s+/g, ' ')} → ${instead.replaceAll(/\s+/g, ' ')}`;
}
