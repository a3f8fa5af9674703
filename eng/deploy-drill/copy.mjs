// A copy of the repository, so that an environment file can be changed and synthesized without a trace in the working tree.
import { execFileSync } from 'node:child_process';
import fs from 'node:fs';
import path from 'node:path';

/** Copies every file that git knows or would know into a folder; node_modules is linked. */
export function copyRepository(repository, folder) {
  const listed = execFileSync('git', ['ls-files', '-z', '--cached', '--others', '--exclude-standard'],
    { cwd: repository, encoding: 'utf8' });
  for (const file of listed.split('\0').filter(Boolean)) {
    const from = path.join(repository, file), to = path.join(folder, file);
    if (!fs.existsSync(from)) continue;
    fs.mkdirSync(path.dirname(to), { recursive: true });
    fs.copyFileSync(from, to);
  }
  fs.symlinkSync(path.join(repository, 'node_modules'), path.join(folder, 'node_modules'));
}

/** Names the repository whose workflows deploy an environment, and has GitHub's provider made. */
export function nameRepository(file) {
  const environment = JSON.parse(fs.readFileSync(file, 'utf8'));
  environment.governance = { ...environment.governance, github: { repository: 'octo-org/pipeline', createProvider: true } };
  fs.writeFileSync(file, JSON.stringify(environment, null, 2));
}

/** Adds a table with a complete definition to an environment file. */
export function addTable(file) {
  const environment = JSON.parse(fs.readFileSync(file, 'utf8'));
  environment.tables.push({ schema: 'public', name: 'drill_extra', target: 'analytics.drill_extra', key: ['id'],
    columns: [{ from: 'id', to: 'id', type: 'bigint' }, { from: 'note', to: 'note', type: 'text' }] });
  fs.writeFileSync(file, JSON.stringify(environment, null, 2));
}
