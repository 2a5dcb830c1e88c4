// Internet addresses and networks: read, and one inside the other.

import { BlockList, isIP } from 'node:net';
import { hashToken } from './secrets.ts';

interface Network {
  address: string;
  prefix: number;
  family: 'ipv4' | 'ipv6';
}

/** A network in CIDR notation, or one address; null when it is neither. */
export function readNetwork(text: string): Network | null {
  const [address = '', length, ...rest] = text.split('/');
  const version = address.includes('%') ? 0 : isIP(address);
  const bits = version === 4 ? 32 : 128;
  const prefix = length === undefined ? bits : /^\d{1,3}$/.test(length) ? Number(length) : bits + 1;
  if (version === 0 || prefix > bits || rest.length > 0) return null;
  return { address, prefix, family: version === 4 ? 'ipv4' : 'ipv6' };
}

/** An address as people write it, or null. A server that listens for both families calls 192.0.2.1 ::ffff:192.0.2.1. */
export function plainAddress(address: string | null | undefined): string | null {
  const plain = (address ?? '')
    .trim()
    .replace(/^::ffff:(?=\d+\.)/i, '')
    .replace(/%.*$/, '');
  return isIP(plain) === 0 ? null : plain;
}

/**
 * The network that a subscriber usually has to themselves, for whoever counts callers by where they call from: one IPv4
 * address, or the 64 bits of an IPv6 address that they cannot choose. Null for what is no address.
 */
export function subscriberNetwork(address: string | null): string | null {
  const plain = plainAddress(address);
  if (plain === null || isIP(plain) === 4) return plain;
  const [head = '', tail] = new URL(`http://[${plain}]`).hostname.slice(1, -1).split('::');
  const [groups, last] = [head, tail ?? ''].map((part) => part.split(':').filter(Boolean));
  const zeros = Array(8 - (groups?.length ?? 0) - (last?.length ?? 0)).fill('0');
  return `${[...(groups ?? []), ...zeros, ...(last ?? [])].slice(0, 4).join(':')}::/64`;
}

/** Under what the callers of a network are counted: a keyed hash, because addresses are personal. Who has no address is of one network. */
export const networkHash = (address: string | null): string => hashToken(subscriberNetwork(address) ?? '');

/** Networks, to look addresses up in. What is no network counts for nothing. */
export function networksOf(texts: readonly string[]): BlockList {
  const networks = new BlockList();
  for (const text of texts) {
    const network = readNetwork(text);
    if (network) networks.addSubnet(network.address, network.prefix, network.family);
  }
  return networks;
}

/** True when an address lies in one of the networks. */
export function isInNetworks(networks: BlockList, address: string | null): boolean {
  const plain = plainAddress(address);
  return plain !== null && networks.check(plain, isIP(plain) === 4 ? 'ipv4' : 'ipv6');
}

/** True when all of a network lies in a wider one. */
export function isWithinNetwork(text: string, widerText: string): boolean {
  const [network, wider] = [readNetwork(text), readNetwork(widerText)];
  if (!network || !wider || network.family !== wider.family || network.prefix < wider.prefix) return false;
  return networksOf([widerText]).check(network.address, network.family);
}
