// What Dayshift answers, in the words in which it is compared with others.

import { sorted, type ToldOrder } from './postgraphile-questions.ts';

interface Order {
  number: string;
  placedAt: string;
  total: { amount: string };
  customer: { name: string } | null;
  contact: { name: string; phone: string | null };
  lines: {
    edges: {
      node: {
        sku: string;
        quantity: number;
        unitPrice: { amount: string };
        variant: { sku: string; product: { name: string } };
      };
    }[];
  };
}

const minor = ({ amount }: { amount: string }): number => Math.round(Number(amount) * 100);

const told = (order: Order): ToldOrder => ({
  number: order.number,
  placedAt: Date.parse(order.placedAt),
  total: minor(order.total),
  customer: order.customer?.name ?? null,
  receiver: order.contact.name,
  phone: order.contact.phone,
  lines: sorted(
    order.lines.edges.map(({ node }) => ({
      sku: node.sku,
      quantity: node.quantity,
      price: minor(node.unitPrice),
      variant: node.variant.sku,
      product: node.variant.product.name,
    })),
  ),
});

export const readPage = (data: { orders: { edges: { node: Order }[] } }): ToldOrder[] =>
  data.orders.edges.map(({ node }) => told(node));

export const readDetail = (data: { node: Order }): ToldOrder[] => [told(data.node)];

/** What was found, without the numbers in which products of one name differ. */
export const readSearch = (data: { products: { edges: { node: { name: string } }[] } }): string[] =>
  data.products.edges.map(({ node }) => node.name.replace(/\d+/, '#'));
