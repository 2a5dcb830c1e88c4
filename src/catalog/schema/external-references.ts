// Looking goods up by what the systems of the department and its partners call them: not for shoppers.

import { type Actor, isInternal } from '../../core/actor.ts';
import { problem } from '../../core/errors.ts';
import { badInput } from '../../graphql/builder.ts';

const text = {
  en: 'Only the department and its partners filter by external references.',
  zh: '仅部门及其合作伙伴可按外部编号筛选。',
};

/** Goods that are called so; all where nothing is asked for. */
export function calledSoBy(actor: Actor, externalReferences: string[] | undefined) {
  if (externalReferences === undefined) return {};
  if (!isInternal(actor))
    throw badInput(text, [problem('NOT_PERMITTED', { path: ['where', 'externalReferences'] })]);
  return { externalReference: { in: externalReferences } };
}
