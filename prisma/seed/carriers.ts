// The carriers that come with Dayshift (承运商). Reference data: what is missing is added at every start.

import { transact } from '../../src/core/db.ts';
import { newId } from '../../src/core/ids.ts';

const carriers: readonly { code: string; en: string; zh: string }[] = [
  { code: 'sf', en: 'SF Express', zh: '顺丰速运' },
  { code: 'zto', en: 'ZTO Express', zh: '中通快递' },
  { code: 'yto', en: 'YTO Express', zh: '圆通速递' },
  { code: 'sto', en: 'STO Express', zh: '申通快递' },
  { code: 'yunda', en: 'Yunda Express', zh: '韵达快递' },
  { code: 'jt', en: 'J&T Express', zh: '极兔速递' },
  { code: 'ems', en: 'EMS', zh: '中国邮政 EMS' },
  { code: 'jd', en: 'JD Logistics', zh: '京东物流' },
  { code: 'deppon', en: 'Deppon Express', zh: '德邦快递' },
  { code: 'dhl', en: 'DHL', zh: 'DHL' },
  { code: 'ups', en: 'UPS', zh: 'UPS' },
  { code: 'fedex', en: 'FedEx', zh: '联邦快递' },
  { code: 'royal-mail', en: 'Royal Mail', zh: '英国皇家邮政' },
  { code: 'other', en: 'Another carrier', zh: '其他承运商' },
];

/** Add the reference carriers that are not there yet. What the department changed of the others stays as it is. */
export const seedCarriers = (at: Date): Promise<void> =>
  transact(async (tx) => {
    const added = await tx.carrier.createManyAndReturn({
      data: carriers.map(({ code }) => ({ id: newId(), code, reference: true, createdAt: at })),
      skipDuplicates: true,
      select: { id: true, code: true },
    });
    const names = new Map(carriers.map(({ code, en, zh }) => [code, { en, zh }]));
    await tx.carrierText.createMany({
      data: added.flatMap(({ id: carrierId, code }) =>
        Object.entries(names.get(code) ?? {}).map(([locale, name]) => ({ carrierId, locale, name })),
      ),
    });
  });
