// What the schema's conventions make an exception of, each with its reason. Grows with the schema.

/** Root fields that everybody may call without a session or a key. */
export const publicFields = [
  'category',
  'categories',
  'customerRegister',
  'customerSessionOpen',
  'listings',
  'node',
  'nodes',
  'orderTrack',
  'orderTrackUpdates',
  'product',
  'products',
  'sessionOpen',
  'store',
  'stores',
  'titles',
  'variant',
  'variantBySku',
  'variants',
  'viewer',
  'viewerCustomer',
  'viewerKey',
];

/** Types with rows that everybody may see. */
export const publicTypes = ['Category', 'Store'];

/** Types without a check of their own, because they are reached through one checked type only. */
export const partOf: Readonly<Record<string, string>> = {
  ParcelTrack: 'OrderTrack',
  ParcelTrackEvent: 'ParcelTrack',
  ProductOption: 'ProductVersion',
  ProductOptionText: 'ProductOption',
  ProductText: 'ProductVersion',
  StockReservationLine: 'StockReservation',
};

/** Lists that are no connections, each with the reason why they stay short. */
export const shortLists: Readonly<Record<string, string>> = {
  'ApiKey.scopes': 'at most 200',
  'ApiKey.permissions': 'names of permissions, of which there are few',
  'ApiKey.stores': 'at most 100',
  'ApiKey.locations': 'at most 100',
  'ApiKey.networks': 'at most 50',
  'ApiKey.deprecatedUses': 'at most 100',
  'KeyRotatePayload.webhooks': 'at most 10, which is what a key has',
  'Partner.texts': 'one for each language',
  'Post.permissions': 'names of permissions, of which there are few',
  'Staff.posts': 'at most 20',
  'Staff.stores': 'at most 100',
  'Staff.locations': 'at most 100',
  'Location.stores': 'at most 100',
  'Location.texts': 'one for each language',
  'Store.texts': 'one for each language',
  'Category.texts': 'one for each language',
  'Post.texts': 'one for each language',
  'Carrier.texts': 'one for each language',
  'Shipment.allowedActions': 'one entry for each action there is',
  'Order.allowedActions': 'one entry for each action there is',
  'Order.deadlines': 'at most 50',
  'OrderImport.outcomes': 'one entry for each outcome there is',
  'Refund.allowedActions': 'one entry for each action there is',
  'OrderRemark.mentioned': 'at most 20',
  'OrderLine.allocations': 'at most 100, one for each location',
  'OrderLine.allowedActions': 'one entry for each action there is',
  'StockReservation.lines': 'at most 100',
  'ProductVersion.allowedActions': 'one entry for each action there is',
  'ProductVersion.options': 'at most a few options of a product',
  'ProductVersion.images': 'at most 20 images of a version',
  'ProductVersion.texts': 'one for each language',
  'Variant.options': 'one value for each option of the product',
  'Store.currencies': 'the currencies of a store',
  'Store.paymentMethods': 'at most 50 gateways, and payment on delivery',
  'CustomerAddress.lines': 'at most 5',
  'Webhook.types': 'at most 50',
  'Webhook.stores': 'at most 100',
  'Query.nodes': 'at most 100, as asked for',
  'Query.permissions': 'the permissions there are',
  'Query.titles': 'the enum values there are',
  'Query.viewerPermissions': 'names of permissions, of which there are few',
};

/** Mutations about stock, orders and money that move none of them. */
export const withoutKey: Readonly<Record<string, string>> = {
  stockPlan: 'sets limits',
  orderImportRequest: 'makes room for a file; nothing is imported before that is uploaded, and once only',
  orderConfirm: 'changes a state; repeating it is refused by the state',
  orderHold: 'changes a state; a second hold is another hold, and moves nothing',
  orderRemark: 'writes a remark, and moves nothing; the key may be given',
  orderFlag: 'sets a flag; repeating it changes nothing',
  orderRelease: 'changes a state; repeating it is refused by the state',
  orderPush: 'the platform’s number and moment are its key: pushing again changes nothing',
  shipmentCancel: 'changes a state; repeating it is refused by the state',
  shipmentChange: 'requires the version, which a repeated call no longer has',
  stockReservationRelease: 'ends a reservation; repeating it changes nothing',
  shipmentTrack: 'is idempotent by what is reported',
};
