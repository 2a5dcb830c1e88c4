// A bare WebSocket that speaks graphql-transport-ws by hand, for what no client library would send.

import { once } from 'node:events';
import WebSocket from 'ws';
import type { Closing } from './stream.ts';

export interface Message {
  type: string;
  id?: string;
  payload?: unknown;
}

export interface BareSocket {
  send(message: Message | string): void;
  /** The next message, or how the socket closed. */
  next(): Promise<Message | Closing>;
  closed: Promise<Closing>;
  /** Say hello and wait for the acknowledgement. */
  greet(payload?: object): Promise<void>;
  close(): void;
  socket: WebSocket;
}

/** Connect; the server may refuse only after the protocol was agreed on. */
export async function openBareSocket(
  wsUrl: string,
  protocol: string | null = 'graphql-transport-ws',
  headers = {},
): Promise<BareSocket> {
  const socket = new WebSocket(wsUrl, protocol ?? [], { headers });
  const messages: (Message | Closing)[] = [];
  let wake = () => {};
  socket.on('message', (data) => {
    messages.push(JSON.parse(String(data)) as Message);
    wake();
  });
  const closed = new Promise<Closing>((resolve) => {
    socket.on('close', (code, reason) => {
      messages.push({ code, reason: String(reason) });
      wake();
      resolve({ code, reason: String(reason) });
    });
  });
  await once(socket, 'open');
  const next = async () => {
    while (messages.length === 0) await new Promise<void>((resolve) => (wake = resolve));
    return messages.shift() as Message | Closing;
  };
  const send = (message: Message | string) =>
    socket.send(typeof message === 'string' ? message : JSON.stringify(message));
  return {
    send,
    next,
    closed,
    socket,
    async greet(payload = {}) {
      send({ type: 'connection_init', payload } as Message);
      const answer = await next();
      if (!('type' in answer) || answer.type !== 'connection_ack')
        throw new Error(`no greeting: ${JSON.stringify(answer)}`);
    },
    close: () => socket.close(),
  };
}
