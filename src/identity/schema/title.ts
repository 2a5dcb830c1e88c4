// Titles of enum values, for front ends.

import { listTitles } from '../../core/texts.ts';
import { builder, enumType } from '../../graphql/builder.ts';
import { languages } from '../texts.ts';

enumType('Locale', 'A language of the product.', languages);

const EnumTitle = builder.objectRef<ReturnType<typeof listTitles>[number]>('EnumTitle').implement({
  description: 'How people call a value of an enum.',
  fields: (t) => ({
    enum: t.exposeString('enum', { description: 'Name of the enum.' }),
    value: t.exposeString('value', { description: 'Value of the enum.' }),
    title: t.exposeString('title', { description: 'Title in the language of the request.' }),
  }),
});

builder.queryFields((t) => ({
  titles: t.field({
    type: [EnumTitle],
    description: 'Titles of all enum values in the language of the request, for front ends.',
    authScopes: { public: true },
    extensions: { listSize: 300 },
    resolve: (_root, _args, { actor }) => listTitles(actor.locale),
  }),
}));
