-- AlterTable
ALTER TABLE "domain" ADD COLUMN     "checked_at" TIMESTAMPTZ(6),
ADD COLUMN     "failing_since" TIMESTAMPTZ(6);

-- AlterTable
ALTER TABLE "organisation" ADD COLUMN     "delete_after" TIMESTAMPTZ(6),
ADD COLUMN     "directory_sync" BOOLEAN NOT NULL DEFAULT false,
ADD COLUMN     "is_installation" BOOLEAN NOT NULL DEFAULT false,
ADD COLUMN     "sso" BOOLEAN NOT NULL DEFAULT false,
ADD COLUMN     "sso_enforced" BOOLEAN NOT NULL DEFAULT false,
ADD COLUMN     "two_person_rule" BOOLEAN;

-- AlterTable
ALTER TABLE "person" ADD COLUMN     "erased_at" TIMESTAMPTZ(6);

-- CreateTable
CREATE TABLE "operator" (
    "organisation_id" UUID NOT NULL,
    "person_id" UUID NOT NULL,
    "installation" BOOLEAN NOT NULL DEFAULT true,
    "made_by" JSONB NOT NULL,
    "made_at" TIMESTAMPTZ(6) NOT NULL DEFAULT CURRENT_TIMESTAMP,
    "ended_at" TIMESTAMPTZ(6),

    CONSTRAINT "operator_pkey" PRIMARY KEY ("organisation_id","person_id")
);

-- CreateTable
CREATE TABLE "support_session" (
    "organisation_id" UUID NOT NULL,
    "id" UUID NOT NULL,
    "operator_id" UUID NOT NULL,
    "operator_name" TEXT COLLATE "C" NOT NULL,
    "reason" TEXT COLLATE "C" NOT NULL,
    "started_at" TIMESTAMPTZ(6) NOT NULL DEFAULT CURRENT_TIMESTAMP,
    "ends_at" TIMESTAMPTZ(6) NOT NULL,
    "ended_at" TIMESTAMPTZ(6),
    "ended_by" JSONB,

    CONSTRAINT "support_session_pkey" PRIMARY KEY ("organisation_id","id")
);

-- CreateTable
CREATE TABLE "session" (
    "organisation_id" UUID NOT NULL,
    "id" UUID NOT NULL,
    "kind" TEXT COLLATE "C" NOT NULL,
    "digest" BYTEA NOT NULL,
    "person_id" UUID,
    "set_up_link_id" UUID,
    "strength" TEXT COLLATE "C" NOT NULL,
    "amr" TEXT[] DEFAULT ARRAY[]::TEXT[],
    "acr" TEXT COLLATE "C",
    "identity_provider_id" UUID,
    "provider_sid" TEXT COLLATE "C",
    "subject" TEXT COLLATE "C",
    "id_token" BYTEA,
    "authenticated_at" TIMESTAMPTZ(6) NOT NULL,
    "created_at" TIMESTAMPTZ(6) NOT NULL DEFAULT CURRENT_TIMESTAMP,
    "last_used_at" TIMESTAMPTZ(6) NOT NULL,
    "ends_at" TIMESTAMPTZ(6) NOT NULL,
    "ended_at" TIMESTAMPTZ(6),
    "ended_because" TEXT COLLATE "C",
    "address" TEXT COLLATE "C" NOT NULL,
    "user_agent" TEXT COLLATE "C" NOT NULL,
    "set_up_objects" UUID[] DEFAULT ARRAY[]::UUID[],
    "support_organisation_id" UUID,
    "support_session_id" UUID,

    CONSTRAINT "session_pkey" PRIMARY KEY ("organisation_id","id")
);

-- CreateTable
CREATE TABLE "set_up_link" (
    "organisation_id" UUID NOT NULL,
    "id" UUID NOT NULL,
    "digest" BYTEA NOT NULL,
    "kinds" TEXT[],
    "note" TEXT COLLATE "C" NOT NULL,
    "made_by" JSONB NOT NULL,
    "created_at" TIMESTAMPTZ(6) NOT NULL DEFAULT CURRENT_TIMESTAMP,
    "expires_at" TIMESTAMPTZ(6) NOT NULL,
    "used_at" TIMESTAMPTZ(6),
    "used_from" TEXT COLLATE "C",
    "revoked_at" TIMESTAMPTZ(6),
    "revoked_by" JSONB,

    CONSTRAINT "set_up_link_pkey" PRIMARY KEY ("organisation_id","id")
);

-- CreateTable
CREATE TABLE "sign_in_token" (
    "organisation_id" UUID NOT NULL,
    "id" UUID NOT NULL,
    "person_id" UUID,
    "kind" TEXT COLLATE "C" NOT NULL,
    "digest" BYTEA NOT NULL,
    "browser_digest" BYTEA,
    "return_to" TEXT COLLATE "C",
    "made_by" JSONB NOT NULL,
    "created_at" TIMESTAMPTZ(6) NOT NULL DEFAULT CURRENT_TIMESTAMP,
    "expires_at" TIMESTAMPTZ(6) NOT NULL,
    "used_at" TIMESTAMPTZ(6),
    "ended_at" TIMESTAMPTZ(6),

    CONSTRAINT "sign_in_token_pkey" PRIMARY KEY ("organisation_id","id")
);

-- CreateTable
CREATE TABLE "identity_provider" (
    "organisation_id" UUID NOT NULL,
    "id" UUID NOT NULL,
    "preset" TEXT COLLATE "C" NOT NULL,
    "name" TEXT COLLATE "C" NOT NULL,
    "issuer" TEXT COLLATE "C" NOT NULL,
    "client_id" TEXT COLLATE "C" NOT NULL,
    "state" TEXT COLLATE "C" NOT NULL DEFAULT 'setup',
    "settings" JSONB NOT NULL,
    "secret" BYTEA,
    "secret_at" TIMESTAMPTZ(6),
    "connection_id" UUID,
    "domains" TEXT[] DEFAULT ARRAY[]::TEXT[],
    "discovery" JSONB,
    "discovered_at" TIMESTAMPTZ(6),
    "problem" JSONB,
    "tested_at" TIMESTAMPTZ(6),
    "created_at" TIMESTAMPTZ(6) NOT NULL DEFAULT CURRENT_TIMESTAMP,
    "updated_at" TIMESTAMPTZ(6) NOT NULL DEFAULT CURRENT_TIMESTAMP,
    "version" INTEGER NOT NULL DEFAULT 1,

    CONSTRAINT "identity_provider_pkey" PRIMARY KEY ("organisation_id","id")
);

-- CreateTable
CREATE TABLE "sign_in_attempt" (
    "organisation_id" UUID NOT NULL,
    "id" UUID NOT NULL,
    "identity_provider_id" UUID NOT NULL,
    "purpose" TEXT COLLATE "C" NOT NULL,
    "state_digest" BYTEA NOT NULL,
    "browser_digest" BYTEA NOT NULL,
    "nonce" TEXT COLLATE "C" NOT NULL,
    "verifier" BYTEA NOT NULL,
    "issuer" TEXT COLLATE "C" NOT NULL,
    "client_id" TEXT COLLATE "C" NOT NULL,
    "redirect_uri" TEXT COLLATE "C" NOT NULL,
    "return_to" TEXT COLLATE "C" NOT NULL,
    "max_age" INTEGER,
    "session_id" UUID,
    "created_at" TIMESTAMPTZ(6) NOT NULL DEFAULT CURRENT_TIMESTAMP,
    "expires_at" TIMESTAMPTZ(6) NOT NULL,
    "used_at" TIMESTAMPTZ(6),
    "result" JSONB,

    CONSTRAINT "sign_in_attempt_pkey" PRIMARY KEY ("organisation_id","id")
);

-- CreateTable
CREATE TABLE "identity_link" (
    "organisation_id" UUID NOT NULL,
    "identity_provider_id" UUID NOT NULL,
    "subject" TEXT COLLATE "C" NOT NULL,
    "person_id" UUID NOT NULL,
    "linked_by" TEXT COLLATE "C" NOT NULL,
    "linked_at" TIMESTAMPTZ(6) NOT NULL DEFAULT CURRENT_TIMESTAMP,
    "last_used_at" TIMESTAMPTZ(6) NOT NULL,

    CONSTRAINT "identity_link_pkey" PRIMARY KEY ("organisation_id","identity_provider_id","subject")
);

-- CreateTable
CREATE TABLE "passkey" (
    "organisation_id" UUID NOT NULL,
    "id" UUID NOT NULL,
    "person_id" UUID NOT NULL,
    "credential_id" TEXT COLLATE "C" NOT NULL,
    "public_key" BYTEA NOT NULL,
    "counter" BIGINT NOT NULL,
    "transports" TEXT[],
    "name" TEXT COLLATE "C" NOT NULL,
    "backed_up" BOOLEAN NOT NULL,
    "created_at" TIMESTAMPTZ(6) NOT NULL DEFAULT CURRENT_TIMESTAMP,
    "last_used_at" TIMESTAMPTZ(6),

    CONSTRAINT "passkey_pkey" PRIMARY KEY ("organisation_id","id")
);

-- CreateTable
CREATE TABLE "break_glass" (
    "organisation_id" UUID NOT NULL,
    "person_id" UUID NOT NULL,
    "made_by" JSONB NOT NULL,
    "made_at" TIMESTAMPTZ(6) NOT NULL DEFAULT CURRENT_TIMESTAMP,

    CONSTRAINT "break_glass_pkey" PRIMARY KEY ("organisation_id","person_id")
);

-- CreateTable
CREATE TABLE "logout_token_seen" (
    "organisation_id" UUID NOT NULL,
    "identity_provider_id" UUID NOT NULL,
    "jti" BYTEA NOT NULL,
    "expires_at" TIMESTAMPTZ(6) NOT NULL,

    CONSTRAINT "logout_token_seen_pkey" PRIMARY KEY ("organisation_id","identity_provider_id","jti")
);

-- CreateTable
CREATE TABLE "mail" (
    "organisation_id" UUID NOT NULL,
    "id" UUID NOT NULL,
    "template" TEXT COLLATE "C" NOT NULL,
    "cause" TEXT COLLATE "C" NOT NULL,
    "recipient" TEXT COLLATE "C" NOT NULL,
    "person_id" UUID,
    "body" BYTEA,
    "state" TEXT COLLATE "C" NOT NULL,
    "attempts" INTEGER NOT NULL DEFAULT 0,
    "next_try_at" TIMESTAMPTZ(6),
    "taken_until" TIMESTAMPTZ(6),
    "sent_at" TIMESTAMPTZ(6),
    "problem" TEXT COLLATE "C",
    "created_at" TIMESTAMPTZ(6) NOT NULL DEFAULT CURRENT_TIMESTAMP,

    CONSTRAINT "mail_pkey" PRIMARY KEY ("organisation_id","id")
);

-- CreateTable
CREATE TABLE "audit_link" (
    "organisation_id" UUID NOT NULL,
    "position" BIGINT NOT NULL,
    "seq" BIGINT NOT NULL,
    "hash" BYTEA NOT NULL,
    "chained_at" TIMESTAMPTZ(6) NOT NULL DEFAULT CURRENT_TIMESTAMP,

    CONSTRAINT "audit_link_pkey" PRIMARY KEY ("organisation_id","position")
);

-- CreateTable
CREATE TABLE "erasure" (
    "organisation_id" UUID NOT NULL,
    "id" UUID NOT NULL,
    "person_id" UUID NOT NULL,
    "because" TEXT COLLATE "C" NOT NULL,
    "by" JSONB NOT NULL,
    "at" TIMESTAMPTZ(6) NOT NULL DEFAULT CURRENT_TIMESTAMP,
    "counts" JSONB NOT NULL,

    CONSTRAINT "erasure_pkey" PRIMARY KEY ("organisation_id","id")
);

-- CreateTable
CREATE TABLE "link_request" (
    "id" UUID NOT NULL,
    "email_canonical" TEXT COLLATE "C" NOT NULL,
    "browser_digest" BYTEA NOT NULL,
    "return_to" TEXT COLLATE "C",
    "address" TEXT COLLATE "C" NOT NULL,
    "created_at" TIMESTAMPTZ(6) NOT NULL DEFAULT CURRENT_TIMESTAMP,
    "taken_until" TIMESTAMPTZ(6),

    CONSTRAINT "link_request_pkey" PRIMARY KEY ("id")
);

-- CreateTable
CREATE TABLE "passkey_challenge" (
    "id" UUID NOT NULL,
    "browser_digest" BYTEA NOT NULL,
    "challenge" BYTEA NOT NULL,
    "purpose" TEXT COLLATE "C" NOT NULL,
    "session_id" UUID,
    "created_at" TIMESTAMPTZ(6) NOT NULL DEFAULT CURRENT_TIMESTAMP,
    "expires_at" TIMESTAMPTZ(6) NOT NULL,
    "used_at" TIMESTAMPTZ(6),

    CONSTRAINT "passkey_challenge_pkey" PRIMARY KEY ("id")
);

-- CreateIndex
CREATE INDEX "support_session_organisation_id_started_at_idx" ON "support_session"("organisation_id", "started_at");

-- CreateIndex
CREATE INDEX "session_organisation_id_person_id_idx" ON "session"("organisation_id", "person_id");

-- CreateIndex
CREATE INDEX "session_by_provider" ON "session"("organisation_id", "identity_provider_id", "provider_sid");

-- CreateIndex
CREATE UNIQUE INDEX "session_digest" ON "session"("organisation_id", "digest");

-- CreateIndex
CREATE INDEX "set_up_link_organisation_id_created_at_idx" ON "set_up_link"("organisation_id", "created_at");

-- CreateIndex
CREATE UNIQUE INDEX "set_up_link_organisation_id_digest_key" ON "set_up_link"("organisation_id", "digest");

-- CreateIndex
CREATE INDEX "sign_in_token_organisation_id_person_id_idx" ON "sign_in_token"("organisation_id", "person_id");

-- CreateIndex
CREATE UNIQUE INDEX "sign_in_token_organisation_id_digest_key" ON "sign_in_token"("organisation_id", "digest");

-- CreateIndex
CREATE INDEX "identity_provider_organisation_id_connection_id_idx" ON "identity_provider"("organisation_id", "connection_id");

-- CreateIndex
CREATE INDEX "sign_in_attempt_organisation_id_identity_provider_id_idx" ON "sign_in_attempt"("organisation_id", "identity_provider_id");

-- CreateIndex
CREATE INDEX "sign_in_attempt_organisation_id_created_at_idx" ON "sign_in_attempt"("organisation_id", "created_at");

-- CreateIndex
CREATE UNIQUE INDEX "sign_in_attempt_organisation_id_state_digest_key" ON "sign_in_attempt"("organisation_id", "state_digest");

-- CreateIndex
CREATE INDEX "identity_link_organisation_id_person_id_idx" ON "identity_link"("organisation_id", "person_id");

-- CreateIndex
CREATE UNIQUE INDEX "identity_link_once" ON "identity_link"("organisation_id", "identity_provider_id", "person_id");

-- CreateIndex
CREATE INDEX "passkey_organisation_id_person_id_idx" ON "passkey"("organisation_id", "person_id");

-- CreateIndex
CREATE UNIQUE INDEX "passkey_organisation_id_credential_id_key" ON "passkey"("organisation_id", "credential_id");

-- CreateIndex
CREATE INDEX "mail_organisation_id_created_at_idx" ON "mail"("organisation_id", "created_at");

-- CreateIndex
CREATE UNIQUE INDEX "mail_organisation_id_cause_key" ON "mail"("organisation_id", "cause");

-- CreateIndex
CREATE UNIQUE INDEX "audit_link_organisation_id_seq_key" ON "audit_link"("organisation_id", "seq");

-- CreateIndex
CREATE INDEX "erasure_organisation_id_person_id_idx" ON "erasure"("organisation_id", "person_id");

-- CreateIndex
CREATE INDEX "link_request_created_at_idx" ON "link_request"("created_at");

-- CreateIndex
CREATE INDEX "passkey_challenge_expires_at_idx" ON "passkey_challenge"("expires_at");

-- CreateIndex
CREATE UNIQUE INDEX "organisation_installation_key" ON "organisation"("id", "is_installation");

-- AddForeignKey
ALTER TABLE "operator" ADD CONSTRAINT "operator_organisation_id_installation_fkey" FOREIGN KEY ("organisation_id", "installation") REFERENCES "organisation"("id", "is_installation") ON DELETE RESTRICT ON UPDATE RESTRICT;

-- AddForeignKey
ALTER TABLE "operator" ADD CONSTRAINT "operator_organisation_id_person_id_fkey" FOREIGN KEY ("organisation_id", "person_id") REFERENCES "person"("organisation_id", "id") ON DELETE RESTRICT ON UPDATE RESTRICT;

-- AddForeignKey
ALTER TABLE "support_session" ADD CONSTRAINT "support_session_organisation_id_fkey" FOREIGN KEY ("organisation_id") REFERENCES "organisation"("id") ON DELETE RESTRICT ON UPDATE RESTRICT;

-- AddForeignKey
ALTER TABLE "session" ADD CONSTRAINT "session_organisation_id_fkey" FOREIGN KEY ("organisation_id") REFERENCES "organisation"("id") ON DELETE RESTRICT ON UPDATE RESTRICT;

-- AddForeignKey
ALTER TABLE "session" ADD CONSTRAINT "session_organisation_id_person_id_fkey" FOREIGN KEY ("organisation_id", "person_id") REFERENCES "person"("organisation_id", "id") ON DELETE RESTRICT ON UPDATE RESTRICT;

-- AddForeignKey
ALTER TABLE "session" ADD CONSTRAINT "session_organisation_id_set_up_link_id_fkey" FOREIGN KEY ("organisation_id", "set_up_link_id") REFERENCES "set_up_link"("organisation_id", "id") ON DELETE RESTRICT ON UPDATE RESTRICT;

-- AddForeignKey
ALTER TABLE "set_up_link" ADD CONSTRAINT "set_up_link_organisation_id_fkey" FOREIGN KEY ("organisation_id") REFERENCES "organisation"("id") ON DELETE RESTRICT ON UPDATE RESTRICT;

-- AddForeignKey
ALTER TABLE "sign_in_token" ADD CONSTRAINT "sign_in_token_organisation_id_fkey" FOREIGN KEY ("organisation_id") REFERENCES "organisation"("id") ON DELETE RESTRICT ON UPDATE RESTRICT;

-- AddForeignKey
ALTER TABLE "sign_in_token" ADD CONSTRAINT "sign_in_token_organisation_id_person_id_fkey" FOREIGN KEY ("organisation_id", "person_id") REFERENCES "person"("organisation_id", "id") ON DELETE RESTRICT ON UPDATE RESTRICT;

-- AddForeignKey
ALTER TABLE "identity_provider" ADD CONSTRAINT "identity_provider_organisation_id_fkey" FOREIGN KEY ("organisation_id") REFERENCES "organisation"("id") ON DELETE RESTRICT ON UPDATE RESTRICT;

-- AddForeignKey
ALTER TABLE "identity_provider" ADD CONSTRAINT "identity_provider_connection" FOREIGN KEY ("organisation_id", "connection_id") REFERENCES "connection"("organisation_id", "id") ON DELETE NO ACTION ON UPDATE NO ACTION;

-- AddForeignKey
ALTER TABLE "sign_in_attempt" ADD CONSTRAINT "sign_in_attempt_organisation_id_identity_provider_id_fkey" FOREIGN KEY ("organisation_id", "identity_provider_id") REFERENCES "identity_provider"("organisation_id", "id") ON DELETE RESTRICT ON UPDATE RESTRICT;

-- AddForeignKey
ALTER TABLE "identity_link" ADD CONSTRAINT "identity_link_organisation_id_identity_provider_id_fkey" FOREIGN KEY ("organisation_id", "identity_provider_id") REFERENCES "identity_provider"("organisation_id", "id") ON DELETE RESTRICT ON UPDATE RESTRICT;

-- AddForeignKey
ALTER TABLE "identity_link" ADD CONSTRAINT "identity_link_organisation_id_person_id_fkey" FOREIGN KEY ("organisation_id", "person_id") REFERENCES "person"("organisation_id", "id") ON DELETE RESTRICT ON UPDATE RESTRICT;

-- AddForeignKey
ALTER TABLE "passkey" ADD CONSTRAINT "passkey_organisation_id_person_id_fkey" FOREIGN KEY ("organisation_id", "person_id") REFERENCES "person"("organisation_id", "id") ON DELETE RESTRICT ON UPDATE RESTRICT;

-- AddForeignKey
ALTER TABLE "break_glass" ADD CONSTRAINT "break_glass_organisation_id_person_id_fkey" FOREIGN KEY ("organisation_id", "person_id") REFERENCES "person"("organisation_id", "id") ON DELETE RESTRICT ON UPDATE RESTRICT;

-- AddForeignKey
ALTER TABLE "logout_token_seen" ADD CONSTRAINT "logout_token_seen_organisation_id_identity_provider_id_fkey" FOREIGN KEY ("organisation_id", "identity_provider_id") REFERENCES "identity_provider"("organisation_id", "id") ON DELETE RESTRICT ON UPDATE RESTRICT;

-- AddForeignKey
ALTER TABLE "mail" ADD CONSTRAINT "mail_organisation_id_fkey" FOREIGN KEY ("organisation_id") REFERENCES "organisation"("id") ON DELETE RESTRICT ON UPDATE RESTRICT;

-- AddForeignKey
ALTER TABLE "audit_link" ADD CONSTRAINT "audit_link_organisation_id_fkey" FOREIGN KEY ("organisation_id") REFERENCES "organisation"("id") ON DELETE RESTRICT ON UPDATE RESTRICT;

-- AddForeignKey
ALTER TABLE "erasure" ADD CONSTRAINT "erasure_organisation_id_fkey" FOREIGN KEY ("organisation_id") REFERENCES "organisation"("id") ON DELETE RESTRICT ON UPDATE RESTRICT;

-- Whoever syncs today goes on; a new organisation has both features off until the operator switches them on.
UPDATE "organisation" SET "directory_sync" = true;

ALTER TABLE "operator" ADD CONSTRAINT "operator_of_the_installation" CHECK ("installation");
ALTER TABLE "support_session" ADD CONSTRAINT "support_session_is_short" CHECK ("ends_at" > "started_at" AND "ends_at" <= "started_at" + interval '8 hours');
ALTER TABLE "session" ADD CONSTRAINT "session_kind" CHECK (("kind" = 'person' AND "person_id" IS NOT NULL AND "set_up_link_id" IS NULL) OR ("kind" = 'set_up' AND "person_id" IS NULL AND "set_up_link_id" IS NOT NULL));
ALTER TABLE "session" ADD CONSTRAINT "session_strength" CHECK ("strength" IN ('provider', 'passkey', 'link', 'break_glass', 'set_up'));
ALTER TABLE "session" ADD CONSTRAINT "session_digest_is_one" CHECK (octet_length("digest") = 32);
ALTER TABLE "session" ADD CONSTRAINT "session_support" CHECK (("support_organisation_id" IS NULL) = ("support_session_id" IS NULL));
ALTER TABLE "set_up_link" ADD CONSTRAINT "set_up_link_kinds" CHECK ("kinds" <@ ARRAY['sso', 'directory'] AND cardinality("kinds") BETWEEN 1 AND 2);
ALTER TABLE "set_up_link" ADD CONSTRAINT "set_up_link_digest" CHECK (octet_length("digest") = 32);
ALTER TABLE "sign_in_token" ADD CONSTRAINT "sign_in_token_kind" CHECK ("kind" IN ('link', 'break_glass', 'first') AND ("kind" = 'first') = ("person_id" IS NULL) AND ("kind" = 'link') = ("browser_digest" IS NOT NULL));
ALTER TABLE "sign_in_token" ADD CONSTRAINT "sign_in_token_digest" CHECK (octet_length("digest") = 32);
ALTER TABLE "identity_provider" ADD CONSTRAINT "identity_provider_state" CHECK ("state" IN ('setup', 'active', 'disabled'));
-- A missing setting must never widen a check.
ALTER TABLE "identity_provider" ADD CONSTRAINT "identity_provider_whole" CHECK ("issuer" <> '' AND "client_id" <> '' AND ("state" <> 'active' OR ("discovery" IS NOT NULL AND "tested_at" IS NOT NULL)));
ALTER TABLE "sign_in_attempt" ADD CONSTRAINT "sign_in_attempt_purpose" CHECK ("purpose" IN ('sign_in', 'step_up', 'link', 'test') AND ("purpose" IN ('step_up', 'link') AND "session_id" IS NOT NULL OR "purpose" IN ('sign_in', 'test')));
ALTER TABLE "sign_in_attempt" ADD CONSTRAINT "sign_in_attempt_digests" CHECK (octet_length("state_digest") = 32 AND octet_length("browser_digest") = 32);
ALTER TABLE "identity_link" ADD CONSTRAINT "identity_link_subject" CHECK (length("subject") BETWEEN 1 AND 255);
ALTER TABLE "identity_link" ADD CONSTRAINT "identity_link_by" CHECK ("linked_by" IN ('directory', 'email', 'session', 'just_in_time'));
ALTER TABLE "mail" ADD CONSTRAINT "mail_state" CHECK ("state" IN ('waiting', 'sent', 'failed', 'kept'));
ALTER TABLE "audit_link" ADD CONSTRAINT "audit_link_position" CHECK ("position" >= 1 AND octet_length("hash") = 32);
ALTER TABLE "erasure" ADD CONSTRAINT "erasure_because" CHECK ("because" IN ('admin', 'retention'));

CREATE UNIQUE INDEX "organisation_installation_once" ON "organisation" ("is_installation") WHERE "is_installation";
CREATE INDEX "session_live" ON "session" ("organisation_id", "person_id") WHERE "ended_at" IS NULL;
CREATE INDEX "mail_waiting" ON "mail" ("next_try_at") WHERE "state" = 'waiting';
CREATE INDEX "sign_in_token_open" ON "sign_in_token" ("organisation_id", "person_id") WHERE "used_at" IS NULL AND "ended_at" IS NULL;

DO $$
DECLARE
  tenant_table text;
BEGIN
  FOREACH tenant_table IN ARRAY ARRAY['operator', 'support_session', 'session', 'set_up_link', 'sign_in_token', 'identity_provider', 'sign_in_attempt',
    'identity_link', 'passkey', 'break_glass', 'logout_token_seen', 'mail', 'audit_link', 'erasure'] LOOP
    EXECUTE format('ALTER TABLE %I ENABLE ROW LEVEL SECURITY', tenant_table);
    EXECUTE format('ALTER TABLE %I FORCE ROW LEVEL SECURITY', tenant_table);
    EXECUTE format($policy$CREATE POLICY "own" ON %I TO rollcall_app
      USING ("organisation_id" = nullif(current_setting('rollcall.organisation_id', true), '')::uuid)
      WITH CHECK ("organisation_id" = (SELECT nullif(current_setting('rollcall.organisation_id', true), '')::uuid))$policy$, tenant_table);
    EXECUTE format('CREATE POLICY "owner_copies" ON %I TO rollcall_migrate USING (true) WITH CHECK (true)', tenant_table);
    EXECUTE format('GRANT SELECT ON %I TO rollcall_app', tenant_table);
    IF tenant_table <> 'operator' THEN
      EXECUTE format('GRANT INSERT ON %I TO rollcall_app', tenant_table);
    END IF;
    IF tenant_table NOT IN ('operator', 'audit_link', 'erasure') THEN
      EXECUTE format('GRANT UPDATE, DELETE ON %I TO rollcall_app', tenant_table);
    END IF;
  END LOOP;
END $$;

-- Which organisation is the installation's own is no organisation's to say.
REVOKE INSERT, UPDATE ON "organisation" FROM rollcall_app;
GRANT INSERT ("id", "slug", "name", "created_at", "sso", "directory_sync") ON "organisation" TO rollcall_app;
GRANT UPDATE ("name", "runs_kept_days", "erase_after_days", "stopped_at", "stop_reason", "sso", "directory_sync", "sso_enforced", "two_person_rule", "delete_after")
  ON "organisation" TO rollcall_app;

-- No fault of what serves an organisation can make an operator.
CREATE POLICY "worker_makes_operators" ON "operator" TO rollcall_worker USING (true) WITH CHECK (true);
GRANT SELECT, INSERT, UPDATE ON "operator" TO rollcall_worker;

-- What belongs to no organisation yet: who asked for a link, and challenges for passkeys.
GRANT SELECT, INSERT, UPDATE, DELETE ON "link_request", "passkey_challenge" TO rollcall_worker;

-- Across organisations the worker sees which domain leads to which provider, and which mail is due: no secret, no address, nobody's name.
GRANT SELECT ("sso", "directory_sync", "sso_enforced", "is_installation", "delete_after", "erase_after_days") ON "organisation" TO rollcall_worker;
CREATE POLICY "worker_reads_domains" ON "domain" FOR SELECT TO rollcall_worker USING (true);
GRANT SELECT ("organisation_id", "id", "name", "verified_at", "verified_by", "checked_at", "failing_since") ON "domain" TO rollcall_worker;
CREATE POLICY "worker_reads_providers" ON "identity_provider" FOR SELECT TO rollcall_worker USING (true);
GRANT SELECT ("organisation_id", "id", "state", "domains", "created_at") ON "identity_provider" TO rollcall_worker;
CREATE POLICY "worker_reads_due" ON "mail" FOR SELECT TO rollcall_worker USING (true);
GRANT SELECT ("organisation_id", "id", "state", "next_try_at", "taken_until") ON "mail" TO rollcall_worker;

-- Who may sign in with an address, in any organisation: ids alone, one look at each organisation's own index.
CREATE FUNCTION "people_by_address"("address" TEXT) RETURNS TABLE ("organisation_id" UUID, "person_id" UUID)
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = public, pg_temp AS $$
  SELECT o."id", p."id" FROM "organisation" o
  CROSS JOIN LATERAL (SELECT x."id" FROM "person" x
    WHERE x."organisation_id" = o."id" AND x."email_canonical" = "address" AND x."state" = 'active' OFFSET 0) p
  WHERE o."delete_after" IS NULL
$$;
REVOKE ALL ON FUNCTION "people_by_address"(TEXT) FROM PUBLIC;
GRANT EXECUTE ON FUNCTION "people_by_address"(TEXT) TO rollcall_worker;

-- Events are append only for the service; erasing takes the values out of one person's, in its own organisation alone.
CREATE FUNCTION "erase_events"("erased_person" UUID) RETURNS INTEGER
LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp AS $$
DECLARE
  erased INTEGER;
BEGIN
  UPDATE "event" SET "payload" = "payload" - 'changed'
   WHERE "organisation_id" = nullif(current_setting('rollcall.organisation_id', true), '')::uuid AND "person_id" = "erased_person"
     AND "payload" ? 'changed';
  GET DIAGNOSTICS erased = ROW_COUNT;
  RETURN erased;
END $$;
REVOKE ALL ON FUNCTION "erase_events"(UUID) FROM PUBLIC;
GRANT EXECUTE ON FUNCTION "erase_events"(UUID) TO rollcall_app;

-- The end of an organisation, after its delay: every row of it, the log included, which the service itself may not delete.
CREATE FUNCTION "delete_organisation"("doomed" UUID) RETURNS VOID
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
    'mail', 'erasure', 'operator', 'api_key', 'idempotency_key', 'domain', 'connection', 'former_address', 'person_token', 'person', 'alias',
    'position', 'team', 'framework', 'data_key'] LOOP
    EXECUTE format('DELETE FROM %I WHERE "organisation_id" = $1', tenant_table) USING "doomed";
  END LOOP;
  DELETE FROM "organisation" WHERE "id" = "doomed";
END $$;
REVOKE ALL ON FUNCTION "delete_organisation"(UUID) FROM PUBLIC;
GRANT EXECUTE ON FUNCTION "delete_organisation"(UUID) TO rollcall_worker;
