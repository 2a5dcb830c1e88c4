-- AlterTable
ALTER TABLE "order" ALTER COLUMN "number" SET DEFAULT nextval('order_number')::text;
