// The same questions for Vendure, and what its answers come to in the words in which they are compared.

import { sorted, type ToldOrder } from './postgraphile-questions.ts';

const ORDER = `id code state orderPlacedAt totalWithTax currencyCode
  customer { id firstName lastName }
  shippingAddress { fullName phoneNumber }
  lines { quantity unitPriceWithTax linePriceWithTax productVariant { id sku product { id name } } }`;

export const PAGE = `query OrderPage($skip: Int!) {
  orders(options: { take: 20, skip: $skip, sort: { orderPlacedAt: DESC, id: DESC } }) { items { ${ORDER} } }
}`;

export const DETAIL = `query OrderDetail($id: ID!) { order(id: $id) { ${ORDER} } }`;

export const SEARCH = `query ProductSearch($search: String!) {
  search(input: { term: $search, take: 20, groupByProduct: true }) {
    items { productId productName sku priceWithTax { ... on PriceRange { min max } ... on SinglePrice { value } } }
  }
}`;

export const LOGIN = `mutation { login(username: "superadmin", password: "a password for the bench") { __typename } }`;

interface Order {
  code: string;
  orderPlacedAt: string;
  totalWithTax: number;
  customer: { firstName: string; lastName: string } | null;
  shippingAddress: { fullName: string; phoneNumber: string };
  lines: {
    quantity: number;
    unitPriceWithTax: number;
    productVariant: { sku: string; product: { name: string } };
  }[];
}

const told = (order: Order): ToldOrder => ({
  number: order.code,
  placedAt: Date.parse(order.orderPlacedAt),
  total: order.totalWithTax,
  customer: order.customer && `${order.customer.firstName} ${order.customer.lastName}`,
  receiver: order.shippingAddress.fullName,
  phone: order.shippingAddress.phoneNumber,
  lines: sorted(
    order.lines.map(({ quantity, unitPriceWithTax, productVariant }) => ({
      sku: productVariant.sku,
      quantity,
      price: unitPriceWithTax,
      variant: productVariant.sku,
      product: productVariant.product.name,
    })),
  ),
});

export const readPage = (data: { orders: { items: Order[] } }): ToldOrder[] => data.orders.items.map(told);

export const readDetail = (data: { order: Order }): ToldOrder[] => [told(data.order)];

/** Each sorts what it finds in its own way, so only the kind of thing is compared. */
export const readSearch = (data: { search: { items: { productName: string }[] } }): string[] =>
  data.search.items.map(({ productName }) => productName.replace(/\d+/, '#'));
