// The npm package @20minutes/s3rver as an S3 server on loopback, with a store of our own (object-store.mjs says why).
import { createRequire } from 'node:module';
import { conditions, ObjectStore } from './object-store.mjs';

const require = createRequire(import.meta.url);

export async function startS3(folder) {
  withoutDes();
  const S3rver = require('@20minutes/s3rver');
  const server = new S3rver({
    address: '127.0.0.1', port: 0, directory: folder, silent: true, vhostBuckets: false,
    // It lets unsigned requests pass anyway, and calculates other signatures than the AWS SDK for .NET.
    allowMismatchedSignatures: true,
  });
  server.store = server.context.store = new ObjectStore(folder);
  server.middleware.unshift(async (context, next) => {
    await conditions.run({ ifMatch: context.get('if-match'), ifNoneMatch: context.get('if-none-match') }, next);
    // Its XML is escaped twice; objects are streams, so a text is always XML.
    if (typeof context.body === 'string') context.body = context.body.replaceAll('&amp;', '&');
  });
  const { port } = await server.run();
  server.httpServer.keepAliveTimeout = 300_000; // longer than any client's own, so that no request meets a closing connection
  return {
    ready: { port, accessKeyId: 'S3RVER', secretAccessKey: 'S3RVER' },
    died: new Promise(() => {}),
    stop: () => {
      const closed = server.close();
      server.httpServer.closeAllConnections();
      return closed;
    },
  };
}

/**
 * s3rver encrypts its continuation tokens with single DES, which OpenSSL 3 has only in a provider that may not be installed.
 * A token need not be secret, so AES with the same key and vector twice serves as well.
 */
function withoutDes() {
  const crypto = require('node:crypto');
  for (const make of ['createCipheriv', 'createDecipheriv']) {
    const original = crypto[make];
    crypto[make] = (algorithm, key, vector, options) => algorithm === 'des'
      ? original('aes-128-cbc', Buffer.concat([key, key]), Buffer.concat([vector, vector]), options)
      : original(algorithm, key, vector, options);
  }
}
