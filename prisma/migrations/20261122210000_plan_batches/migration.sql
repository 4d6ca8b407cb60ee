-- A batch names its lines: cutting a plan no longer writes every line a second time.
ALTER TABLE "plan_batch" ADD COLUMN "seqs" INTEGER[] DEFAULT ARRAY[]::INTEGER[],
  ADD COLUMN "leaves" BOOLEAN NOT NULL DEFAULT false;
UPDATE "plan_batch" b SET
  "seqs" = coalesce((SELECT array_agg(c."seq" ORDER BY c."seq") FROM "planned_change" c
                      WHERE c."organisation_id" = b."organisation_id" AND c."run_id" = b."run_id" AND c."batch" = b."batch"), '{}'),
  "leaves" = EXISTS (SELECT FROM "planned_change" c
                      WHERE c."organisation_id" = b."organisation_id" AND c."run_id" = b."run_id" AND c."batch" = b."batch" AND c."removal");
DROP INDEX "planned_change_batch";
DROP INDEX "planned_change_removal";
ALTER TABLE "planned_change" DROP COLUMN "batch";
CREATE INDEX "planned_change_removal" ON "planned_change" ("organisation_id", "run_id", "seq") WHERE "removal";
ALTER TABLE "plan_batch" ALTER COLUMN "seqs" SET STATISTICS 0;

-- Foreign keys that were checked for each row of a bulk and could not fail: row-level security ties every row to the
-- organisation of the transaction, nobody may delete an organisation, and a plan is written in the transaction that holds its run.
ALTER TABLE "person" DROP CONSTRAINT "person_organisation_id_fkey";
ALTER TABLE "audit_entry" DROP CONSTRAINT "audit_entry_organisation_id_fkey";
ALTER TABLE "event" DROP CONSTRAINT "event_organisation_id_fkey";
ALTER TABLE "planned_change" DROP CONSTRAINT "planned_change_organisation_id_run_id_fkey";
REVOKE DELETE ON "organisation" FROM rollcall_app;

-- Which batches took somebody out lately: every run's guard asks.
CREATE INDEX "plan_batch_leaves" ON "plan_batch" ("organisation_id", "applied_at") WHERE "leaves";
