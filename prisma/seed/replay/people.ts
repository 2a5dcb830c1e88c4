// Who works in the demo: one person for each hand an order goes through, hired and logged in through the API.

import { type Api, apiAt, refusal } from './api.ts';
import { ApiError } from './http.ts';
import { makeShoppers, type Shoppers } from './shoppers.ts';

/** People of the demo and their posts. Author and reviewer of a product must differ; so they do here. */
const posts = {
  editor: 'product_editor',
  reviewer: 'reviewer',
  marketing: 'marketing',
  buyer: 'buyer',
  clerk: 'order_clerk',
  packer: 'warehouse',
  afterSales: 'after_sales',
  finance: 'finance',
  watcher: 'analyst',
} as const;

export type Role = keyof typeof posts;

export type Crew = Record<Role, Api> & {
  admin: Api;
  /** Those who buy on the own site. */
  shoppers: Shoppers;
  /** The server, without a path, and what ends the work with it. */
  origin: string;
  signal: AbortSignal | undefined;
  /** Token of somebody who sees everything and changes nothing, for dashboards. */
  watchToken: string;
};

export const ADMIN_EMAIL = 'admin@dayshift.local';

/** Log in; throws an ApiError that says so when the password is not the right one. */
export async function logIn(
  url: string,
  email: string,
  password: string,
  signal?: AbortSignal,
): Promise<string> {
  const answer = await apiAt(url, null, signal).act<{ token: string | null }>(
    'sessionOpen',
    { email, password },
    'token',
  );
  if (answer.token) return answer.token;
  throw refusal(`sessionOpen of ${email}`, answer.userErrors);
}

/** Everybody of the demo, hired where they are not yet, logged in. */
export async function crewOf(
  url: string,
  adminToken: string,
  password: string,
  signal?: AbortSignal,
): Promise<Crew> {
  const admin = apiAt(url, adminToken, signal);
  const postIds = await postIdsOf(admin);
  const tokens = {} as Record<Role, string>;
  for (const role of Object.keys(posts) as Role[]) {
    const email = `demo-${role}@dayshift.local`;
    await hire(admin, { role, email, password, postId: postIds.get(posts[role]) });
    tokens[role] = await logIn(url, email, password, signal);
  }
  const roles = Object.keys(posts) as Role[];
  const apis = Object.fromEntries(roles.map((role) => [role, apiAt(url, tokens[role], signal)]));
  return {
    ...(apis as Record<Role, Api>),
    admin,
    shoppers: makeShoppers(url, password, signal),
    origin: new URL(url).origin,
    signal,
    watchToken: tokens.watcher,
  };
}

async function postIdsOf(admin: Api): Promise<Map<string, string>> {
  const { posts: page } = await admin.ask<{ posts: { edges: { node: { id: string; code: string } }[] } }>(
    '{ posts(first: 100) { edges { node { id code } } } }',
  );
  return new Map(page.edges.map(({ node }) => [node.code, node.id]));
}

interface Hire {
  role: Role;
  email: string;
  password: string;
  postId: string | undefined;
}

async function hire(admin: Api, { role, email, password, postId }: Hire): Promise<void> {
  if (!postId) throw new ApiError(`The server has no post ${posts[role]}.`);
  const { userErrors } = await admin.act('staffHire', {
    name: `Demo ${role}`,
    email,
    password,
    postIds: [postId],
    allStores: true,
    allLocations: true,
  });
  if (userErrors.some((error) => error.code !== 'ALREADY_EXISTS')) throw refusal('staffHire', userErrors);
}
