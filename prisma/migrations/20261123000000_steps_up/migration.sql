-- Whether an identity provider tells when somebody signed in, as showing again who one is needs it. Null: not asked yet.
ALTER TABLE "identity_provider" ADD COLUMN "steps_up" BOOLEAN;
