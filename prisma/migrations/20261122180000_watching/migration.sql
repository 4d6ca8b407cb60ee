-- What the installation's metrics and its watch over connections need across organisations: states, counts and times of
-- connections, and how many questions are open. No name, no text, nobody's data.
GRANT SELECT ("provider", "settings", "created_at") ON "connection" TO rollcall_worker;

CREATE POLICY "worker_counts" ON "hold" FOR SELECT TO rollcall_worker USING (true);
CREATE POLICY "worker_counts" ON "hold_member" FOR SELECT TO rollcall_worker USING (true);
CREATE POLICY "worker_counts" ON "conflict" FOR SELECT TO rollcall_worker USING (true);
CREATE POLICY "worker_counts" ON "notice" FOR SELECT TO rollcall_worker USING (true);
GRANT SELECT ("organisation_id", "id", "connection_id", "state", "opened_at") ON "hold" TO rollcall_worker;
GRANT SELECT ("organisation_id", "hold_id", "state") ON "hold_member" TO rollcall_worker;
GRANT SELECT ("organisation_id", "connection_id", "resolved_at") ON "conflict" TO rollcall_worker;
GRANT SELECT ("organisation_id", "connection_id", "kind", "mended_at") ON "notice" TO rollcall_worker;
