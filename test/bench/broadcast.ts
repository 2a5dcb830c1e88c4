// The bare minimum to tell many: `ws`, and one text to every socket. Beside it the events of Dayshift are measured.

import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { WebSocketServer } from 'ws';

const server = createServer();
const sockets = new WebSocketServer({ server, perMessageDeflate: false });

process.on('message', ({ id, tell }: { id: number; tell?: string }) => {
  if (tell === undefined) return;
  for (const client of sockets.clients) client.send(tell);
  process.send?.({ id, result: null });
});
server.listen(0, '127.0.0.1', () =>
  process.stdout.write(`serves http://127.0.0.1:${(server.address() as AddressInfo).port}\n`),
);
process.once('SIGTERM', () => process.exit(0));
