-- Nothing ever asked for it: who may raise a limit or change who is exempt for emergencies decides alone.
ALTER TABLE "organisation" DROP COLUMN "two_person_rule";
