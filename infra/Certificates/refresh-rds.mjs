// Makes rds.pem, the root certificates of RDS by region, anew from the bundle that AWS publishes, and checks each of them.
// usage: node infra/Certificates/refresh-rds.mjs [BUNDLE.pem]      (without a file: downloads AWS's)
// Source: https://docs.aws.amazon.com/AmazonRDS/latest/UserGuide/UsingWithRDS.SSL.html
import { X509Certificate } from 'node:crypto';
import { readFileSync, writeFileSync } from 'node:fs';

const published = 'https://truststore.pki.rds.amazonaws.com/global/global-bundle.pem';
const root = /^CN=Amazon RDS (?<region>[a-z0-9-]+) Root CA (?<kind>(RSA2048|RSA4096|ECC384) G\d+)$/m;

async function bundle(file) {
  if (file) return readFileSync(file, 'utf8');
  const answer = await fetch(published);
  if (!answer.ok) throw new Error(`${published} answers ${answer.status}.`);
  return answer.text();
}

/** A root of one region, or undefined for what is none: intermediates, and roots from before 2021, which name no algorithm. */
function read(pem) {
  const certificate = new X509Certificate(pem);
  const name = root.exec(certificate.subject)?.groups;
  if (!name) return undefined;
  const title = `${name.region} ${name.kind}`;
  const until = new Date(certificate.validTo);
  if (!certificate.ca || !certificate.verify(certificate.publicKey)) throw new Error(`${title} is no self-signed authority.`);
  if (until < new Date()) throw new Error(`${title} expired on ${certificate.validTo}.`);
  return { title, until: until.toISOString().slice(0, 10), pem };
}

const text = await bundle(process.argv[2]);
const roots = [...text.matchAll(/-----BEGIN CERTIFICATE-----[^-]+-----END CERTIFICATE-----/g)]
  .map(([pem]) => read(pem.replaceAll('\r', '')))
  .filter(Boolean)
  .sort((a, b) => (a.title < b.title ? -1 : 1));
if (roots.length === 0) throw new Error('The bundle has no root certificate of RDS.');
const twice = roots.find(({ title }, index) => title === roots[index + 1]?.title);
if (twice) throw new Error(`The bundle has ${twice.title} twice.`);

writeFileSync(new URL('rds.pem', import.meta.url), roots.map(({ title, until, pem }) => `# ${title}, until ${until}\n${pem}\n`).join(''));
const first = roots.reduce((a, b) => (a.until <= b.until ? a : b));
console.log(`${roots.length} roots; the first to expire is ${first.title}, on ${first.until}.`);
