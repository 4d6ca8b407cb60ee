-- What refers to no organisation by a foreign key could be written by a transaction that began before the organisation
-- ended, and stay behind. So nothing of it is written once its time is over; and the end waits for whoever writes already.
DO $$
DECLARE
  loose_table text;
BEGIN
  FOREACH loose_table IN ARRAY ARRAY['person', 'person_token', 'event', 'audit_entry', 'team', 'alias', 'override', 'planned_change',
    'staged_page', 'staged_record', 'staged_evidence'] LOOP
    -- A sub-select, worked out once in a statement; by the clock itself, for a statement may have waited for a lock.
    EXECUTE format($policy$ALTER POLICY "own" ON %I WITH CHECK ("organisation_id" = (SELECT o."id" FROM "organisation" o
      WHERE o."id" = nullif(current_setting('rollcall.organisation_id', true), '')::uuid
        AND (o."delete_after" IS NULL OR o."delete_after" > clock_timestamp())))$policy$, loose_table);
  END LOOP;
END $$;

-- Waits until whoever writes to a table has ended. In a transaction of its own for each table: nothing else is held.
CREATE FUNCTION "await_writers"("written" TEXT) RETURNS VOID
LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp SET lock_timeout = '5s' AS $$
BEGIN
  IF "written" NOT IN ('person', 'person_token', 'event', 'audit_entry', 'team', 'alias', 'override', 'planned_change',
    'staged_page', 'staged_record', 'staged_evidence') THEN
    RAISE EXCEPTION 'nobody waits for this table' USING ERRCODE = 'invalid_parameter_value';
  END IF;
  EXECUTE format('LOCK TABLE %I IN SHARE MODE', "written");
END $$;
REVOKE ALL ON FUNCTION "await_writers"(TEXT) FROM PUBLIC;
GRANT EXECUTE ON FUNCTION "await_writers"(TEXT) TO rollcall_worker;
