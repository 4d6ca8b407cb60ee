-- CreateTable
CREATE TABLE "installation" (
    "id" INTEGER NOT NULL DEFAULT 1,
    "name" UUID NOT NULL,
    "stopped_at" TIMESTAMPTZ(6),
    "stop_reason" TEXT COLLATE "C",
    "created_at" TIMESTAMPTZ(6) NOT NULL DEFAULT CURRENT_TIMESTAMP,

    CONSTRAINT "installation_pkey" PRIMARY KEY ("id")
);

-- CreateTable
CREATE TABLE "instance" (
    "id" UUID NOT NULL,
    "host" TEXT COLLATE "C" NOT NULL,
    "version" TEXT COLLATE "C" NOT NULL,
    "started_at" TIMESTAMPTZ(6) NOT NULL DEFAULT CURRENT_TIMESTAMP,
    "seen_at" TIMESTAMPTZ(6) NOT NULL DEFAULT CURRENT_TIMESTAMP,

    CONSTRAINT "instance_pkey" PRIMARY KEY ("id")
);

-- CreateTable
CREATE TABLE "organisation" (
    "id" UUID NOT NULL,
    "slug" TEXT COLLATE "C" NOT NULL,
    "name" TEXT COLLATE "C" NOT NULL,
    "runs_kept_days" INTEGER NOT NULL DEFAULT 90,
    "erase_after_days" INTEGER,
    "stopped_at" TIMESTAMPTZ(6),
    "stop_reason" TEXT COLLATE "C",
    "created_at" TIMESTAMPTZ(6) NOT NULL DEFAULT CURRENT_TIMESTAMP,

    CONSTRAINT "organisation_pkey" PRIMARY KEY ("id")
);

-- CreateTable
CREATE TABLE "data_key" (
    "organisation_id" UUID NOT NULL,
    "version" INTEGER NOT NULL,
    "wrapped" BYTEA NOT NULL,
    "secret_key_id" TEXT COLLATE "C" NOT NULL,
    "created_at" TIMESTAMPTZ(6) NOT NULL DEFAULT CURRENT_TIMESTAMP,
    "retired_at" TIMESTAMPTZ(6),

    CONSTRAINT "data_key_pkey" PRIMARY KEY ("organisation_id","version")
);

-- CreateTable
CREATE TABLE "domain" (
    "organisation_id" UUID NOT NULL,
    "id" UUID NOT NULL,
    "name" TEXT COLLATE "C" NOT NULL,
    "token" TEXT COLLATE "C" NOT NULL,
    "verified_at" TIMESTAMPTZ(6),
    "verified_by" TEXT COLLATE "C",
    "reason" TEXT COLLATE "C",
    "connection_id" UUID,
    "created_at" TIMESTAMPTZ(6) NOT NULL DEFAULT CURRENT_TIMESTAMP,

    CONSTRAINT "domain_pkey" PRIMARY KEY ("organisation_id","id")
);

-- CreateTable
CREATE TABLE "api_key" (
    "organisation_id" UUID NOT NULL,
    "id" UUID NOT NULL,
    "name" TEXT COLLATE "C" NOT NULL,
    "lookup" TEXT COLLATE "C" NOT NULL,
    "digest" BYTEA NOT NULL,
    "scopes" TEXT[],
    "networks" TEXT[],
    "person_id" UUID,
    "created_by" JSONB NOT NULL,
    "created_at" TIMESTAMPTZ(6) NOT NULL DEFAULT CURRENT_TIMESTAMP,
    "expires_at" TIMESTAMPTZ(6) NOT NULL,
    "last_used_at" TIMESTAMPTZ(6),
    "revoked_at" TIMESTAMPTZ(6),

    CONSTRAINT "api_key_pkey" PRIMARY KEY ("organisation_id","id")
);

-- CreateTable
CREATE TABLE "idempotency_key" (
    "organisation_id" UUID NOT NULL,
    "credential_id" UUID NOT NULL,
    "route" TEXT COLLATE "C" NOT NULL,
    "key" TEXT COLLATE "C" NOT NULL,
    "body_digest" BYTEA NOT NULL,
    "status" INTEGER,
    "response" JSONB,
    "created_at" TIMESTAMPTZ(6) NOT NULL DEFAULT CURRENT_TIMESTAMP,
    "answered_at" TIMESTAMPTZ(6),

    CONSTRAINT "idempotency_key_pkey" PRIMARY KEY ("organisation_id","credential_id","route","key")
);

-- CreateTable
CREATE TABLE "framework" (
    "organisation_id" UUID NOT NULL,
    "id" UUID NOT NULL,
    "name" TEXT COLLATE "C" NOT NULL,
    "folded" TEXT COLLATE "C" NOT NULL,
    "created_at" TIMESTAMPTZ(6) NOT NULL DEFAULT CURRENT_TIMESTAMP,

    CONSTRAINT "framework_pkey" PRIMARY KEY ("organisation_id","id")
);

-- CreateTable
CREATE TABLE "team" (
    "organisation_id" UUID NOT NULL,
    "id" UUID NOT NULL,
    "framework_id" UUID,
    "name" TEXT COLLATE "C" NOT NULL,
    "folded" TEXT COLLATE "C" NOT NULL,
    "origin" TEXT COLLATE "C" NOT NULL DEFAULT 'admin',
    "created_at" TIMESTAMPTZ(6) NOT NULL DEFAULT CURRENT_TIMESTAMP,

    CONSTRAINT "team_pkey" PRIMARY KEY ("organisation_id","id")
);

-- CreateTable
CREATE TABLE "position" (
    "organisation_id" UUID NOT NULL,
    "id" UUID NOT NULL,
    "framework_id" UUID NOT NULL,
    "name" TEXT COLLATE "C" NOT NULL,
    "folded" TEXT COLLATE "C" NOT NULL,
    "rank" INTEGER NOT NULL,
    "created_at" TIMESTAMPTZ(6) NOT NULL DEFAULT CURRENT_TIMESTAMP,

    CONSTRAINT "position_pkey" PRIMARY KEY ("organisation_id","id")
);

-- CreateTable
CREATE TABLE "alias" (
    "organisation_id" UUID NOT NULL,
    "id" UUID NOT NULL,
    "kind" TEXT COLLATE "C" NOT NULL,
    "name" TEXT COLLATE "C" NOT NULL,
    "folded" TEXT COLLATE "C" NOT NULL,
    "team_id" UUID,
    "position_id" UUID,
    "created_at" TIMESTAMPTZ(6) NOT NULL DEFAULT CURRENT_TIMESTAMP,

    CONSTRAINT "alias_pkey" PRIMARY KEY ("organisation_id","id")
);

-- CreateTable
CREATE TABLE "person" (
    "organisation_id" UUID NOT NULL,
    "id" UUID NOT NULL,
    "state" TEXT COLLATE "C" NOT NULL,
    "origin" TEXT COLLATE "C" NOT NULL,
    "email" TEXT COLLATE "C" NOT NULL,
    "email_canonical" TEXT COLLATE "C" NOT NULL,
    "first_name" TEXT COLLATE "C",
    "last_name" TEXT COLLATE "C",
    "sort_name" TEXT COLLATE "C" NOT NULL,
    "is_admin" BOOLEAN NOT NULL DEFAULT false,
    "is_protected" BOOLEAN NOT NULL DEFAULT false,
    "team_id" UUID,
    "position_id" UUID,
    "manager_id" UUID,
    "employee_number" TEXT COLLATE "C",
    "attributes" JSONB NOT NULL DEFAULT '{}',
    "archive_reasons" TEXT[] DEFAULT ARRAY[]::TEXT[],
    "archived_at" TIMESTAMPTZ(6),
    "created_at" TIMESTAMPTZ(6) NOT NULL DEFAULT CURRENT_TIMESTAMP,
    "updated_at" TIMESTAMPTZ(6) NOT NULL DEFAULT CURRENT_TIMESTAMP,
    "version" INTEGER NOT NULL DEFAULT 1,

    CONSTRAINT "person_pkey" PRIMARY KEY ("organisation_id","id")
);

-- CreateTable
CREATE TABLE "person_token" (
    "organisation_id" UUID NOT NULL,
    "token" TEXT COLLATE "C" NOT NULL,
    "person_id" UUID NOT NULL,

    CONSTRAINT "person_token_pkey" PRIMARY KEY ("organisation_id","token","person_id")
);

-- CreateTable
CREATE TABLE "former_address" (
    "organisation_id" UUID NOT NULL,
    "id" UUID NOT NULL,
    "person_id" UUID NOT NULL,
    "email" TEXT COLLATE "C" NOT NULL,
    "until" TIMESTAMPTZ(6) NOT NULL DEFAULT CURRENT_TIMESTAMP,

    CONSTRAINT "former_address_pkey" PRIMARY KEY ("organisation_id","id")
);

-- CreateTable
CREATE TABLE "connection" (
    "organisation_id" UUID NOT NULL,
    "id" UUID NOT NULL,
    "provider" TEXT COLLATE "C" NOT NULL,
    "name" TEXT COLLATE "C" NOT NULL,
    "rank" INTEGER NOT NULL,
    "state" TEXT COLLATE "C" NOT NULL,
    "settings" JSONB NOT NULL,
    "settings_version" INTEGER NOT NULL DEFAULT 1,
    "confirmed_version" INTEGER,
    "credentials" BYTEA,
    "credentials_shown" JSONB,
    "credentials_at" TIMESTAMPTZ(6),
    "tenant" TEXT COLLATE "C",
    "fingerprint" TEXT COLLATE "C",
    "attention" JSONB,
    "unconfirmed_since" TIMESTAMPTZ(6),
    "cursor" JSONB,
    "next_run_at" TIMESTAMPTZ(6),
    "last_full_at" TIMESTAMPTZ(6),
    "last_run_at" TIMESTAMPTZ(6),
    "failures" INTEGER NOT NULL DEFAULT 0,
    "failing_since" TIMESTAMPTZ(6),
    "paused_at" TIMESTAMPTZ(6),
    "stopped_at" TIMESTAMPTZ(6),
    "stop_reason" TEXT COLLATE "C",
    "lease_owner" UUID,
    "lease_token" BIGINT NOT NULL DEFAULT 0,
    "lease_expires_at" TIMESTAMPTZ(6),
    "created_at" TIMESTAMPTZ(6) NOT NULL DEFAULT CURRENT_TIMESTAMP,
    "updated_at" TIMESTAMPTZ(6) NOT NULL DEFAULT CURRENT_TIMESTAMP,
    "version" INTEGER NOT NULL DEFAULT 1,

    CONSTRAINT "connection_pkey" PRIMARY KEY ("organisation_id","id")
);

-- CreateTable
CREATE TABLE "directory_record" (
    "organisation_id" UUID NOT NULL,
    "connection_id" UUID NOT NULL,
    "external_id" TEXT COLLATE "C" NOT NULL,
    "person_id" UUID,
    "linked_at" TIMESTAMPTZ(6),
    "observed_hash" BYTEA NOT NULL,
    "observed_at" TIMESTAMPTZ(6) NOT NULL,
    "settled_hash" BYTEA,
    "settled_at" TIMESTAMPTZ(6),
    "body" JSONB,
    "email_canonical" TEXT COLLATE "C",
    "employed" BOOLEAN NOT NULL,
    "in_scope" BOOLEAN NOT NULL,
    "out_of_scope_because" TEXT COLLATE "C",
    "fault" TEXT COLLATE "C",
    "awaited_manager" TEXT COLLATE "C",
    "unmatched_title" TEXT COLLATE "C",
    "unmatched_team" TEXT COLLATE "C",
    "missing_since" TIMESTAMPTZ(6),
    "missed_reads" INTEGER NOT NULL DEFAULT 0,
    "gone_at" TIMESTAMPTZ(6),
    "gone_because" TEXT COLLATE "C",
    "first_seen_at" TIMESTAMPTZ(6) NOT NULL DEFAULT CURRENT_TIMESTAMP,

    CONSTRAINT "directory_record_pkey" PRIMARY KEY ("organisation_id","connection_id","external_id")
);

-- CreateTable
CREATE TABLE "run" (
    "organisation_id" UUID NOT NULL,
    "id" UUID NOT NULL,
    "connection_id" UUID NOT NULL,
    "kind" TEXT COLLATE "C" NOT NULL,
    "trigger" TEXT COLLATE "C" NOT NULL,
    "state" TEXT COLLATE "C" NOT NULL,
    "phase" TEXT COLLATE "C",
    "fence" BIGINT,
    "asked_by" JSONB NOT NULL,
    "asked_at" TIMESTAMPTZ(6) NOT NULL DEFAULT CURRENT_TIMESTAMP,
    "started_at" TIMESTAMPTZ(6),
    "read_started_at" TIMESTAMPTZ(6),
    "finished_at" TIMESTAMPTZ(6),
    "cancel_asked_at" TIMESTAMPTZ(6),
    "settings_version" INTEGER,
    "settings" JSONB,
    "subjects" TEXT[] DEFAULT ARRAY[]::TEXT[],
    "undo_of" UUID,
    "confirms" UUID,
    "next_cursor" JSONB,
    "progress" JSONB NOT NULL DEFAULT '{}',
    "counts" JSONB NOT NULL DEFAULT '{}',
    "coverage" TEXT COLLATE "C",
    "plan_hash" BYTEA,
    "planned_at" TIMESTAMPTZ(6),
    "hold_id" UUID,
    "attempts" INTEGER NOT NULL DEFAULT 0,
    "error_code" TEXT COLLATE "C",
    "error_message" TEXT COLLATE "C",

    CONSTRAINT "run_pkey" PRIMARY KEY ("organisation_id","id")
);

-- CreateTable
CREATE TABLE "staged_page" (
    "organisation_id" UUID NOT NULL,
    "run_id" UUID NOT NULL,
    "page" INTEGER NOT NULL,
    "external_ids" TEXT[],
    "hashes" BYTEA[],
    "observed_at" TIMESTAMPTZ(6) NOT NULL,
    "next_cursor" TEXT COLLATE "C",

    CONSTRAINT "staged_page_pkey" PRIMARY KEY ("organisation_id","run_id","page")
);

-- CreateTable
CREATE TABLE "staged_record" (
    "organisation_id" UUID NOT NULL,
    "run_id" UUID NOT NULL,
    "external_id" TEXT COLLATE "C" NOT NULL,
    "hash" BYTEA NOT NULL,
    "observed_at" TIMESTAMPTZ(6) NOT NULL,
    "body" JSONB,
    "email_canonical" TEXT COLLATE "C",
    "employed" BOOLEAN NOT NULL,
    "in_scope" BOOLEAN NOT NULL,
    "out_of_scope_because" TEXT COLLATE "C",
    "fault" TEXT COLLATE "C",
    "source" TEXT COLLATE "C" NOT NULL DEFAULT 'page',
    "contradicted" BOOLEAN NOT NULL DEFAULT false,
    "settles" BOOLEAN NOT NULL DEFAULT false,
    "awaited_manager" TEXT COLLATE "C",
    "unmatched_title" TEXT COLLATE "C",
    "unmatched_team" TEXT COLLATE "C",

    CONSTRAINT "staged_record_pkey" PRIMARY KEY ("organisation_id","run_id","external_id")
);

-- CreateTable
CREATE TABLE "staged_evidence" (
    "organisation_id" UUID NOT NULL,
    "run_id" UUID NOT NULL,
    "external_id" TEXT COLLATE "C" NOT NULL,
    "verdict" TEXT COLLATE "C" NOT NULL,
    "because" TEXT COLLATE "C",
    "observed_at" TIMESTAMPTZ(6) NOT NULL,

    CONSTRAINT "staged_evidence_pkey" PRIMARY KEY ("organisation_id","run_id","external_id")
);

-- CreateTable
CREATE TABLE "planned_change" (
    "organisation_id" UUID NOT NULL,
    "run_id" UUID NOT NULL,
    "seq" INTEGER NOT NULL,
    "kind" TEXT COLLATE "C" NOT NULL,
    "disposition" TEXT COLLATE "C" NOT NULL,
    "situation" TEXT COLLATE "C" NOT NULL,
    "batch" INTEGER,
    "external_id" TEXT COLLATE "C",
    "person_id" UUID,
    "other_person_id" UUID,
    "label" TEXT COLLATE "C" NOT NULL,
    "reason" JSONB NOT NULL,
    "before" JSONB,
    "after" JSONB,
    "removal" BOOLEAN NOT NULL DEFAULT false,
    "record_hash" BYTEA,
    "result" TEXT COLLATE "C",
    "settles" BOOLEAN NOT NULL DEFAULT true,
    "approved" BOOLEAN NOT NULL DEFAULT false,
    "place" INTEGER NOT NULL DEFAULT 0,
    "ring" TEXT COLLATE "C",

    CONSTRAINT "planned_change_pkey" PRIMARY KEY ("organisation_id","run_id","seq")
);

-- CreateTable
CREATE TABLE "plan_batch" (
    "organisation_id" UUID NOT NULL,
    "run_id" UUID NOT NULL,
    "batch" INTEGER NOT NULL,
    "size" INTEGER NOT NULL,
    "applied_at" TIMESTAMPTZ(6),
    "applied" INTEGER,

    CONSTRAINT "plan_batch_pkey" PRIMARY KEY ("organisation_id","run_id","batch")
);

-- CreateTable
CREATE TABLE "hold" (
    "organisation_id" UUID NOT NULL,
    "id" UUID NOT NULL,
    "connection_id" UUID NOT NULL,
    "version" INTEGER NOT NULL DEFAULT 1,
    "state" TEXT COLLATE "C" NOT NULL,
    "cause" JSONB NOT NULL,
    "shared" JSONB NOT NULL DEFAULT '{}',
    "opened_at" TIMESTAMPTZ(6) NOT NULL DEFAULT CURRENT_TIMESTAMP,
    "looked_at" TIMESTAMPTZ(6),
    "approved_at" TIMESTAMPTZ(6),
    "asked_again_at" TIMESTAMPTZ(6),
    "closed_at" TIMESTAMPTZ(6),

    CONSTRAINT "hold_pkey" PRIMARY KEY ("organisation_id","id")
);

-- CreateTable
CREATE TABLE "hold_member" (
    "organisation_id" UUID NOT NULL,
    "hold_id" UUID NOT NULL,
    "external_id" TEXT COLLATE "C" NOT NULL,
    "person_id" UUID NOT NULL,
    "kind" TEXT COLLATE "C" NOT NULL,
    "state" TEXT COLLATE "C" NOT NULL,
    "reason" JSONB NOT NULL,
    "facts_hash" BYTEA NOT NULL,
    "last_sign_in_at" TIMESTAMPTZ(6),
    "added_version" INTEGER NOT NULL,
    "added_at" TIMESTAMPTZ(6) NOT NULL DEFAULT CURRENT_TIMESTAMP,
    "decided_version" INTEGER,
    "decided_by" JSONB,
    "decided_at" TIMESTAMPTZ(6),

    CONSTRAINT "hold_member_pkey" PRIMARY KEY ("organisation_id","hold_id","external_id")
);

-- CreateTable
CREATE TABLE "override" (
    "organisation_id" UUID NOT NULL,
    "id" UUID NOT NULL,
    "person_id" UUID NOT NULL,
    "connection_id" UUID,
    "external_id" TEXT COLLATE "C",
    "kind" TEXT COLLATE "C" NOT NULL,
    "facts_hash" BYTEA,
    "cause" TEXT COLLATE "C" NOT NULL,
    "made_by" JSONB NOT NULL,
    "made_at" TIMESTAMPTZ(6) NOT NULL DEFAULT CURRENT_TIMESTAMP,
    "released_at" TIMESTAMPTZ(6),
    "released_by" JSONB,
    "released_why" TEXT COLLATE "C",

    CONSTRAINT "override_pkey" PRIMARY KEY ("organisation_id","id")
);

-- CreateTable
CREATE TABLE "conflict" (
    "organisation_id" UUID NOT NULL,
    "id" UUID NOT NULL,
    "connection_id" UUID NOT NULL,
    "kind" TEXT COLLATE "C" NOT NULL,
    "cause" TEXT COLLATE "C" NOT NULL,
    "external_id" TEXT COLLATE "C" NOT NULL,
    "other_external_id" TEXT COLLATE "C",
    "person_id" UUID,
    "other_person_id" UUID,
    "detail" JSONB NOT NULL DEFAULT '{}',
    "opened_at" TIMESTAMPTZ(6) NOT NULL DEFAULT CURRENT_TIMESTAMP,
    "resolved_at" TIMESTAMPTZ(6),
    "resolution" TEXT COLLATE "C",
    "resolved_by" JSONB,

    CONSTRAINT "conflict_pkey" PRIMARY KEY ("organisation_id","id")
);

-- CreateTable
CREATE TABLE "notice" (
    "organisation_id" UUID NOT NULL,
    "id" UUID NOT NULL,
    "kind" TEXT COLLATE "C" NOT NULL,
    "cause" TEXT COLLATE "C" NOT NULL,
    "connection_id" UUID,
    "person_id" UUID,
    "message" TEXT COLLATE "C" NOT NULL,
    "detail" JSONB NOT NULL DEFAULT '{}',
    "opened_at" TIMESTAMPTZ(6) NOT NULL DEFAULT CURRENT_TIMESTAMP,
    "mended_at" TIMESTAMPTZ(6),

    CONSTRAINT "notice_pkey" PRIMARY KEY ("organisation_id","id")
);

-- CreateTable
CREATE TABLE "audit_entry" (
    "organisation_id" UUID NOT NULL,
    "seq" BIGSERIAL NOT NULL,
    "at" TIMESTAMPTZ(6) NOT NULL DEFAULT CURRENT_TIMESTAMP,
    "action" TEXT COLLATE "C" NOT NULL,
    "actor" JSONB NOT NULL,
    "subject_kind" TEXT COLLATE "C" NOT NULL,
    "subject_id" TEXT COLLATE "C" NOT NULL,
    "run_id" UUID,
    "request_id" TEXT COLLATE "C",
    "address" TEXT COLLATE "C",
    "outcome" TEXT COLLATE "C" NOT NULL DEFAULT 'done',
    "detail" JSONB NOT NULL DEFAULT '{}',

    CONSTRAINT "audit_entry_pkey" PRIMARY KEY ("organisation_id","seq")
);

-- CreateTable
CREATE TABLE "event" (
    "organisation_id" UUID NOT NULL,
    "seq" BIGSERIAL NOT NULL,
    "id" UUID NOT NULL,
    "at" TIMESTAMPTZ(6) NOT NULL DEFAULT CURRENT_TIMESTAMP,
    "type" TEXT COLLATE "C" NOT NULL,
    "person_id" UUID NOT NULL,
    "run_id" UUID,
    "payload" JSONB NOT NULL,

    CONSTRAINT "event_pkey" PRIMARY KEY ("organisation_id","seq")
);

-- CreateIndex
CREATE UNIQUE INDEX "organisation_slug_key" ON "organisation"("slug");

-- CreateIndex
CREATE UNIQUE INDEX "domain_organisation_id_name_key" ON "domain"("organisation_id", "name");

-- CreateIndex
CREATE UNIQUE INDEX "api_key_lookup_key" ON "api_key"("lookup");

-- CreateIndex
CREATE UNIQUE INDEX "framework_organisation_id_folded_key" ON "framework"("organisation_id", "folded");

-- CreateIndex
CREATE INDEX "team_organisation_id_framework_id_idx" ON "team"("organisation_id", "framework_id");

-- CreateIndex
CREATE UNIQUE INDEX "team_organisation_id_folded_key" ON "team"("organisation_id", "folded");

-- CreateIndex
CREATE INDEX "position_organisation_id_folded_idx" ON "position"("organisation_id", "folded");

-- CreateIndex
CREATE UNIQUE INDEX "position_organisation_id_framework_id_folded_key" ON "position"("organisation_id", "framework_id", "folded");

-- CreateIndex
CREATE UNIQUE INDEX "alias_organisation_id_kind_folded_key" ON "alias"("organisation_id", "kind", "folded");

-- CreateIndex
CREATE INDEX "person_token_organisation_id_person_id_idx" ON "person_token"("organisation_id", "person_id");

-- CreateIndex
CREATE INDEX "former_address_organisation_id_person_id_idx" ON "former_address"("organisation_id", "person_id");

-- CreateIndex
CREATE INDEX "run_organisation_id_connection_id_asked_at_idx" ON "run"("organisation_id", "connection_id", "asked_at");

-- CreateIndex
CREATE INDEX "run_organisation_id_asked_at_idx" ON "run"("organisation_id", "asked_at");

-- CreateIndex
CREATE INDEX "planned_change_organisation_id_person_id_run_id_idx" ON "planned_change"("organisation_id", "person_id", "run_id");

-- CreateIndex
CREATE INDEX "hold_organisation_id_opened_at_idx" ON "hold"("organisation_id", "opened_at");

-- CreateIndex
CREATE INDEX "hold_member_organisation_id_person_id_idx" ON "hold_member"("organisation_id", "person_id");

-- CreateIndex
CREATE INDEX "override_organisation_id_person_id_idx" ON "override"("organisation_id", "person_id");

-- CreateIndex
CREATE INDEX "override_organisation_id_made_at_idx" ON "override"("organisation_id", "made_at");

-- CreateIndex
CREATE INDEX "conflict_organisation_id_connection_id_idx" ON "conflict"("organisation_id", "connection_id");

-- CreateIndex
CREATE INDEX "conflict_organisation_id_opened_at_idx" ON "conflict"("organisation_id", "opened_at");

-- CreateIndex
CREATE INDEX "notice_organisation_id_opened_at_idx" ON "notice"("organisation_id", "opened_at");

-- CreateIndex
CREATE INDEX "audit_entry_organisation_id_subject_kind_subject_id_seq_idx" ON "audit_entry"("organisation_id", "subject_kind", "subject_id", "seq");

-- CreateIndex
CREATE UNIQUE INDEX "event_organisation_id_id_key" ON "event"("organisation_id", "id");

-- AddForeignKey
ALTER TABLE "data_key" ADD CONSTRAINT "data_key_organisation_id_fkey" FOREIGN KEY ("organisation_id") REFERENCES "organisation"("id") ON DELETE RESTRICT ON UPDATE RESTRICT;

-- AddForeignKey
ALTER TABLE "domain" ADD CONSTRAINT "domain_organisation_id_fkey" FOREIGN KEY ("organisation_id") REFERENCES "organisation"("id") ON DELETE RESTRICT ON UPDATE RESTRICT;

-- AddForeignKey
ALTER TABLE "api_key" ADD CONSTRAINT "api_key_organisation_id_fkey" FOREIGN KEY ("organisation_id") REFERENCES "organisation"("id") ON DELETE RESTRICT ON UPDATE RESTRICT;

-- AddForeignKey
ALTER TABLE "api_key" ADD CONSTRAINT "api_key_organisation_id_person_id_fkey" FOREIGN KEY ("organisation_id", "person_id") REFERENCES "person"("organisation_id", "id") ON DELETE RESTRICT ON UPDATE RESTRICT;

-- AddForeignKey
ALTER TABLE "idempotency_key" ADD CONSTRAINT "idempotency_key_organisation_id_fkey" FOREIGN KEY ("organisation_id") REFERENCES "organisation"("id") ON DELETE RESTRICT ON UPDATE RESTRICT;

-- AddForeignKey
ALTER TABLE "framework" ADD CONSTRAINT "framework_organisation_id_fkey" FOREIGN KEY ("organisation_id") REFERENCES "organisation"("id") ON DELETE RESTRICT ON UPDATE RESTRICT;

-- AddForeignKey
ALTER TABLE "team" ADD CONSTRAINT "team_organisation_id_framework_id_fkey" FOREIGN KEY ("organisation_id", "framework_id") REFERENCES "framework"("organisation_id", "id") ON DELETE RESTRICT ON UPDATE RESTRICT;

-- AddForeignKey
ALTER TABLE "position" ADD CONSTRAINT "position_organisation_id_framework_id_fkey" FOREIGN KEY ("organisation_id", "framework_id") REFERENCES "framework"("organisation_id", "id") ON DELETE RESTRICT ON UPDATE RESTRICT;

-- AddForeignKey
ALTER TABLE "alias" ADD CONSTRAINT "alias_organisation_id_team_id_fkey" FOREIGN KEY ("organisation_id", "team_id") REFERENCES "team"("organisation_id", "id") ON DELETE RESTRICT ON UPDATE RESTRICT;

-- AddForeignKey
ALTER TABLE "alias" ADD CONSTRAINT "alias_organisation_id_position_id_fkey" FOREIGN KEY ("organisation_id", "position_id") REFERENCES "position"("organisation_id", "id") ON DELETE RESTRICT ON UPDATE RESTRICT;

-- AddForeignKey
ALTER TABLE "person" ADD CONSTRAINT "person_organisation_id_fkey" FOREIGN KEY ("organisation_id") REFERENCES "organisation"("id") ON DELETE RESTRICT ON UPDATE RESTRICT;

-- AddForeignKey
ALTER TABLE "person" ADD CONSTRAINT "person_organisation_id_team_id_fkey" FOREIGN KEY ("organisation_id", "team_id") REFERENCES "team"("organisation_id", "id") ON DELETE RESTRICT ON UPDATE RESTRICT;

-- AddForeignKey
ALTER TABLE "person" ADD CONSTRAINT "person_organisation_id_position_id_fkey" FOREIGN KEY ("organisation_id", "position_id") REFERENCES "position"("organisation_id", "id") ON DELETE RESTRICT ON UPDATE RESTRICT;

-- AddForeignKey
ALTER TABLE "person" ADD CONSTRAINT "person_organisation_id_manager_id_fkey" FOREIGN KEY ("organisation_id", "manager_id") REFERENCES "person"("organisation_id", "id") ON DELETE RESTRICT ON UPDATE RESTRICT;

-- AddForeignKey
ALTER TABLE "former_address" ADD CONSTRAINT "former_address_organisation_id_person_id_fkey" FOREIGN KEY ("organisation_id", "person_id") REFERENCES "person"("organisation_id", "id") ON DELETE CASCADE ON UPDATE RESTRICT;

-- AddForeignKey
ALTER TABLE "connection" ADD CONSTRAINT "connection_organisation_id_fkey" FOREIGN KEY ("organisation_id") REFERENCES "organisation"("id") ON DELETE RESTRICT ON UPDATE RESTRICT;

-- AddForeignKey
ALTER TABLE "directory_record" ADD CONSTRAINT "directory_record_organisation_id_connection_id_fkey" FOREIGN KEY ("organisation_id", "connection_id") REFERENCES "connection"("organisation_id", "id") ON DELETE RESTRICT ON UPDATE RESTRICT;

-- AddForeignKey
ALTER TABLE "directory_record" ADD CONSTRAINT "directory_record_organisation_id_person_id_fkey" FOREIGN KEY ("organisation_id", "person_id") REFERENCES "person"("organisation_id", "id") ON DELETE RESTRICT ON UPDATE RESTRICT;

-- AddForeignKey
ALTER TABLE "run" ADD CONSTRAINT "run_organisation_id_connection_id_fkey" FOREIGN KEY ("organisation_id", "connection_id") REFERENCES "connection"("organisation_id", "id") ON DELETE RESTRICT ON UPDATE RESTRICT;

-- AddForeignKey
ALTER TABLE "planned_change" ADD CONSTRAINT "planned_change_organisation_id_run_id_fkey" FOREIGN KEY ("organisation_id", "run_id") REFERENCES "run"("organisation_id", "id") ON DELETE CASCADE ON UPDATE RESTRICT;

-- AddForeignKey
ALTER TABLE "plan_batch" ADD CONSTRAINT "plan_batch_organisation_id_run_id_fkey" FOREIGN KEY ("organisation_id", "run_id") REFERENCES "run"("organisation_id", "id") ON DELETE CASCADE ON UPDATE RESTRICT;

-- AddForeignKey
ALTER TABLE "hold" ADD CONSTRAINT "hold_organisation_id_connection_id_fkey" FOREIGN KEY ("organisation_id", "connection_id") REFERENCES "connection"("organisation_id", "id") ON DELETE RESTRICT ON UPDATE RESTRICT;

-- AddForeignKey
ALTER TABLE "hold_member" ADD CONSTRAINT "hold_member_organisation_id_hold_id_fkey" FOREIGN KEY ("organisation_id", "hold_id") REFERENCES "hold"("organisation_id", "id") ON DELETE CASCADE ON UPDATE RESTRICT;

-- AddForeignKey
ALTER TABLE "override" ADD CONSTRAINT "override_organisation_id_person_id_fkey" FOREIGN KEY ("organisation_id", "person_id") REFERENCES "person"("organisation_id", "id") ON DELETE RESTRICT ON UPDATE RESTRICT;

-- AddForeignKey
ALTER TABLE "override" ADD CONSTRAINT "override_organisation_id_connection_id_fkey" FOREIGN KEY ("organisation_id", "connection_id") REFERENCES "connection"("organisation_id", "id") ON DELETE RESTRICT ON UPDATE RESTRICT;

-- AddForeignKey
ALTER TABLE "conflict" ADD CONSTRAINT "conflict_organisation_id_connection_id_fkey" FOREIGN KEY ("organisation_id", "connection_id") REFERENCES "connection"("organisation_id", "id") ON DELETE RESTRICT ON UPDATE RESTRICT;

-- AddForeignKey
ALTER TABLE "notice" ADD CONSTRAINT "notice_organisation_id_fkey" FOREIGN KEY ("organisation_id") REFERENCES "organisation"("id") ON DELETE RESTRICT ON UPDATE RESTRICT;

-- AddForeignKey
ALTER TABLE "audit_entry" ADD CONSTRAINT "audit_entry_organisation_id_fkey" FOREIGN KEY ("organisation_id") REFERENCES "organisation"("id") ON DELETE RESTRICT ON UPDATE RESTRICT;

-- AddForeignKey
ALTER TABLE "event" ADD CONSTRAINT "event_organisation_id_fkey" FOREIGN KEY ("organisation_id") REFERENCES "organisation"("id") ON DELETE RESTRICT ON UPDATE RESTRICT;


-- What Prisma's schema language cannot say: constraints, partial indexes, roles and row-level security.

ALTER TABLE "staged_page" SET UNLOGGED;
ALTER TABLE "staged_record" SET UNLOGGED;
ALTER TABLE "staged_evidence" SET UNLOGGED;

ALTER TABLE "installation" ADD CONSTRAINT "installation_one_row" CHECK ("id" = 1);
ALTER TABLE "organisation" ADD CONSTRAINT "organisation_runs_kept" CHECK ("runs_kept_days" BETWEEN 7 AND 400);
ALTER TABLE "organisation" ADD CONSTRAINT "organisation_erase_after" CHECK ("erase_after_days" BETWEEN 7 AND 3650);
ALTER TABLE "person" ADD CONSTRAINT "person_state" CHECK ("state" IN ('pending', 'active', 'archived'));
ALTER TABLE "person" ADD CONSTRAINT "person_origin" CHECK ("origin" IN ('manual', 'csv', 'directory', 'scim', 'sso', 'admin'));
ALTER TABLE "person" ADD CONSTRAINT "person_archived_for_a_reason" CHECK (("state" = 'archived') = (cardinality("archive_reasons") > 0));
ALTER TABLE "person" ADD CONSTRAINT "person_archive_reasons" CHECK ("archive_reasons" <@ ARRAY['directory', 'scim', 'csv', 'admin', 'undo']);
ALTER TABLE "person" ADD CONSTRAINT "person_not_own_manager" CHECK ("manager_id" <> "id");
ALTER TABLE "alias" ADD CONSTRAINT "alias_kind" CHECK (("kind" = 'team' AND "team_id" IS NOT NULL AND "position_id" IS NULL) OR ("kind" = 'position' AND "position_id" IS NOT NULL AND "team_id" IS NULL));
ALTER TABLE "connection" ADD CONSTRAINT "connection_state" CHECK ("state" IN ('setup', 'active', 'paused', 'deleting'));
ALTER TABLE "run" ADD CONSTRAINT "run_state" CHECK ("state" IN ('queued', 'reading', 'planning', 'applying', 'succeeded', 'ready', 'failed', 'cancelled'));
ALTER TABLE "run" ADD CONSTRAINT "run_kind" CHECK ("kind" IN ('full', 'delta', 'preview', 'simulation', 'undo', 'removal'));
ALTER TABLE "planned_change" ADD CONSTRAINT "planned_change_disposition" CHECK ("disposition" IN ('apply', 'hold', 'approve', 'skip', 'conflict'));
ALTER TABLE "hold" ADD CONSTRAINT "hold_state" CHECK ("state" IN ('open', 'closed'));
ALTER TABLE "hold_member" ADD CONSTRAINT "hold_member_state" CHECK ("state" IN ('waiting', 'approved', 'rejected', 'applied', 'reappeared'));
ALTER TABLE "domain" ADD CONSTRAINT "domain_connection" FOREIGN KEY ("organisation_id", "connection_id") REFERENCES "connection"("organisation_id", "id");
ALTER TABLE "hold_member" ADD CONSTRAINT "hold_member_person" FOREIGN KEY ("organisation_id", "person_id") REFERENCES "person"("organisation_id", "id");
ALTER TABLE "run" ADD CONSTRAINT "run_undo_of" FOREIGN KEY ("organisation_id", "undo_of") REFERENCES "run"("organisation_id", "id") ON DELETE SET NULL ("undo_of");

CREATE UNIQUE INDEX "domain_verified_once" ON "domain" ("name") WHERE "verified_at" IS NOT NULL;
CREATE UNIQUE INDEX "person_address" ON "person" ("organisation_id", "email_canonical") WHERE "state" <> 'archived';
CREATE INDEX "person_by_email" ON "person" ("organisation_id", "email_canonical", "id");
CREATE INDEX "person_by_created" ON "person" ("organisation_id", "created_at", "id");
CREATE INDEX "person_without_manager" ON "person" ("organisation_id", "sort_name", "id") WHERE "manager_id" IS NULL AND "state" <> 'archived';
CREATE INDEX "person_by_name" ON "person" ("organisation_id", "sort_name", "id");
CREATE INDEX "person_by_state" ON "person" ("organisation_id", "state", "sort_name", "id") WHERE "state" <> 'active';
CREATE INDEX "person_by_origin" ON "person" ("organisation_id", "origin", "sort_name", "id") WHERE "origin" <> 'directory';
CREATE INDEX "person_by_team" ON "person" ("organisation_id", "team_id", "sort_name", "id") WHERE "team_id" IS NOT NULL;
CREATE INDEX "person_by_position" ON "person" ("organisation_id", "position_id", "sort_name", "id") WHERE "position_id" IS NOT NULL;
CREATE INDEX "person_by_manager" ON "person" ("organisation_id", "manager_id") WHERE "manager_id" IS NOT NULL;
CREATE INDEX "person_admins" ON "person" ("organisation_id", "sort_name", "id") WHERE "is_admin";
CREATE INDEX "api_key_person" ON "api_key" ("organisation_id", "person_id") WHERE "person_id" IS NOT NULL;
CREATE INDEX "connection_due" ON "connection" ("next_run_at") WHERE "state" = 'active';
CREATE UNIQUE INDEX "connection_rank" ON "connection" ("organisation_id", "rank") WHERE "state" <> 'deleting';
CREATE UNIQUE INDEX "run_active_once" ON "run" ("organisation_id", "connection_id") WHERE "state" IN ('reading', 'planning', 'applying');
CREATE UNIQUE INDEX "run_queued_once" ON "run" ("organisation_id", "connection_id") WHERE "state" = 'queued';
CREATE INDEX "run_waiting" ON "run" ("asked_at") WHERE "state" IN ('queued', 'reading', 'planning', 'applying');
CREATE INDEX "run_ready" ON "run" ("organisation_id", "connection_id", "asked_at") WHERE "state" = 'ready';
CREATE UNIQUE INDEX "record_one_per_person" ON "directory_record" ("organisation_id", "connection_id", "person_id") WHERE "person_id" IS NOT NULL AND "gone_at" IS NULL;
CREATE INDEX "record_person" ON "directory_record" ("organisation_id", "person_id") WHERE "person_id" IS NOT NULL;
CREATE INDEX "record_unsettled" ON "directory_record" ("organisation_id", "connection_id", "external_id") WHERE "settled_hash" IS DISTINCT FROM "observed_hash";
CREATE INDEX "record_address" ON "directory_record" ("organisation_id", "email_canonical") WHERE "email_canonical" IS NOT NULL;
CREATE INDEX "record_awaits_manager" ON "directory_record" ("organisation_id", "connection_id", "awaited_manager") WHERE "awaited_manager" IS NOT NULL;
CREATE INDEX "record_unmatched_title" ON "directory_record" ("organisation_id", "unmatched_title") WHERE "unmatched_title" IS NOT NULL;
CREATE INDEX "record_unmatched_team" ON "directory_record" ("organisation_id", "unmatched_team") WHERE "unmatched_team" IS NOT NULL;
CREATE INDEX "record_missing" ON "directory_record" ("organisation_id", "connection_id", "external_id") WHERE "missing_since" IS NOT NULL;
CREATE INDEX "staged_record_address" ON "staged_record" ("organisation_id", "run_id", "email_canonical") WHERE "email_canonical" IS NOT NULL;
CREATE INDEX "planned_change_batch" ON "planned_change" ("organisation_id", "run_id", "batch", "seq") WHERE "batch" IS NOT NULL;
CREATE INDEX "planned_change_record" ON "planned_change" ("organisation_id", "external_id", "run_id") WHERE "person_id" IS NULL;
CREATE UNIQUE INDEX "hold_open_once" ON "hold" ("organisation_id", "connection_id") WHERE "state" = 'open';
CREATE UNIQUE INDEX "conflict_open_once" ON "conflict" ("organisation_id", "cause") WHERE "resolved_at" IS NULL;
CREATE UNIQUE INDEX "notice_open_once" ON "notice" ("organisation_id", "cause") WHERE "mended_at" IS NULL;
CREATE INDEX "override_standing" ON "override" ("organisation_id", "connection_id", "external_id") WHERE "released_at" IS NULL;
CREATE INDEX "audit_entry_run" ON "audit_entry" ("organisation_id", "run_id", "seq") WHERE "run_id" IS NOT NULL;
CREATE INDEX "event_person" ON "event" ("organisation_id", "person_id", "seq");

-- Roles: rollcall_migrate owns the schema, rollcall_app sees one organisation at a time, rollcall_worker sees what is due.

GRANT USAGE ON SCHEMA public TO rollcall_app, rollcall_worker;
GRANT USAGE ON ALL SEQUENCES IN SCHEMA public TO rollcall_app;
GRANT SELECT ON "installation" TO rollcall_app, rollcall_worker;
GRANT INSERT, UPDATE ON "installation" TO rollcall_worker;
GRANT SELECT, INSERT, UPDATE, DELETE ON "instance" TO rollcall_worker;

ALTER TABLE "organisation" ENABLE ROW LEVEL SECURITY;
ALTER TABLE "organisation" FORCE ROW LEVEL SECURITY;
CREATE POLICY "own" ON "organisation" TO rollcall_app
  USING ("id" = nullif(current_setting('rollcall.organisation_id', true), '')::uuid)
  WITH CHECK ("id" = nullif(current_setting('rollcall.organisation_id', true), '')::uuid);
GRANT SELECT, INSERT, UPDATE, DELETE ON "organisation" TO rollcall_app;

DO $$
DECLARE
  tenant_table text;
BEGIN
  -- USING as a plain expression, so that the planner knows how large the organisation is; WITH CHECK as a sub-select, so
  -- that a bulk insert works it out once and not for every row.
  FOREACH tenant_table IN ARRAY ARRAY['data_key', 'domain', 'api_key', 'idempotency_key', 'framework', 'team', 'position', 'alias',
    'person', 'person_token', 'former_address', 'connection', 'directory_record', 'run', 'staged_page', 'staged_record',
    'staged_evidence', 'planned_change', 'plan_batch', 'hold', 'hold_member', 'override', 'conflict', 'notice', 'audit_entry', 'event']
  LOOP
    EXECUTE format('ALTER TABLE %I ENABLE ROW LEVEL SECURITY', tenant_table);
    EXECUTE format('ALTER TABLE %I FORCE ROW LEVEL SECURITY', tenant_table);
    EXECUTE format($policy$CREATE POLICY "own" ON %I TO rollcall_app
      USING ("organisation_id" = nullif(current_setting('rollcall.organisation_id', true), '')::uuid)
      WITH CHECK ("organisation_id" = (SELECT nullif(current_setting('rollcall.organisation_id', true), '')::uuid))$policy$, tenant_table);
    EXECUTE format('GRANT SELECT, INSERT ON %I TO rollcall_app', tenant_table);
    IF tenant_table NOT IN ('audit_entry', 'event') THEN
      EXECUTE format('GRANT UPDATE, DELETE ON %I TO rollcall_app', tenant_table);
    END IF;
  END LOOP;
END $$;

-- What the worker may see across organisations: who there is, what is due, and which digest a key has.
CREATE POLICY "worker_reads" ON "organisation" FOR SELECT TO rollcall_worker USING (true);
CREATE POLICY "worker_reads_due" ON "connection" FOR SELECT TO rollcall_worker USING (true);
CREATE POLICY "worker_reads_waiting" ON "run" FOR SELECT TO rollcall_worker USING (true);
CREATE POLICY "worker_reads_digests" ON "api_key" FOR SELECT TO rollcall_worker USING (true);
GRANT SELECT ("id", "slug", "name", "stopped_at", "stop_reason", "runs_kept_days", "created_at") ON "organisation" TO rollcall_worker;
GRANT SELECT ("organisation_id", "id", "state", "next_run_at", "last_full_at", "last_run_at", "attention", "failures", "failing_since",
  "confirmed_version", "stopped_at", "lease_owner", "lease_token", "lease_expires_at") ON "connection" TO rollcall_worker;
GRANT SELECT ("organisation_id", "id", "connection_id", "kind", "trigger", "state", "asked_at", "started_at", "cancel_asked_at") ON "run" TO rollcall_worker;
GRANT SELECT ("organisation_id", "id", "lookup", "digest", "scopes", "networks", "person_id", "expires_at", "revoked_at") ON "api_key" TO rollcall_worker;

-- The owner copies every row out and in: backup and restore are its task, and row-level security is forced on owners too.
DO $$
DECLARE
  owned_table text;
BEGIN
  FOR owned_table IN SELECT relname FROM pg_class WHERE relnamespace = 'public'::regnamespace AND relkind = 'r' AND relrowsecurity
  LOOP
    EXECUTE format('CREATE POLICY "owner_copies" ON %I TO rollcall_migrate USING (true) WITH CHECK (true)', owned_table);
  END LOOP;
END $$;

INSERT INTO "installation" ("id", "name") VALUES (1, gen_random_uuid());
