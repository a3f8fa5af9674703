// The npm package kinesalite as a Kinesis server on loopback; its streams live in memory.
import { once } from 'node:events';
import { createRequire } from 'node:module';

const require = createRequire(import.meta.url);

export async function startKinesis() {
  const server = require('kinesalite')({ createStreamMs: 10, updateStreamMs: 10, deleteStreamMs: 10 }).listen(0, '127.0.0.1');
  await once(server, 'listening');
  server.keepAliveTimeout = 300_000; // longer than any client's own, so that no request meets a closing connection
  return {
    ready: { port: server.address().port },
    died: new Promise(() => {}),
    stop: () => {
      const closed = once(server, 'close');
      server.close();
      server.closeAllConnections();
      return closed;
    },
  };
}
