// Staff of the sample department: one person in each reference post.

import { type Actor, anonymous } from '../../../src/core/actor.ts';
import type { Tx } from '../../../src/core/db.ts';
import type { Locale } from '../../../src/core/texts.ts';
import { hireStaff } from '../../../src/identity/actions/staff.ts';
import type { Places } from './places.ts';

export interface Person {
  /** Code of the post: `order_clerk`. */
  post: string;
  email: string;
  name: string;
}

/** The one who holds a post, acting. */
export type ActorOf = (post: PostCode) => Actor;

interface Sketch {
  name: string;
  locale: Locale;
  stores: 'ALL' | (keyof Places['stores'])[];
  locations: 'ALL' | (keyof Places['locations'])[];
}

const everywhere = { stores: 'ALL', locations: 'ALL' } as const;

const sketches = {
  product_editor: { name: '林小雨', locale: 'zh', ...everywhere },
  visual_designer: { name: '周可', locale: 'zh', ...everywhere },
  reviewer: { name: '陈思远', locale: 'zh', ...everywhere },
  buyer: { name: 'Emma Wood', locale: 'en', ...everywhere },
  order_clerk: { name: '王芳', locale: 'zh', ...everywhere },
  warehouse: { name: '赵强', locale: 'zh', stores: 'ALL', locations: ['shanghai', 'guangzhou'] },
  customer_service: { name: '刘畅', locale: 'zh', ...everywhere },
  after_sales: { name: '黄敏', locale: 'zh', ...everywhere },
  marketing: { name: 'Nora Lindt', locale: 'en', ...everywhere },
  ad_buyer: { name: '孙一鸣', locale: 'zh', stores: ['tmall'], locations: 'ALL' },
  live_operator: { name: '何佳', locale: 'zh', stores: ['tmall'], locations: ['hangzhou'] },
  analyst: { name: 'Omar Haddad', locale: 'en', ...everywhere },
  finance: { name: '徐静', locale: 'zh', ...everywhere },
  store_manager: { name: '马骏', locale: 'zh', stores: ['main'], locations: 'ALL' },
  supervisor: { name: '郭慧', locale: 'zh', ...everywhere },
  administrator: { name: 'Sam Keller', locale: 'en', ...everywhere },
} as const satisfies Record<string, Sketch>;

export type PostCode = keyof typeof sketches;

interface Hiring {
  passwordHash: string;
  places: Places;
  at: Date;
}

/** Hire everybody; they act with the permissions of their posts and in all stores. */
export async function hireEverybody(
  tx: Tx,
  seed: Actor,
  { passwordHash, places, at }: Hiring,
): Promise<{ people: Person[]; actorOf: ActorOf }> {
  const posts = await tx.post.findMany({ where: { code: { in: Object.keys(sketches) } } });
  const people: Person[] = [];
  const actors = new Map<string, Actor>();
  for (const [post, { name, locale, stores, locations }] of Object.entries<Sketch>(sketches)) {
    const found = posts.find(({ code }) => code === post);
    if (!found) throw new Error(`the reference post ${post} is not there`);
    const email = `${post.replaceAll('_', '-')}@dayshift.local`;
    const { id } = await hireStaff(
      tx,
      seed,
      {
        name,
        email,
        locale,
        passwordHash,
        postIds: [found.id],
        ...(stores === 'ALL' ? { allStores: true } : { storeIds: stores.map((code) => places.stores[code]) }),
        ...(locations === 'ALL'
          ? { allLocations: true }
          : { locationIds: locations.map((code) => places.locations[code]) }),
      },
      at,
    );
    people.push({ post, email, name });
    actors.set(post, {
      ...anonymous({ source: 'seed', locale }),
      kind: 'STAFF',
      id,
      permissions: new Set(found.permissions),
      stores: 'ALL',
      locations: 'ALL',
    });
  }
  const actorOf = (post: PostCode): Actor => {
    const actor = actors.get(post);
    if (!actor) throw new Error(`nobody holds the post ${post}`);
    return actor;
  };
  return { people, actorOf };
}
