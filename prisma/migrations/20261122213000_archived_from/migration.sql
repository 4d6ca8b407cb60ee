-- Whoever is brought back by hand is what they were: somebody who was set up and never let in does not come back as one who was.
ALTER TABLE "person" ADD COLUMN "archived_from" TEXT COLLATE "C";
ALTER TABLE "person" ADD CONSTRAINT "person_archived_from" CHECK ("archived_from" IS NULL OR ("archived_from" IN ('pending', 'active') AND "state" = 'archived'));
