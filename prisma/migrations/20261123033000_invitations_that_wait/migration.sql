-- Nothing asks for it: what waits has an index of its own.
DROP INDEX "invitation_organisation_id_sent_at_idx";

-- What waits of one organisation, without reading past what waits of the others.
DROP INDEX "invitation_waiting";
CREATE INDEX "invitation_waiting" ON "invitation" ("organisation_id", "queued_at", "id")
  WHERE "queued_at" IS NOT NULL AND "sent_at" IS NULL AND "accepted_at" IS NULL AND "closed_at" IS NULL;

-- Whether the sending is stopped, which each batch of a file asks: nothing in it while it is not.
CREATE INDEX "invitation_stopped" ON "invitation" ("organisation_id", "stopped_at")
  WHERE "stopped_at" IS NOT NULL AND "queued_at" IS NOT NULL AND "sent_at" IS NULL AND "accepted_at" IS NULL AND "closed_at" IS NULL;
