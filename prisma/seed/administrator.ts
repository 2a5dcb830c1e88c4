// The first administrator.

import { systemActor } from '../../src/core/actor.ts';
import { db, transact } from '../../src/core/db.ts';
import { hashPassword } from '../../src/core/secrets.ts';
import { hireStaff } from '../../src/identity/actions/staff.ts';

export interface Login {
  email: string;
  password: string;
}

/** Make the first administrator where there is nobody yet. */
export async function seedAdministrator({ email, password }: Login, at: Date): Promise<void> {
  if ((await db.staff.count()) > 0) return;
  const passwordHash = await hashPassword('staff', password);
  const post = await db.post.findUniqueOrThrow({ where: { code: 'administrator' } });
  await transact((tx) =>
    hireStaff(
      tx,
      systemActor('seed'),
      {
        name: 'Administrator',
        email,
        locale: 'en',
        postIds: [post.id],
        allStores: true,
        allLocations: true,
        passwordHash,
      },
      at,
    ),
  );
}
