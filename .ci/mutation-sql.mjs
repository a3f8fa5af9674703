// Changes the SQL inside the merge's statements, which a mutation tool for C# takes for mere text, and looks whether some test fails.
// Works on a copy of the committed tree. Prints the mutants that no test found, and the score.
// usage: node .ci/mutation-sql.mjs [TEXT ...]      (only mutants that contain one of the texts)
import { execFileSync, spawnSync } from 'node:child_process';
import { copyFileSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';

const merge = 'lambdas/CdcDms.Pipeline/Statements/MergeSql.cs';
const staging = 'lambdas/CdcDms.Pipeline/Statements/StagingSql.cs';
const swap = 'lambdas/CdcDms.Pipeline/Statements/GenerationSwap.cs';
const registers = 'lambdas/CdcDms.Pipeline/Statements/RegisterSql.cs';
const query = 'lambdas/CdcDms.Pipeline/Changes/ChangeQuery.cs';
const ledger = 'lambdas/CdcDms.Pipeline/Ledger/TableLedger.cs';
const files = 'lambdas/CdcDms.Pipeline/Ledger/FileLedger.cs';
const quarantine = 'lambdas/CdcDms.Pipeline/Quarantine/ChangeQuarantine.cs';

const texts = process.argv.slice(2);

// file, the text as it stands there once, and what stands there instead; only what changes what happens
const mutants = [
  [staging, 'ORDER BY version DESC, deleted DESC', 'ORDER BY version, deleted DESC'],
  [staging, 'r.rank > 1', 'r.rank > 2'],
  [merge, 'WHERE $1 = 0{(_soft', 'WHERE true{(_soft'],
  [merge, '{(_soft ? "" : $" AND NOT EXISTS ({Tombstone("true")})")}\n        ON CONFLICT ({_keyNames}) DO NOTHING', '\n        ON CONFLICT ({_keyNames}) DO NOTHING'],
  [merge, 'WHERE s.deleted AND s.version > $1\n          AND NOT EXISTS', 'WHERE s.deleted\n          AND NOT EXISTS'],
  [merge, 'AND t.{Version} >= s.version")})', 'AND t.{Version} > s.version")})'],
  [merge, 'AND t.{Version} >= s.version")})', '")})'],
  [merge, 'WHERE x.{Version} < EXCLUDED.{Version}', ''],
  [merge, '{Staging.Match("t")} AND t.{Version} < s.version\n        """;\n\n    /// <summary>Marks', '{Staging.Match("t")}\n        """;\n\n    /// <summary>Marks'],
  [merge, 'WHERE s.deleted AND s.version > $1 AND {Staging.Match("t")} AND t.{Version} < s.version\n          AND', 'WHERE s.deleted AND {Staging.Match("t")} AND t.{Version} < s.version\n          AND'],
  [merge, 'AND t.{Version} < s.version\n          AND (t.{DeleteVersion} IS NULL', '\n          AND (t.{DeleteVersion} IS NULL'],
  [merge, '(t.{DeleteVersion} IS NULL OR t.{DeleteVersion} < s.version)', 't.{DeleteVersion} IS NULL'],
  [merge, '(s.version > $1 OR $1 = 0)', 'true'],
  [merge, '(s.version > $1 OR $1 = 0)', '(s.version >= $1 OR $1 = 0)'],
  [merge, 'NOT EXISTS ({Tombstone($"x.{Version} >= s.version")})', 'true'],
  [merge, '{Tombstone($"x.{Version} >= s.version")}', '{Tombstone($"x.{Version} > s.version")}'],
  [merge, 'WHERE t.{Version} < EXCLUDED.{Version}{', 'WHERE t.{Version} <= EXCLUDED.{Version}{'],
  [merge, 'WHERE t.{Version} < EXCLUDED.{Version}{', 'WHERE true{'],
  [merge, 'RETURNING t.xmax = 0 AS is_new', 'RETURNING true AS is_new'],
  [merge, 'WHERE NOT s.deleted AND {Staging.Match("x")} AND x.{Version} < s.version', 'WHERE NOT s.deleted AND {Staging.Match("x")}'],
  [merge, 'NOT s.deleted AND {Staging.Match("x")} AND {Staging.Match("t")}', 'NOT s.deleted AND {Staging.Match("x")} AND {Staging.Match("t")} AND false'],
  [merge, 'h.held = s.version AND NOT h.fresh)', 'h.held = s.version)'],
  [merge, '(h.held > s.version AND NOT h.fresh)', 'h.held > s.version'],
  [merge, 's.version <= $1 AND $1 > 0 AS below', 'false AS below'],
  [merge, '.cmin::text::bigint > s.cmin', '.cmin::text::bigint >= 0 OR 0 > s.cmin'],
  [swap, 'WHERE {Version} < $1 AND {DeleteVersion} IS NULL"', 'WHERE {Version} < $1"'],
  [swap, '$"DELETE FROM {Target} WHERE {Version} < $1"', '$"DELETE FROM {Target} WHERE {Version} <= $1"'],
  [swap, 'WHERE {Version} <= $1"', 'WHERE {Version} < $1 - 1000"'],
  [merge, '$"NOT s.deleted AND s.version <= $1', '$"s.version <= $1'],
  [merge, 'AND NOT EXISTS ({Tombstone("true")})";', '";'],
  [merge, 'greatest(t.{Version}, t.{DeleteVersion}, x.{Version}) ELSE', 'greatest(t.{Version}, x.{Version}) ELSE'],
  [merge, 'CASE WHEN x.{Version} > s.version THEN x.{Version} END', 'x.{Version}'],
  [merge, 'CASE WHEN t.{DeleteVersion} > EXCLUDED.{Version} THEN t.{DeleteVersion} END', 't.{DeleteVersion}'],
  [merge, 'CASE WHEN t.{DeleteVersion} > EXCLUDED.{Version} THEN t.{DeleteVersion} END', 'NULL'],
  [merge, '{Version} = greatest(t.{Version}, EXCLUDED.{Version})', '{Version} = EXCLUDED.{Version}'],
  [registers, '> coalesce(x.{Version}, -1) THEN', '> -1 THEN'],
  [registers, '$"greatest({Held("t", name)}, {Held("EXCLUDED", name)})"', 'Held("EXCLUDED", name)'],
  [registers, '< s.version THEN NULL ELSE', '< s.version THEN t.{Sql.Identifier(name)} ELSE'],
  [registers, 'greatest(r.value::numeric, s.version)', 'r.value::numeric'],
  [registers, 'WHERE r.held <> {rowVersion}', 'WHERE r.held > {rowVersion}'],
  [registers, '$"greatest({version}, x.{Version}, -1)"', '$"coalesce({version}, -1)"'],
  [query, '{_version} * 4 + CASE', '0 - {_version} * 4 + CASE'],
  [query, "WHEN 'D' THEN 2 WHEN 'U' THEN 1 ELSE 0 END", "WHEN 'D' THEN 0 WHEN 'U' THEN 1 ELSE 2 END"],
  [query, "WHERE {_operation} = 'I' OR", 'WHERE false OR'],
  [query, '= w.row_id THEN s.c{index} ELSE', '= w.row_id THEN s.c{index} WHEN true THEN NULL ELSE'],
  [files, 'f.etag = o.etag AND f.modified_at = o.modified_at)\n            AND', 'f.etag = o.etag)\n            AND'],
  [files, 'f.key = o.key AND f.etag = o.etag AND', 'f.key = o.key AND'],
  [ledger, 'greatest(purge_floor, (SELECT max(version) FROM forgotten))', 'purge_floor'],
  [ledger, 'WHERE id = $1 AND parked_cause IS NULL', 'WHERE id = $1'],
  [quarantine, 'b.floor > 0)', 'false)'],
  [quarantine, 'x.{Version} >= q.version', 'x.{Version} > q.version + 1000'],
  [quarantine, '" AND q.operation = \'D\'"', '""'],
  [quarantine, 'r.value::numeric < q.version', 'false'],
  [quarantine, 'quarantined_at >= now()', 'false'],
].filter((mutant) => texts.length === 0 || texts.some((text) => mutant.join(' ').includes(text)));

// What is likely to find a mutant comes first.
const likely = ['Convergence', 'Register', 'SoftDelete', 'Tombstone', 'Key'].map((tests) => `CdcDms.Pipeline.Tests.Statements.${tests}Tests`);
const suites = [
  likely.flatMap((tests) => ['-class', tests]),
  ['-class', 'CdcDms.Pipeline.Tests.Model.ModelTests'],
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
    const fate = tried(...mutant);
    console.log(`${number + 1}/${mutants.length} ${fate} in ${Math.round((Date.now() - began) / 1000)} s: ${shown(mutant)}`);
    return fate === 'MISSED';
  });
  console.log(`${mutants.length - missed.length} of ${mutants.length} found: ${(100 * (1 - missed.length / mutants.length)).toFixed(1)}%`);
} finally {
  rmSync(copy, { recursive: true });
}

function tried(file, text, instead) {
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

function shown([file, text, instead]) {
  return `${file.slice(dirname(file).length + 1)}: ${text.replaceAll(/\s+/g, ' ')} → ${instead.replaceAll(/\s+/g, ' ')}`;
}
