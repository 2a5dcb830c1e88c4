-- CreateTable
CREATE TABLE "deprecated_use" (
    "api_key_id" UUID NOT NULL,
    "coordinate" TEXT NOT NULL,
    "last_used_at" TIMESTAMPTZ(3) NOT NULL,

    CONSTRAINT "deprecated_use_pkey" PRIMARY KEY ("api_key_id","coordinate")
);

-- AddForeignKey
ALTER TABLE "deprecated_use" ADD CONSTRAINT "deprecated_use_api_key_id_fkey" FOREIGN KEY ("api_key_id") REFERENCES "api_key"("id") ON DELETE RESTRICT ON UPDATE CASCADE;
