// Holds every synthesized template against the rules AwsSolutions of cdk-nag. A finding is cured, or eng/nag/accepted.json says in a full
// sentence why it may stay; an entry of that file that no finding needs any more fails too.
// usage: node eng/nag/check.mjs FOLDER [--json]      (FOLDER made by .ci/synth; after npm ci in eng/nag)
import fs from 'node:fs';
import path from 'node:path';
import { App, Stack } from 'aws-cdk-lib';
import { CfnInclude } from 'aws-cdk-lib/cloudformation-include';
import { AwsSolutionsChecks } from 'cdk-nag';

const [folder, ...options] = process.argv.slice(2);
const accepted = JSON.parse(fs.readFileSync(path.join(import.meta.dirname, 'accepted.json'), 'utf8'));
const findings = fs.readdirSync(folder).sort().flatMap(name => findingsOf(path.join(folder, name)));
if (options.includes('--json')) console.log(JSON.stringify(findings, null, 2));

const isWhole = (pattern, text) => new RegExp(`^(?:${pattern})$`).test(text);
const isFor = (entry, finding) => isWhole(entry.rule, finding.rule) && isWhole(entry.resource, finding.resource)
  && finding.anywhere.every(action => entry.actions?.includes(action));
const open = findings.filter(finding => !accepted.some(entry => isFor(entry, finding)));
const stale = accepted.filter(entry => !findings.some(finding => isFor(entry, finding)));
for (const finding of open) console.error(`${finding.rule} ${finding.resource}: ${finding.says} ${finding.anywhere.join(' ')}`.trimEnd());
for (const entry of stale) console.error(`eng/nag/accepted.json: ${entry.id} accepts what is not found any more; take it out.`);
console.error(`${findings.length} findings, ${open.length} not accepted; ${accepted.length} reasons, ${stale.length} stale.`);
process.exitCode = open.length + stale.length === 0 ? 0 : 1;

/** What the rules find in the templates of one environment; a resource is STACK/LOGICAL. */
function findingsOf(assembly) {
  const app = new App({ analyticsReporting: false });
  const templates = fs.readdirSync(assembly).filter(file => file.endsWith('.template.json'));
  if (templates.length === 0) throw new Error(`${assembly} holds no template; .ci/synth makes them.`);
  for (const file of templates)
    new CfnInclude(new Stack(app, path.basename(file, '.template.json')), 'Template', { templateFile: path.join(assembly, file) });
  const checked = new AwsSolutionsChecks(app).validateScope(app);
  return checked.violations.flatMap(({ ruleName: rule, description: says, violatingResources }) => violatingResources.map(found => {
    const [stack, , logical] = found.constructPath.split('/');
    const isAnywhere = rule.endsWith('[Resource::*]');
    return { rule, resource: `${stack}/${logical}`, says, anywhere: isAnywhere ? anywhere(assembly, stack, logical) : [] };
  }));
}

/** What a policy allows on any resource. To the rules that is one finding, whatever the actions are. */
function anywhere(assembly, stack, logical) {
  const { Resources } = JSON.parse(fs.readFileSync(path.join(assembly, `${stack}.template.json`), 'utf8'));
  return Resources[logical].Properties.PolicyDocument.Statement.filter(statement => [statement.Resource].flat().includes('*'))
    .flatMap(statement => statement.Action);
}
