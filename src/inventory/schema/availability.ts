// What a store can sell of a variant now, for everybody who may see the store.

import DataLoader from 'dataloader';
import { z } from 'zod';
import { visibleStores } from '../../catalog/access.ts';
import { type Actor, isShopper } from '../../core/actor.ts';
import { db } from '../../core/db.ts';
import { idOf } from '../../core/inputs.ts';
import { now } from '../../core/time.ts';
import { builder } from '../../graphql/builder.ts';
import { inputFields, parseArgs } from '../../graphql/input.ts';
import { perContext } from '../../graphql/per-context.ts';
import { UNITS_TOLD_MAX, unitsTold } from '../access.ts';
import { ownReservations } from '../actions/end-reservations.ts';
import { storeAvailability } from '../actions/store-supply.ts';

const Availability = builder.objectRef<{ units: number }>('Availability').implement({
  description:
    'What a store can sell of a variant now, within its share of the stock and without what is reserved. Shoppers can have what they reserved there themselves, so for them it counts. Reservations end by themselves: no event tells it.',
  fields: (t) => ({
    inStock: t.boolean({
      description: 'True when at least one unit can be ordered.',
      resolve: ({ units }) => units > 0,
    }),
    quantity: t.int({
      description: `Units that can be ordered. Without \`stock.read\` at most ${UNITS_TOLD_MAX}, which then means that many or more.`,
      resolve: ({ units }, _args, { actor }) => unitsTold(actor, units),
    }),
  }),
});

const availabilityArgs = z.object({ storeId: idOf('Store').describe('Store in which it is sold.') });

builder.prismaObjectField('Variant', 'availability', (t) =>
  t.field({
    type: Availability,
    nullable: true,
    description:
      'What a store can sell of the variant now. Null when it is not on sale there, or for a store that the caller may not see.',
    args: inputFields(availabilityArgs, (field) => t.arg(field as never)) as never,
    select: { id: true },
    resolve: async ({ id: variantId }, args, context) => {
      const { storeId } = parseArgs(availabilityArgs, args);
      const units = await availabilitiesIn(context).load({ storeId, variantId });
      return units === null ? null : { units };
    },
  }),
);

interface Place {
  storeId: string;
  variantId: string;
}

// Not kept: of two acts in one operation the second would be told what there was before it.
const availabilitiesIn = perContext(
  ({ actor }) =>
    new DataLoader<Place, number | null>((places) => readAvailabilities(actor, places), { cache: false }),
);

/**
 * Units by place: a few statements for each store that the operation names, whatever the number of variants, and one for
 * shoppers, who may have reserved some.
 */
async function readAvailabilities(actor: Actor, places: readonly Place[]): Promise<(number | null)[]> {
  const wanted = Map.groupBy(places, (place) => place.storeId);
  const stores = await db.store.findMany({
    where: { AND: [{ id: { in: [...wanted.keys()] } }, visibleStores(actor)] },
    select: { id: true },
  });
  const at = now();
  const own = isShopper(actor) ? await ownReservations(db, actor, {}, at) : [];
  const found = await Promise.all(
    stores.map(async ({ id: storeId }) => {
      const variantIds = (wanted.get(storeId) ?? []).map((place) => place.variantId);
      const reservationIds = own.filter((made) => made.storeId === storeId).map(({ id }) => id);
      return [storeId, await storeAvailability(db, { storeId, variantIds, reservationIds }, at)] as const;
    }),
  );
  const byStore = new Map(found);
  return places.map(({ storeId, variantId }) => byStore.get(storeId)?.get(variantId) ?? null);
}
