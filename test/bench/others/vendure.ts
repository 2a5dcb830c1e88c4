// Vendure 3 with its own tables in the same PostgreSQL, as its documentation says it is run in production.

import { folderOf, importFrom } from './packages.ts';

// It leaves a file where it is started, and would call home.
process.chdir(folderOf('vendure'));
process.env.VENDURE_DISABLE_TELEMETRY = 'true';

const { bootstrap, DefaultJobQueuePlugin, DefaultLogger, DefaultSearchPlugin, LogLevel } = await importFrom(
  'vendure',
  '@vendure/core',
);

const app = await bootstrap({
  apiOptions: {
    hostname: '127.0.0.1',
    port: Number(process.env.PORT),
    adminApiPath: 'admin-api',
    shopApiPath: 'shop-api',
  },
  authOptions: {
    tokenMethod: ['bearer'],
    superadminCredentials: { identifier: 'superadmin', password: 'a password for the bench' },
  },
  dbConnectionOptions: {
    type: 'postgres',
    url: process.env.DATABASE_URL,
    synchronize: process.env.SYNCHRONIZE === 'on',
    logging: false,
    extra: { max: 10 },
  },
  paymentOptions: { paymentMethodHandlers: [] },
  plugins: [DefaultSearchPlugin.init({ bufferUpdates: true }), DefaultJobQueuePlugin.init({})],
  logger: new DefaultLogger({ level: LogLevel.Warn }),
});
process.stdout.write(`serves http://127.0.0.1:${app.getHttpServer().address().port}\n`);
process.once('SIGTERM', () => process.exit(0));
