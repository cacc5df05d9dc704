// An event that the server rejects, as a corrupt profile may contain it.
import { randomUUID } from "node:crypto";

/** Stores a waiting event of the signed-in user that ends before it starts. */
export async function plantPoison(screen, description) {
  await screen.page.evaluate(
    ({ id, entry, text }) => {
      const { user_id } = JSON.parse(localStorage.getItem("wizi.session"));
      const at = Date.now();
      const envelope = {
        id,
        device_id: id,
        writer_id: id,
        seq: 1,
        at,
        recorded_at: at,
        zone: "UTC",
        v: 1,
        event_type: "CREATE_TIME_ENTRY",
        event: {
          time_entry_id: entry,
          started_at: at,
          stopped_at: at - 60_000,
          description: text,
          project_id: null,
          task_id: null,
          tag_ids: [],
          billable: false,
        },
      };
      const key = `wizi.event.${user_id}.${(1).toString(16).padStart(16, "0")}.${id}`;
      localStorage.setItem(key, JSON.stringify(envelope));
    },
    { id: randomUUID(), entry: randomUUID(), text: description },
  );
}
