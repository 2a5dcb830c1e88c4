// Objects that have a code: found by it, or made.

import type { Api } from './api.ts';
import { nodesOf } from './pages.ts';

/** A name in both languages, as inputs take it. */
export const inBoth = (name: { en: string; zh: string }) => [
  { locale: 'en', name: name.en },
  { locale: 'zh', name: name.zh },
];

interface Kind {
  /** Query that lists what is there. */
  list: string;
  /** Mutation that makes one, and the object in its payload. */
  mutation: string;
  noun: string;
}

/** Ids by code of objects; those that are not there are made. */
export async function ensure(
  api: Api,
  { list, mutation, noun }: Kind,
  inputs: readonly { code: string }[],
): Promise<Map<string, string>> {
  type Coded = { id: string; code: string };
  const present = await nodesOf<Coded>(api, list, 'id code');
  const missing = inputs.filter(({ code }) => !present.some((object) => object.code === code));
  const made = await api.actAll<Record<string, Coded>>(mutation, missing, `${noun} { id code }`);
  const all = [...present, ...made.flatMap((payload) => payload[noun] ?? [])];
  return new Map(all.map(({ code, id }) => [code, id]));
}
