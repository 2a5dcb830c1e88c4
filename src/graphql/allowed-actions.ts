// `allowedActions`: what can be done with an object now, by the caller, and why not, so that a front end never guesses.

import { messageOf, type Problem } from '../core/errors.ts';
import { builder } from './builder.ts';

/** An act and the problem with which it would be refused now; null when it would be done. */
export interface AllowedAction<Action extends string> {
  action: Action;
  refusal: Problem | null;
}

/** The type of one entry of `allowedActions`, for a type of object and the enum of its acts. */
export const allowedActionType = <Action extends string>(type: string, actionEnum: unknown) =>
  builder.objectRef<AllowedAction<Action>>(`Allowed${type}Action`).implement({
    description: `Whether something can be done with a ${type} now, by the caller.`,
    fields: (t) => ({
      action: t.field({
        type: actionEnum as never,
        description: 'What could be done.',
        resolve: ({ action }) => action as never,
      }),
      allowed: t.boolean({
        description: 'True when the object and the caller’s permissions allow it.',
        resolve: ({ refusal }) => refusal === null,
      }),
      reasonCode: t.string({
        nullable: true,
        description: 'Code with which it would be refused.',
        resolve: ({ refusal }) => refusal?.code ?? null,
      }),
      reason: t.string({
        nullable: true,
        description: 'Why not, in the language of the request.',
        resolve: ({ refusal }, _args, { actor }) => refusal && messageOf(refusal, actor.locale),
      }),
    }),
  });
