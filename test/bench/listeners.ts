// A crowd of WebSockets in a process of its own: each says hello, subscribes, and tells when something came.

import WebSocket from 'ws';

/** Whom to connect to, and what to say: nothing to a server that speaks no protocol. */
export interface Crowd {
  url: string;
  count: number;
  /** Tokens, each for as many sockets as one caller may have subscriptions. */
  tokens: string[];
  query: string | null;
}

/** How many messages came since the last question, and when the last of them did. */
export interface Heard {
  count: number;
  /** `performance.timeOrigin + performance.now()`, in ms, which all processes of a machine share. */
  lastAt: number;
  bytes: number;
}

const heard: Heard = { count: 0, lastAt: 0, bytes: 0 };
const AT_ONCE = 50;

const open = ({ url, tokens, query }: Crowd, number: number): Promise<void> =>
  new Promise((resolve, reject) => {
    const socket = new WebSocket(url, query ? 'graphql-transport-ws' : [], {
      perMessageDeflate: false,
      skipUTF8Validation: true,
    });
    let isReady = false;
    const ready = () => {
      isReady = true;
      resolve();
    };
    const token = tokens[number % tokens.length];
    socket.on('open', () => {
      if (query)
        socket.send(
          JSON.stringify({ type: 'connection_init', payload: { authorization: `Bearer ${token}` } }),
        );
      else ready();
    });
    socket.on('message', (data: Buffer) => {
      if (isReady) {
        // What keeps a connection alive is no event.
        if (data.includes('"type":"ping"')) return socket.send('{"type":"pong"}');
        heard.count++;
        heard.bytes += data.length;
        heard.lastAt = performance.timeOrigin + performance.now();
        return;
      }
      const { type } = JSON.parse(data.toString()) as { type: string };
      if (type === 'connection_ack')
        socket.send(JSON.stringify({ id: '1', type: 'subscribe', payload: { query } }));
      else if (type === 'next') ready();
      else if (type !== 'ping') reject(new Error(`a subscription was refused: ${data}`));
    });
    socket.on('error', reject);
    socket.on('close', (code, reason) => reject(new Error(`a socket was closed: ${code} ${reason}`)));
  });

async function connect(crowd: Crowd): Promise<void> {
  let next = 0;
  const some = async () => {
    while (next < crowd.count) await open(crowd, next++);
  };
  await Promise.all(Array.from({ length: AT_ONCE }, some));
}

process.on('message', ({ id, crowd, ask }: { id: number; crowd?: Crowd; ask?: true }) => {
  if (crowd)
    connect(crowd).then(
      () => process.send?.({ id, result: null }),
      (error: Error) => process.send?.({ id, failure: error.message }),
    );
  if (ask) {
    process.send?.({ id, result: { ...heard } });
    heard.count = 0;
    heard.bytes = 0;
  }
});
process.on('disconnect', () => process.exit());
