-- Which link of an invitation a sign-in was begun from. One without it was begun before this was known, and finishes nothing.
ALTER TABLE "sign_in_attempt" ADD COLUMN "invitation_version" INTEGER;
