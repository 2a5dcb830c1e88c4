// What callers hand in about staff and their sessions.

import { z } from 'zod';
import { boolean, email, expectedVersion, idOf, list, text } from '../../core/inputs.ts';
import { locale, newPassword } from './accounts.ts';

const reach = {
  allStores: boolean().optional().describe('True: every store, also those opened later.'),
  storeIds: list(idOf('Store'), 0, 100).optional().describe('Stores in which the person acts.'),
  allLocations: boolean().optional().describe('True: every location, also those opened later.'),
  locationIds: list(idOf('Location'), 0, 100).optional().describe('Locations at which the person acts.'),
};

export const sessionRevokeInput = z.object({ sessionId: idOf('Session').describe('Session to end.') });

export const staffHireInput = z.object({
  name: text(1, 100).describe('Name of the person.'),
  email: email().describe('E-mail address to log in with. Unique.'),
  password: newPassword().describe('First password.'),
  locale: locale().default('en'),
  postIds: list(idOf('Post'), 1, 20).describe('Posts, which bring the permissions.'),
  ...reach,
});
export type StaffHire = z.output<typeof staffHireInput>;

export const staffChangeInput = z.object({
  staffId: idOf('Staff').describe('Whom to change.'),
  expectedVersion: expectedVersion(),
  name: text(1, 100).optional().describe('New name.'),
  locale: locale().optional(),
  postIds: list(idOf('Post'), 1, 20).optional().describe('All posts from now on.'),
  ...reach,
});
export type StaffChange = z.output<typeof staffChangeInput>;

export const staffLeaveInput = z.object({ staffId: idOf('Staff').describe('Who leaves. All sessions end.') });
