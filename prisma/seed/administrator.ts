// The first administrator.

import { randomBytes } from 'node:crypto';
import { systemActor } from '../../src/core/actor.ts';
import { db, transact } from '../../src/core/db.ts';
import { hashPassword } from '../../src/core/secrets.ts';
import { hireStaff } from '../../src/identity/actions/staff.ts';

export interface Login {
  email: string;
  password: string;
}

/** Make the first administrator where there is nobody yet. Returns the login that was made, or null. */
export async function seedAdministrator(
  wanted: { email?: string | undefined; password?: string | undefined },
  at: Date,
): Promise<Login | null> {
  if ((await db.staff.count()) > 0) return null;
  const login = {
    email: (wanted.email ?? 'admin@dayshift.local').toLowerCase(),
    password: wanted.password ?? randomBytes(12).toString('base64url'),
  };
  const passwordHash = await hashPassword(login.password);
  const post = await db.post.findUniqueOrThrow({ where: { code: 'administrator' } });
  await transact((tx) =>
    hireStaff(
      tx,
      systemActor('seed'),
      {
        name: 'Administrator',
        email: login.email,
        locale: 'en',
        postIds: [post.id],
        allStores: true,
        allLocations: true,
        passwordHash,
      },
      at,
    ),
  );
  return login;
}
