// Calls to addresses that others name: to the public internet only, and no answer is waited for or read without bounds.

import { lookup as systemLookup } from 'node:dns';
import { Resolver } from 'node:dns/promises';
import { type IncomingMessage, request as requestHttp } from 'node:http';
import { request as requestHttps } from 'node:https';
import { isIP, type LookupFunction } from 'node:net';
import { networksOf } from './networks.ts';

const CALL_MS = 10_000;
const DNS_MS = 3_000;

/** Of IPv4 all is public but this. https://www.iana.org/assignments/iana-ipv4-special-registry */
const notPublic4 = networksOf([
  '0.0.0.0/8',
  '10.0.0.0/8',
  '100.64.0.0/10',
  '127.0.0.0/8',
  '169.254.0.0/16',
  '172.16.0.0/12',
  '192.0.0.0/24',
  '192.0.2.0/24',
  '192.31.196.0/24',
  '192.52.193.0/24',
  '192.88.99.0/24',
  '192.168.0.0/16',
  '192.175.48.0/24',
  '198.18.0.0/15',
  '198.51.100.0/24',
  '203.0.113.0/24',
  '224.0.0.0/3',
]);

/** Of IPv6 this alone is public, without addresses in it that lead elsewhere or nowhere: Teredo, 6to4, examples. */
const public6 = networksOf(['2000::/3']);
const notPublic6 = networksOf(['2001::/23', '2001:db8::/32', '2002::/16', '2620:4f:8000::/48', '3fff::/20']);

/** True for an address of the public internet. IPv4 that is wrapped in IPv6 is none. */
export function isPublicAddress(address: string): boolean {
  if (isIP(address) === 4) return !notPublic4.check(address, 'ipv4');
  const isPlain = isIP(address) === 6 && !address.includes('%');
  return isPlain && public6.check(address, 'ipv6') && !notPublic6.check(address, 'ipv6');
}

/** The addresses of a host. */
type Resolve = (host: string) => Promise<readonly string[]>;

// Asked over the network and not of the system, whose few threads a slow name server of somebody else would occupy.
const askNameServers: Resolve = async (host) => {
  if (isLocalhost(host)) return ['127.0.0.1', '::1'];
  const resolver = new Resolver({ timeout: DNS_MS, tries: 2 });
  const answers = await Promise.allSettled([resolver.resolve4(host), resolver.resolve6(host)]);
  const addresses = answers.flatMap((answer) => (answer.status === 'fulfilled' ? answer.value : []));
  if (addresses.length === 0) throw new EgressError('UNREACHABLE', `the name ${host} has no address`);
  return addresses;
};

let privateAllowed = false;
let resolve: Resolve = askNameServers;

/** Allow private addresses and `http`, or not. `resolveBy` asks somebody else for addresses: for tests. */
export function setEgress(rules: { allowPrivate: boolean; resolveBy?: Resolve }): void {
  privateAllowed = rules.allowPrivate;
  resolve = rules.resolveBy ?? askNameServers;
}

/**
 * Why an address must not be called: `INSECURE` without TLS, `PRIVATE` when it names a host by a number that is not
 * public. Null when it may be, as far as that can be told before the call: names are looked up when it is made.
 */
export function egressProblem(target: string): 'INSECURE' | 'PRIVATE' | null {
  if (privateAllowed) return null;
  const url = new URL(target);
  if (url.protocol !== 'https:') return 'INSECURE';
  const host = hostOf(url);
  return isLocalhost(host) || (isIP(host) !== 0 && !isPublicAddress(host)) ? 'PRIVATE' : null;
}

/** Why there is no answer. */
export type EgressFailure = 'NOT_PUBLIC' | 'TIMED_OUT' | 'UNTRUSTED' | 'UNREACHABLE';

export class EgressError extends Error {
  readonly failure: EgressFailure;
  constructor(failure: EgressFailure, message: string) {
    super(message);
    this.failure = failure;
  }
}

export interface EgressAnswer {
  status: number;
  /** The body, or its beginning. */
  text: string;
  /** How the body ended: as it should, with more than was wanted, or the connection broke or the time was over first. */
  end: 'WHOLE' | 'TOO_LONG' | 'BROKEN';
}

export interface EgressMessage {
  headers: Readonly<Record<string, string>>;
  body: string;
  /** Bytes of the answer that are read at most. */
  answerBytesMax: number;
}

/**
 * POST to an address. The host is resolved once, and the connection made to an address that was found to be public, so
 * that a name cannot be one thing when it is checked and another when it is called. Redirects are answers like others.
 * Ten seconds are for all of it. Rejects with an EgressError while there is no status.
 */
export function post(target: string, message: EgressMessage): Promise<EgressAnswer> {
  const url = new URL(target);
  const host = hostOf(url);
  if (isIP(host) !== 0 && !isAllowed(host)) return Promise.reject(notPublic(host));
  if (url.protocol !== 'https:' && !privateAllowed)
    return Promise.reject(new EgressError('UNTRUSTED', 'the address is not https'));
  return new Promise((settle, reject) => {
    let answer: IncomingMessage | null = null;
    const chunks: Buffer[] = [];
    const finish = (end: EgressAnswer['end']) => {
      clearTimeout(timer);
      const text = Buffer.concat(chunks).subarray(0, message.answerBytesMax).toString('utf8');
      settle({ status: answer?.statusCode ?? 0, text, end });
      request.destroy();
    };
    const fail = (error: Error) => {
      clearTimeout(timer);
      reject(error instanceof EgressError ? error : failureOf(error));
      request.destroy();
    };
    const request = (url.protocol === 'https:' ? requestHttps : requestHttp)(url, {
      method: 'POST',
      headers: { ...message.headers, 'content-length': String(Buffer.byteLength(message.body)) },
      agent: false,
      lookup,
    });
    const timer = setTimeout(() => {
      if (answer) finish('BROKEN');
      else fail(new EgressError('TIMED_OUT', 'no answer within ten seconds'));
    }, CALL_MS);
    request.on('error', (error) => (answer ? finish('BROKEN') : fail(error)));
    // Also without an error: a server that wants to speak something else than HTTP.
    request.on('close', () => {
      if (!answer) fail(new EgressError('UNREACHABLE', 'the connection was closed'));
    });
    request.on('response', (response) => {
      answer = response;
      let bytes = 0;
      response.on('data', (chunk: Buffer) => {
        chunks.push(chunk);
        bytes += chunk.byteLength;
        if (bytes > message.answerBytesMax) finish('TOO_LONG');
      });
      response.on('end', () => finish('WHOLE'));
      response.on('error', () => finish('BROKEN'));
      response.on('close', () => finish('BROKEN'));
    });
    request.end(message.body);
  });
}

/** The lookup of the connection itself: what it answers is what is connected to. */
const lookup: LookupFunction = (host, options, answer) => {
  if (privateAllowed && resolve === askNameServers) return systemLookup(host, options, answer);
  resolve(host).then(
    (addresses) => {
      const allowed = addresses.filter(isAllowed).map((address) => ({ address, family: isIP(address) }));
      const [first] = allowed;
      if (!first) answer(notPublic(host), '', 0);
      else if (options.all) answer(null, allowed);
      else answer(null, first.address, first.family);
    },
    (error: Error) => answer(error, '', 0),
  );
};

const isAllowed = (address: string): boolean => privateAllowed || isPublicAddress(address);

const notPublic = (host: string) =>
  new EgressError('NOT_PUBLIC', `${host} is not on the public internet: it is not called`);

const isLocalhost = (host: string): boolean => /(^|\.)localhost\.?$/i.test(host);

const hostOf = ({ hostname }: URL): string => hostname.replace(/^\[|\]$/g, '');

/** Codes of OpenSSL and of Node that say that a certificate is not to be trusted. */
const UNTRUSTED = /CERT|^ERR_TLS|^UNABLE_TO_|SELF_SIGNED|^ERR_SSL|^EPROTO$/;

function failureOf(error: Error): EgressError {
  const { code = '' } = error as NodeJS.ErrnoException;
  if (UNTRUSTED.test(code)) return new EgressError('UNTRUSTED', `no trusted TLS: ${code}`);
  return new EgressError('UNREACHABLE', code === '' ? 'the connection broke' : `no connection: ${code}`);
}
