-- AlterTable
ALTER TABLE "plan_batch" ADD COLUMN "wave" INTEGER NOT NULL DEFAULT 0;

-- Never a condition of ours, and costly to sample.
ALTER TABLE "staged_page" ALTER COLUMN "external_ids" SET STATISTICS 0, ALTER COLUMN "hashes" SET STATISTICS 0;
ALTER TABLE "staged_record" ALTER COLUMN "body" SET STATISTICS 0, ALTER COLUMN "hash" SET STATISTICS 0;
ALTER TABLE "directory_record" ALTER COLUMN "body" SET STATISTICS 0;
ALTER TABLE "planned_change" ALTER COLUMN "reason" SET STATISTICS 0, ALTER COLUMN "before" SET STATISTICS 0,
  ALTER COLUMN "after" SET STATISTICS 0, ALTER COLUMN "label" SET STATISTICS 0, ALTER COLUMN "record_hash" SET STATISTICS 0;
ALTER TABLE "audit_entry" ALTER COLUMN "detail" SET STATISTICS 0, ALTER COLUMN "actor" SET STATISTICS 0;
ALTER TABLE "event" ALTER COLUMN "payload" SET STATISTICS 0;

-- A run writes tens of thousands of rows and joins them at once. Until the planner has seen them it takes them for one, and
-- autovacuum comes a minute later; only the owner of a table may look at it for the planner.
CREATE FUNCTION "look_at_working_tables"("names" TEXT[]) RETURNS VOID
LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp SET lock_timeout = '2s' SET default_statistics_target = 30 AS $$
DECLARE
  working_table TEXT;
BEGIN
  FOREACH working_table IN ARRAY "names" LOOP
    IF working_table NOT IN ('staged_record', 'planned_change', 'directory_record', 'person') THEN
      RAISE EXCEPTION '% is no working table', working_table USING ERRCODE = 'invalid_parameter_value';
    END IF;
    EXECUTE format('ANALYZE %I', working_table);
  END LOOP;
EXCEPTION WHEN lock_not_available THEN
  -- Somebody else looks at it this moment; a plan without is slower, never wrong.
  RETURN;
END $$;
REVOKE ALL ON FUNCTION "look_at_working_tables"(TEXT[]) FROM PUBLIC;
GRANT EXECUTE ON FUNCTION "look_at_working_tables"(TEXT[]) TO rollcall_app;

-- Rare lines of plans that every run asks for.
CREATE INDEX "planned_change_removal" ON "planned_change" ("organisation_id", "run_id", "batch") WHERE "removal";
CREATE INDEX "planned_change_approved" ON "planned_change" ("organisation_id", "run_id") WHERE "approved";
-- Compressing lists of ids and hashes costs more time than it saves room, and they go at the end of the run.
ALTER TABLE "staged_page" ALTER COLUMN "external_ids" SET STORAGE EXTERNAL, ALTER COLUMN "hashes" SET STORAGE EXTERNAL;
