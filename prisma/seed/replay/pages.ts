// Reading lists of the API whole, page by page.

import type { Api } from './api.ts';

export interface Page<Node> {
  edges: { node: Node }[];
  pageInfo?: { hasNextPage: boolean; endCursor: string | null };
}

export const edgesOf = <Node>(page: Page<Node> | undefined): Node[] =>
  (page?.edges ?? []).map((edge) => edge.node);

/** Every object of a root list, `first` at a time. */
export async function* pagesOf<Node>(
  api: Api,
  list: string,
  fields: string,
  where: object = {},
  first = 100,
): AsyncGenerator<Node> {
  const whereType = `${typeOf(list)}Where`;
  const document = `query ${list}Page($first: Int!, $after: String, $where: ${whereType}) {
    ${list}(first: $first, after: $after, where: $where) {
      edges { node { ${fields} } } pageInfo { hasNextPage endCursor }
    }
  }`;
  let after: string | null = null;
  for (;;) {
    const data: Record<string, Page<Node>> = await api.ask(document, { first, after, where });
    yield* edgesOf(data[list]);
    if (!data[list]?.pageInfo?.hasNextPage) return;
    after = data[list].pageInfo.endCursor;
  }
}

/** The objects of a root list as an array. */
export const nodesOf = <Node>(api: Api, list: string, fields: string, where: object = {}): Promise<Node[]> =>
  Array.fromAsync(pagesOf<Node>(api, list, fields, where));

/** `categories` lists objects of type `Category`. */
const typeOf = (list: string): string => {
  const singular = list.endsWith('ies') ? `${list.slice(0, -3)}y` : list.slice(0, -1);
  return `${singular.charAt(0).toUpperCase()}${singular.slice(1)}`;
};
