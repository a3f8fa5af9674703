// Changes the SQL inside the merge's statements, which a mutation tool for C# takes for mere text, and looks whether some test fails.
// Works on a copy of the committed tree. Prints the mutants that no test found, and the score.
// usage: node .ci/mutation-sql.mjs [TEXT ...]      (only mutants that contain one of the texts)
import { execFileSync, spawnSync } from 'node:child_process';
import { copyFileSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';

const texts = process.argv.slice(2);

// Each says what stands once in a file, and what stands there instead: only what changes what happens.
const mutants = JSON.parse(readFileSync(join(import.meta.dirname, 'mutation-sql.json'), 'utf8'))
  .filter((mutant) => texts.length === 0 || texts.some((text) => Object.values(mutant).join(' ').includes(text)));

// What is likely to find a mutant comes first.
const likely = ['Convergence', 'Register', 'SoftDelete', 'Tombstone', 'Key'].map((name) => `*.${name}Tests`);
const suites = [
  likely.flatMap((tests) => ['-class', tests]),
  ['-class', '*.ModelTests'],
  [
    ...['Merging', 'Quarantine', 'Statements', 'Changes', 'Ledger'].flatMap((room) => ['-namespace', `CdcDms.Pipeline.Tests.${room}`]),
    ...likely.flatMap((tests) => ['-class-', tests]),
  ],
];

const copy = mkdtempSync(join(tmpdir(), 'cdcdms-mutation-'));
const tests = join(copy, 'tests/CdcDms.Pipeline.Tests/bin/Debug/net10.0');
try {
  execFileSync('git', ['clone', '--quiet', '.', copy]);
  build(['tests/CdcDms.Pipeline.Tests']);
  if (suites.some(fails)) throw new Error('Some test fails although nothing is changed.');
  const missed = mutants.filter((mutant, number) => {
    const began = Date.now();
    const fate = tried(mutant);
    console.log(`${number + 1}/${mutants.length} ${fate} in ${Math.round((Date.now() - began) / 1000)} s: ${shown(mutant)}`);
    return fate === 'MISSED';
  });
  console.log(`${mutants.length - missed.length} of ${mutants.length} found: ${(100 * (1 - missed.length / mutants.length)).toFixed(1)}%`);
} finally {
  rmSync(copy, { recursive: true });
}

function tried({ file, text, instead }) {
  const path = join(copy, file), before = readFileSync(path, 'utf8');
  if (before.split(text).length !== 2) throw new Error(`${file} does not have exactly once: ${text}`);
  writeFileSync(path, before.replace(text, () => instead));
  try {
    // All mutants are in this one assembly, and nothing that refers to it need be compiled anew.
    build(['lambdas/CdcDms.Pipeline', '--no-restore', '--no-dependencies']);
    copyFileSync(join(copy, 'lambdas/CdcDms.Pipeline/bin/Debug/net10.0/CdcDms.Pipeline.dll'), join(tests, 'CdcDms.Pipeline.dll'));
    return suites.some(fails) ? 'found' : 'MISSED';
  } finally {
    writeFileSync(path, before);
  }
}

function fails(suite) {
  const { status, error } = spawnSync(join(tests, 'CdcDms.Pipeline.Tests'), ['-stopOnFail', '-noColor', ...suite],
    { stdio: 'ignore', env: { ...process.env, CDCDMS_HISTORIES: '60' } });
  if (status === null) throw error ?? new Error('The tests did not come to their end.');
  return status !== 0;
}

function build(what) {
  const result = spawnSync('dotnet', ['build', ...what, '--verbosity', 'quiet', '-p:RunAnalyzers=false'], { encoding: 'utf8', cwd: copy });
  if (result.status !== 0) throw new Error(`It does not compile: ${result.stdout}`);
}

function shown({ file, text, instead }) {
  return `${file.slice(dirname(file).length + 1)}: ${text.replaceAll(/\s+/g, ' ')} → ${instead.replaceAll(/\s+/g, ' ')}`;
}
