// The same questions for PostGraphile, and what its answers and Dayshift's come to in the same words.

export interface Line {
  sku: string;
  quantity: number;
  price: number;
  variant: string;
  product: string;
}

/** An order as both sides tell it: amounts in minor units, moments in milliseconds. */
export interface ToldOrder {
  number: string;
  placedAt: number;
  total: number;
  customer: string | null;
  receiver: string;
  phone: string | null;
  lines: Line[];
}

/** Lines in one order: not everybody promises one. */
export const sorted = (lines: Line[]): Line[] => lines.sort((a, b) => (a.sku < b.sku ? -1 : 1));

const ORDER = `number state paymentState fulfilmentState placedAt totalMinor currency
  storeByStoreId { rowId code }
  customerByCustomerId { rowId personCustomerByCustomerId { name } }
  personOrderByOrderId { name phone }
  orderLinesByOrderId(first: 10, orderBy: POSITION_ASC) { nodes {
    sku quantity unitPriceMinor totalMinor
    variantByVariantId { rowId sku productByProductId { rowId
      productVersionByPublishedVersionId { productVersionTextsByProductVersionId(first: 1) { nodes { name } } } } }
  } }`;

export const PAGE = `query OrderPage($after: Cursor) {
  allOrders(first: 20, after: $after, orderBy: [PLACED_AT_DESC, ROW_ID_DESC]) {
    edges { node { rowId ${ORDER} } } pageInfo { hasNextPage endCursor }
  }
}`;

export const DETAIL = `query OrderDetail($id: UUID!) {
  orderByRowId(rowId: $id) { rowId ${ORDER} held awaitingStock confirmedAt paidAt completedAt version merchandiseMinor freightMinor taxMinor
    details: personOrderByOrderId { email country region city district lines postalCode } }
}`;

interface Order {
  number: string;
  placedAt: string;
  totalMinor: string;
  customerByCustomerId: { personCustomerByCustomerId: { name: string } } | null;
  personOrderByOrderId: { name: string; phone: string | null };
  orderLinesByOrderId: {
    nodes: {
      sku: string;
      quantity: number;
      unitPriceMinor: string;
      variantByVariantId: {
        sku: string;
        productByProductId: {
          productVersionByPublishedVersionId: {
            productVersionTextsByProductVersionId: { nodes: { name: string }[] };
          };
        };
      };
    }[];
  };
}

const told = (order: Order): ToldOrder => ({
  number: order.number,
  placedAt: Date.parse(order.placedAt),
  total: Number(order.totalMinor),
  customer: order.customerByCustomerId?.personCustomerByCustomerId.name ?? null,
  receiver: order.personOrderByOrderId.name,
  phone: order.personOrderByOrderId.phone,
  lines: sorted(
    order.orderLinesByOrderId.nodes.map((line) => ({
      sku: line.sku,
      quantity: line.quantity,
      price: Number(line.unitPriceMinor),
      variant: line.variantByVariantId.sku,
      product:
        line.variantByVariantId.productByProductId.productVersionByPublishedVersionId
          .productVersionTextsByProductVersionId.nodes[0]?.name ?? '',
    })),
  ),
});

export const readPage = (data: { allOrders: { edges: { node: Order }[] } }): ToldOrder[] =>
  data.allOrders.edges.map(({ node }) => told(node));

export const readDetail = (data: { orderByRowId: Order }): ToldOrder[] => [told(data.orderByRowId)];
