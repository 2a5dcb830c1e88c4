// Where a request comes from, behind the proxies of the department.

import type { IncomingMessage } from 'node:http';
import { BlockList } from 'node:net';
import { isInNetworks, plainAddress } from './networks.ts';

let trustedProxies = new BlockList();

/** Name the proxies that are believed when they say for whom they ask. */
export const setTrustedProxies = (networks: BlockList): void => {
  trustedProxies = networks;
};

/** The nearest address that is no trusted proxy. What stands before it may be invented. */
export function addressOf(request: IncomingMessage): string | null {
  const forwarded = String(request.headers['x-forwarded-for'] ?? '').split(',');
  let nearest: string | null = null;
  for (const address of [...forwarded, request.socket.remoteAddress].reverse()) {
    const plain = plainAddress(address);
    if (plain === null) return nearest;
    nearest = plain;
    if (!isInNetworks(trustedProxies, plain)) return nearest;
  }
  return nearest;
}
