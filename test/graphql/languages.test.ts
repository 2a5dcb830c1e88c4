// What the product says to people: everything in English and in Chinese.

import { isEnumType } from 'graphql';
import { expect, test } from 'vitest';
import { listPermissions } from '../../src/core/actor.ts';
import { errorCodes } from '../../src/core/errors.ts';
import { listEvents } from '../../src/core/events.ts';
import { typeTitle } from '../../src/core/texts.ts';
import '../../src/schema.ts';
import { isNode, objectTypes, ownTypes } from '../setup/schema.ts';

const HAN = /\p{Script=Han}/u;
const placesOf = (text: string) => (text.match(/\{\w+\}/g) ?? []).sort();

test('O60 every value of an enum has a title in English and in Chinese', () => {
  const enums = ownTypes()
    .filter(isEnumType)
    .filter(({ name }) => name !== 'ErrorCode');
  expect(enums.length).toBeGreaterThan(8);
  const titles = enums.flatMap((type) =>
    type.getValues().map((one) => [`${type.name}.${one.name}`, one.description ?? ''] as const),
  );
  expect(
    titles.filter(([, text]) => !(/[A-Za-z]/.test(text) && HAN.test(text))).map(([name]) => name),
  ).toEqual([]);
});

test('O60 every refusal and every permission has its text in English and in Chinese, with the same places', () => {
  const texts = [...[...errorCodes()], ...listPermissions().map(({ name, title }) => [name, title] as const)];
  expect(texts.length).toBeGreaterThan(40);
  const halves = texts.filter(
    ([, { en, zh }]) => !en || !HAN.test(zh) || HAN.test(en) || placesOf(en).join() !== placesOf(zh).join(),
  );
  expect(halves.map(([code]) => code)).toEqual([]);
});

test('O60 every type of object with an id has a title in English and in Chinese, for refusals', () => {
  const nodes = objectTypes().filter(isNode);
  expect(nodes.length).toBeGreaterThan(25);
  const titles = [...nodes.map(({ name }) => name), 'Node'].map((name) => ({ name, ...typeTitle(name) }));
  expect(titles.filter(({ name, en, zh }) => en === name || !HAN.test(zh)).map(({ name }) => name)).toEqual(
    [],
  );
});

test('O60 every event has its title in English and in Chinese', () => {
  expect(
    listEvents()
      .filter(({ title: { en, zh } }) => !en || !HAN.test(zh))
      .map(({ type }) => type),
  ).toEqual([]);
});
