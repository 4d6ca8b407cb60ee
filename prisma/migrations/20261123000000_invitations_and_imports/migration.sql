-- AlterTable
ALTER TABLE "organisation" ADD COLUMN     "invites_per_day" INTEGER,
ADD COLUMN     "invites_per_hour" INTEGER;

-- AlterTable
ALTER TABLE "sign_in_attempt" ADD COLUMN     "invitation_id" UUID;

-- CreateTable
CREATE TABLE "invitation" (
    "organisation_id" UUID NOT NULL,
    "id" UUID NOT NULL,
    "person_id" UUID NOT NULL,
    "email_canonical" TEXT COLLATE "C" NOT NULL,
    "is_admin" BOOLEAN NOT NULL,
    "invited_by" JSONB NOT NULL,
    "inviter_id" UUID,
    "inviter_key_id" UUID,
    "inviter_name" TEXT COLLATE "C" NOT NULL,
    "message" TEXT COLLATE "C",
    "language" TEXT COLLATE "C" NOT NULL,
    "import_id" UUID,
    "version" INTEGER NOT NULL DEFAULT 0,
    "digest" BYTEA,
    "mail_id" UUID,
    "created_at" TIMESTAMPTZ(6) NOT NULL DEFAULT CURRENT_TIMESTAMP,
    "queued_at" TIMESTAMPTZ(6),
    "not_before" TIMESTAMPTZ(6),
    "stopped_at" TIMESTAMPTZ(6),
    "sent_at" TIMESTAMPTZ(6),
    "expires_at" TIMESTAMPTZ(6),
    "opened_at" TIMESTAMPTZ(6),
    "accepted_at" TIMESTAMPTZ(6),
    "accepted_by" TEXT COLLATE "C",
    "closed_at" TIMESTAMPTZ(6),
    "closed_because" TEXT COLLATE "C",

    CONSTRAINT "invitation_pkey" PRIMARY KEY ("organisation_id","id")
);

-- CreateTable
CREATE TABLE "import" (
    "organisation_id" UUID NOT NULL,
    "id" UUID NOT NULL,
    "state" TEXT COLLATE "C" NOT NULL,
    "name" TEXT COLLATE "C" NOT NULL,
    "bytes" BIGINT NOT NULL DEFAULT 0,
    "chunks" INTEGER NOT NULL DEFAULT 0,
    "digest" BYTEA,
    "options" JSONB NOT NULL,
    "found" JSONB NOT NULL DEFAULT '{}',
    "unchanged" INTEGER[] DEFAULT ARRAY[]::INTEGER[],
    "uploaded_by" JSONB NOT NULL,
    "preview_id" UUID,
    "run_id" UUID,
    "created_at" TIMESTAMPTZ(6) NOT NULL DEFAULT CURRENT_TIMESTAMP,
    "uploaded_at" TIMESTAMPTZ(6),
    "confirmed_at" TIMESTAMPTZ(6),
    "file_until" TIMESTAMPTZ(6) NOT NULL,
    "file_gone_at" TIMESTAMPTZ(6),

    CONSTRAINT "import_pkey" PRIMARY KEY ("organisation_id","id")
);

-- CreateTable
CREATE TABLE "import_chunk" (
    "organisation_id" UUID NOT NULL,
    "import_id" UUID NOT NULL,
    "number" INTEGER NOT NULL,
    "bytes" BYTEA NOT NULL,

    CONSTRAINT "import_chunk_pkey" PRIMARY KEY ("organisation_id","import_id","number")
);

-- CreateTable
CREATE TABLE "mail_settings" (
    "organisation_id" UUID NOT NULL,
    "language" TEXT COLLATE "C" NOT NULL DEFAULT 'en',
    "reply_to" TEXT COLLATE "C",
    "logo" BYTEA,
    "logo_type" TEXT COLLATE "C",
    "updated_at" TIMESTAMPTZ(6) NOT NULL DEFAULT CURRENT_TIMESTAMP,

    CONSTRAINT "mail_settings_pkey" PRIMARY KEY ("organisation_id")
);

-- CreateTable
CREATE TABLE "invited_address" (
    "id" UUID NOT NULL,
    "digest" BYTEA NOT NULL,
    "at" TIMESTAMPTZ(6) NOT NULL,

    CONSTRAINT "invited_address_pkey" PRIMARY KEY ("id")
);

-- CreateIndex
CREATE INDEX "invitation_by_created" ON "invitation"("organisation_id", "created_at", "id");

-- CreateIndex
CREATE INDEX "invitation_organisation_id_person_id_idx" ON "invitation"("organisation_id", "person_id");

-- CreateIndex
CREATE INDEX "invitation_organisation_id_sent_at_idx" ON "invitation"("organisation_id", "sent_at");

-- CreateIndex
CREATE UNIQUE INDEX "invitation_digest" ON "invitation"("organisation_id", "digest");

-- CreateIndex
CREATE INDEX "import_by_created" ON "import"("organisation_id", "created_at", "id");

-- CreateIndex
CREATE INDEX "invited_address_digest_at_idx" ON "invited_address"("digest", "at");

-- CreateIndex
CREATE INDEX "invited_address_at_idx" ON "invited_address"("at");

-- AddForeignKey
ALTER TABLE "invitation" ADD CONSTRAINT "invitation_organisation_id_fkey" FOREIGN KEY ("organisation_id") REFERENCES "organisation"("id") ON DELETE RESTRICT ON UPDATE RESTRICT;

-- AddForeignKey
ALTER TABLE "invitation" ADD CONSTRAINT "invitation_organisation_id_person_id_fkey" FOREIGN KEY ("organisation_id", "person_id") REFERENCES "person"("organisation_id", "id") ON DELETE RESTRICT ON UPDATE RESTRICT;

-- AddForeignKey
ALTER TABLE "import" ADD CONSTRAINT "import_organisation_id_fkey" FOREIGN KEY ("organisation_id") REFERENCES "organisation"("id") ON DELETE RESTRICT ON UPDATE RESTRICT;

-- AddForeignKey
ALTER TABLE "import_chunk" ADD CONSTRAINT "import_chunk_organisation_id_fkey" FOREIGN KEY ("organisation_id") REFERENCES "organisation"("id") ON DELETE RESTRICT ON UPDATE RESTRICT;

-- AddForeignKey
ALTER TABLE "mail_settings" ADD CONSTRAINT "mail_settings_organisation_id_fkey" FOREIGN KEY ("organisation_id") REFERENCES "organisation"("id") ON DELETE RESTRICT ON UPDATE RESTRICT;

ALTER TABLE "import_chunk" SET UNLOGGED;
-- The bytes of a file are not worth packing twice.
ALTER TABLE "import_chunk" ALTER COLUMN "bytes" SET STORAGE EXTERNAL;

ALTER TABLE "run" DROP CONSTRAINT "run_kind";
ALTER TABLE "run" ADD CONSTRAINT "run_kind" CHECK ("kind" IN ('full', 'delta', 'preview', 'simulation', 'undo', 'removal', 'import'));
ALTER TABLE "identity_link" DROP CONSTRAINT "identity_link_by";
ALTER TABLE "identity_link" ADD CONSTRAINT "identity_link_by" CHECK ("linked_by" IN ('directory', 'email', 'session', 'just_in_time', 'invitation'));
ALTER TABLE "sign_in_attempt" ADD CONSTRAINT "sign_in_attempt_invited" CHECK ("invitation_id" IS NULL OR "purpose" = 'sign_in');
ALTER TABLE "organisation" ADD CONSTRAINT "organisation_invites" CHECK ("invites_per_hour" BETWEEN 1 AND 10000 AND "invites_per_day" BETWEEN 1 AND 100000);
ALTER TABLE "invitation" ADD CONSTRAINT "invitation_digest_is_one" CHECK (octet_length("digest") = 32 AND ("digest" IS NULL) = ("expires_at" IS NULL) AND ("digest" IS NULL) = ("version" = 0));
ALTER TABLE "invitation" ADD CONSTRAINT "invitation_ends_once" CHECK ("accepted_at" IS NULL OR "closed_at" IS NULL);
ALTER TABLE "invitation" ADD CONSTRAINT "invitation_closed" CHECK (("closed_at" IS NULL) = ("closed_because" IS NULL) AND "closed_because" IN ('revoked', 'declined', 'replaced', 'archived', 'directory', 'address_changed', 'inviter', 'undone', 'erased', 'arrived'));
ALTER TABLE "invitation" ADD CONSTRAINT "invitation_accepted" CHECK (("accepted_at" IS NULL) = ("accepted_by" IS NULL) AND "accepted_by" IN ('link', 'provider'));
ALTER TABLE "invitation" ADD CONSTRAINT "invitation_language" CHECK ("language" IN ('en', 'de', 'fr', 'es', 'pt'));
ALTER TABLE "import" ADD CONSTRAINT "import_state" CHECK ("state" IN ('uploading', 'uploaded', 'gone') AND ("state" <> 'uploaded' OR "digest" IS NOT NULL));
ALTER TABLE "import_chunk" ADD CONSTRAINT "import_chunk_size" CHECK ("number" >= 0 AND octet_length("bytes") BETWEEN 1 AND 1048576);
ALTER TABLE "mail_settings" ADD CONSTRAINT "mail_settings_language" CHECK ("language" IN ('en', 'de', 'fr', 'es', 'pt'));
ALTER TABLE "mail_settings" ADD CONSTRAINT "mail_settings_logo" CHECK (("logo" IS NULL) = ("logo_type" IS NULL) AND octet_length("logo") <= 65536 AND "logo_type" IN ('image/png', 'image/jpeg'));
ALTER TABLE "invited_address" ADD CONSTRAINT "invited_address_digest_is_one" CHECK (octet_length("digest") = 32);

-- One that stands for a person; and the file that somebody is sending.
CREATE UNIQUE INDEX "invitation_open" ON "invitation" ("organisation_id", "person_id") WHERE "accepted_at" IS NULL AND "closed_at" IS NULL;
CREATE INDEX "invitation_waiting" ON "invitation" ("queued_at", "id")
  WHERE "queued_at" IS NOT NULL AND "sent_at" IS NULL AND "accepted_at" IS NULL AND "closed_at" IS NULL;
CREATE UNIQUE INDEX "import_uploading" ON "import" ("organisation_id") WHERE "state" = 'uploading';
-- The file of an import of this organisation: one place where all of them queue, made with the first.
CREATE UNIQUE INDEX "connection_of_files" ON "connection" ("organisation_id") WHERE "provider" = 'csv';

DO $$
DECLARE
  tenant_table text;
BEGIN
  FOREACH tenant_table IN ARRAY ARRAY['invitation', 'import', 'import_chunk', 'mail_settings'] LOOP
    EXECUTE format('ALTER TABLE %I ENABLE ROW LEVEL SECURITY', tenant_table);
    EXECUTE format('ALTER TABLE %I FORCE ROW LEVEL SECURITY', tenant_table);
    EXECUTE format($policy$CREATE POLICY "own" ON %I TO rollcall_app
      USING ("organisation_id" = nullif(current_setting('rollcall.organisation_id', true), '')::uuid)
      WITH CHECK ("organisation_id" = (SELECT nullif(current_setting('rollcall.organisation_id', true), '')::uuid))$policy$, tenant_table);
    EXECUTE format('CREATE POLICY "owner_copies" ON %I TO rollcall_migrate USING (true) WITH CHECK (true)', tenant_table);
    EXECUTE format('GRANT SELECT, INSERT, UPDATE, DELETE ON %I TO rollcall_app', tenant_table);
  END LOOP;
END $$;

-- How many an organisation may invite is the operator's to say.
CREATE POLICY "worker_sets_limits" ON "organisation" FOR UPDATE TO rollcall_worker USING (true) WITH CHECK (true);
GRANT UPDATE ("invites_per_hour", "invites_per_day") ON "organisation" TO rollcall_worker;
GRANT SELECT ("invites_per_hour", "invites_per_day") ON "organisation" TO rollcall_worker;

-- Across organisations the worker sees that invitations wait and that files are too old: no address, nobody's name.
CREATE POLICY "worker_reads_due" ON "invitation" FOR SELECT TO rollcall_worker USING (true);
GRANT SELECT ("organisation_id", "id", "queued_at", "not_before", "stopped_at", "sent_at", "accepted_at", "closed_at") ON "invitation" TO rollcall_worker;
GRANT SELECT, INSERT, DELETE ON "invited_address" TO rollcall_worker;

-- The end of an organisation takes these with it.
CREATE OR REPLACE FUNCTION "delete_organisation"("doomed" UUID) RETURNS VOID
LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp AS $$
DECLARE
  tenant_table TEXT;
BEGIN
  PERFORM FROM "organisation" WHERE "id" = "doomed" AND "delete_after" <= clock_timestamp() AND NOT "is_installation" FOR UPDATE;
  IF NOT FOUND THEN
    RAISE EXCEPTION 'this organisation is not to be deleted now' USING ERRCODE = 'object_not_in_prerequisite_state';
  END IF;
  UPDATE "person" SET "manager_id" = NULL WHERE "organisation_id" = "doomed";
  FOREACH tenant_table IN ARRAY ARRAY['event', 'audit_link', 'audit_entry', 'notice', 'conflict', 'override', 'hold_member', 'hold',
    'staged_evidence', 'staged_record', 'staged_page', 'planned_change', 'plan_batch', 'run', 'directory_record', 'session', 'sign_in_token',
    'set_up_link', 'passkey', 'break_glass', 'identity_link', 'logout_token_seen', 'sign_in_attempt', 'identity_provider', 'support_session',
    'import_chunk', 'import', 'invitation', 'mail_settings', 'mail', 'erasure', 'operator', 'api_key', 'idempotency_key', 'domain', 'connection', 'former_address', 'person_token', 'person', 'alias',
    'position', 'team', 'framework', 'data_key'] LOOP
    EXECUTE format('DELETE FROM %I WHERE "organisation_id" = $1', tenant_table) USING "doomed";
  END LOOP;
  DELETE FROM "organisation" WHERE "id" = "doomed";
END $$;
