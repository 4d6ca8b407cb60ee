-- Nobody is an operator again because a directory says that they work here (S-10, S-22). The service can end operators of its
-- own organisation by this, and still make none.
CREATE FUNCTION "end_operators"("returned" UUID[], "at" TIMESTAMPTZ) RETURNS TABLE ("person_id" UUID)
LANGUAGE sql SECURITY DEFINER SET search_path = public, pg_temp AS $$
  UPDATE "operator" o SET "ended_at" = "at"
   WHERE o."organisation_id" = nullif(current_setting('rollcall.organisation_id', true), '')::uuid AND o."person_id" = ANY("returned")
     AND o."ended_at" IS NULL
  RETURNING o."person_id"
$$;
REVOKE ALL ON FUNCTION "end_operators"(UUID[], TIMESTAMPTZ) FROM PUBLIC;
GRANT EXECUTE ON FUNCTION "end_operators"(UUID[], TIMESTAMPTZ) TO rollcall_app;
