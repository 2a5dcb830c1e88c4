// What the catalog says to people, in every language.

import { defineErrors } from '../core/errors.ts';
import { defineTitles, defineTypeTitles } from '../core/texts.ts';

export const catalogProblem = defineErrors({
  VARIANT_NOT_SOLD: { en: 'This variant is not sold in this store now.', zh: '该规格目前未在此店铺销售。' },
  PRICE_MISSING: {
    en: 'This variant has no price in {currency} in this store.',
    zh: '该规格在此店铺没有 {currency} 价格。',
  },
  REVIEW_REQUIRED: {
    en: 'Only what a reviewer approved can be published; the state is {state}.',
    zh: '只有审核通过的内容才能发布，当前状态为 {state}。',
  },
  SELF_REVIEW_FORBIDDEN: {
    en: 'Whoever wrote or last edited a version cannot review it.',
    zh: '作者或最后编辑者不能审核该版本。',
  },
  VERSION_IN_WORK: {
    en: 'Version {number} of this product is in work already: its state is {state}.',
    zh: '该商品的第 {number} 版正在处理中，状态为 {state}。',
  },
  VARIANT_REQUIRED: {
    en: 'The product needs at least one variant that is not archived.',
    zh: '商品至少需要一个未停用的规格。',
  },
  NAME_REQUIRED: {
    en: 'The product needs a name in at least one language.',
    zh: '商品至少需要一种语言的名称。',
  },
  OPTIONS_MISMATCH: {
    en: 'A variant has exactly one value of each option of its product: {expected}.',
    zh: '每个规格必须为商品的每个选项各取一个值：{expected}。',
  },
  VARIANT_OPTIONS_KEPT: {
    en: 'Variant {sku} would no longer fit: archive it first, or keep its options ({options}).',
    zh: '规格 {sku} 将不再适用：请先停用它，或保留其选项（{options}）。',
  },
  VALUE_NAMES_MISMATCH: {
    en: 'An option with {count} values needs {count} names of values.',
    zh: '选项有 {count} 个值，需要 {count} 个值名称。',
  },
  VARIANT_ARCHIVED: { en: 'The variant is archived.', zh: '该规格已停用。' },
  IMAGE_NOT_READY: { en: 'The image was not uploaded yet.', zh: '图片尚未上传。' },
  CURRENCY_NOT_SOLD: { en: 'There are no sales in {currency} here.', zh: '此处不以 {currency} 销售。' },
  FREIGHT_CURRENCY: {
    en: 'Freight is in the first currency of the store, {currency}: give both amounts in it.',
    zh: '运费必须使用店铺的首选币种 {currency}，请以该币种给出两项金额。',
  },
  NOT_PUBLISHED: {
    en: 'A product goes on sale only when a version of it is published.',
    zh: '商品需先有已发布的版本才能上架销售。',
  },
  NOT_LISTED: { en: 'The product has no listing in this store yet.', zh: '该商品在此店铺尚无上架记录。' },
  POLICY_NEEDS_PLATFORM: {
    en: 'An own site has no platform that would do this: it is done here.',
    zh: '自营网站没有平台代为执行，须由本系统执行。',
  },
  CATEGORY_CYCLE: { en: 'A category cannot lie within itself.', zh: '类目不能位于自身之下。' },
});

defineTypeTitles({
  Category: { en: 'category', zh: '类目' },
  Image: { en: 'image', zh: '图片' },
  Listing: { en: 'listing', zh: '上架商品' },
  ListingItem: { en: 'listing item', zh: '上架规格' },
  Price: { en: 'price', zh: '价格' },
  Product: { en: 'product', zh: '商品' },
  ProductVersion: { en: 'product version', zh: '商品版本' },
  Store: { en: 'store', zh: '店铺' },
  Variant: { en: 'variant', zh: '规格' },
});

export const productVersionStates = defineTitles('ProductVersionState', {
  DRAFT: { en: 'Draft', zh: '草稿' },
  SUBMITTED: { en: 'Submitted for review', zh: '待审核' },
  APPROVED: { en: 'Approved', zh: '审核通过' },
  REJECTED: { en: 'Rejected', zh: '已驳回' },
  PUBLISHED: { en: 'Published', zh: '已发布' },
  WITHDRAWN: { en: 'Withdrawn', zh: '已下架' },
});

export const productVersionActions = defineTitles('ProductVersionAction', {
  EDIT: { en: 'Edit', zh: '编辑' },
  SUBMIT: { en: 'Submit for review', zh: '提交审核' },
  APPROVE: { en: 'Approve', zh: '审核通过' },
  REJECT: { en: 'Reject', zh: '驳回' },
  PUBLISH: { en: 'Publish', zh: '发布' },
  WITHDRAW: { en: 'Withdraw', zh: '下架' },
});

export const listingStates = defineTitles('ListingState', {
  ON_SALE: { en: 'On sale', zh: '在售' },
  OFF_SALE: { en: 'Not on sale', zh: '停售' },
});

export const imageStates = defineTitles('ImageState', {
  AWAITING_UPLOAD: { en: 'Waiting for its upload', zh: '待上传' },
  READY: { en: 'Ready', zh: '可用' },
});

export const platforms = defineTitles('Platform', {
  OWN_SITE: { en: 'Own site', zh: '自营网站' },
  TMALL: { en: 'Tmall', zh: '天猫' },
  TAOBAO: { en: 'Taobao', zh: '淘宝' },
  JD: { en: 'JD', zh: '京东' },
  DOUYIN: { en: 'Douyin', zh: '抖音' },
  PINDUODUO: { en: 'Pinduoduo', zh: '拼多多' },
  OTHER: { en: 'Other', zh: '其他' },
});

export const storeConfirmations = defineTitles('StoreConfirmation', {
  BEFORE_PAYMENT: { en: 'Already before payment', zh: '付款前即可' },
  AFTER_PAYMENT: { en: 'Only after payment', zh: '仅在付款后' },
});

export const policyExecutors = defineTitles('PolicyExecutor', {
  DAYSHIFT: { en: 'Dayshift', zh: '本系统' },
  PLATFORM: { en: 'The platform', zh: '平台' },
});

export const storeLimits = defineTitles('StoreLimit', {
  CONFIRM_WITHIN: { en: 'Time to confirm an order', zh: '审单时限' },
  PAY_WITHIN: { en: 'Time to pay an order', zh: '付款时限' },
  CREDIT: { en: 'Days of credit', zh: '账期' },
  COMPLETE_AFTER: { en: 'Time after which a delivered order is completed', zh: '自动确认收货时限' },
});
