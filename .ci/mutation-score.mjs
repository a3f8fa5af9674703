// Prints what the reports of a mutation run say: the mutants that no test found, then the score of each file, of each part and of all.
import { readFileSync } from 'node:fs';
import { basename, dirname } from 'node:path';

// By the folders of the code.
const parts = {
  statements: ['Statements'], versions: ['Changes'], ledger: ['Ledger'], refusals: ['Quarantine'], listing: ['Lake', 'Merging'],
};

const found = ['Killed', 'Timeout'], missed = ['Survived', 'NoCoverage'];
const files = process.argv.slice(2)
  .flatMap((report) => Object.entries(JSON.parse(readFileSync(report, 'utf8')).files))
  .map(([path, { mutants }]) => ({ path, mutants: mutants.filter(({ status }) => [...found, ...missed].includes(status)) }))
  .filter(({ mutants }) => mutants.length > 0);

for (const { path, mutants } of files)
  for (const { status, location, mutatorName, replacement } of mutants.filter((mutant) => missed.includes(mutant.status)))
    console.log(`${basename(path)}:${location.start.line} ${status}, ${mutatorName}: ${replacement.replaceAll(/\s+/g, ' ').slice(0, 120)}`);

for (const { path, mutants } of files) score(basename(path), mutants);
for (const [part, folders] of Object.entries(parts))
  score(part, files.filter(({ path }) => folders.includes(basename(dirname(path)))).flatMap(({ mutants }) => mutants));
score('all', files.flatMap(({ mutants }) => mutants));

function score(name, mutants) {
  if (mutants.length === 0) return;
  const count = mutants.filter(({ status }) => found.includes(status)).length;
  console.log(`${name.padEnd(24)} ${count} of ${mutants.length} found: ${(100 * count / mutants.length).toFixed(1)}%`);
}
