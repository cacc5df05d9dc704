// An account with years of entries: what an edit costs must not depend on them.
import assert from "node:assert/strict";
import { randomUUID } from "node:crypto";
import { Channel, newAccount, signUp } from "../harness/account.js";
import { until } from "../harness/until.js";
import { story } from "../harness/world.js";

const DAYS = 500;
const ENTRIES_PER_DAY = 40;
/** Days that the list shows at first. */
const DAYS_SHOWN = 14;
/** The most events in one push. */
const BATCH_EVENTS_MAX = 500;

const MINUTE_MS = 60_000;
const DAY_MS = 86_400_000;
/** Between the starts of two entries. A day's entries are in the morning, as it is around noon. */
const INTERVAL_MS = 8 * MINUTE_MS;
const LENGTH_MS = 5 * MINUTE_MS;

/** The time limit for downloading the account. */
const DOWNLOAD = { boundMs: 60_000 };

story("an edit among 20,000 entries changes its own row and the totals", async (world) => {
  const account = newAccount();
  await fill(await signUp(world.server, account), world.server);
  const [, screen] = await world.signedIn("laptop", account);
  const row = await screen.row("work 3.20", DOWNLOAD);
  await screen.saved(DOWNLOAD);
  assert.equal(await screen.rows.count(), DAYS_SHOWN * ENTRIES_PER_DAY);

  const changes = await Changes.watch(screen, row);
  await row.edit(row.description, "edited");
  await changes.begun();
  await screen.saved();
  assert.deepEqual(await changes.take(), ["its row"]);

  await row.edit(row.locator.getByRole("textbox", { name: "Duration" }), "6m");
  await changes.begun();
  await screen.saved();
  const day = row.locator.locator("xpath=ancestor::section[1]");
  assert.match(await day.locator(".day__total").innerText(), /3:21:00/);
  assert.deepEqual(await changes.take(), ["its day's header", "its row", "its week's header"]);
});

/** Gives the account its entries, the first of them yesterday: `work DAY.INDEX`. */
async function fill(session, server) {
  const channel = await Channel.join(server, session);
  const events = [];
  for (let index = 0; index < DAYS * ENTRIES_PER_DAY; index += 1) events.push(entry(index));
  while (events.length > 0) {
    await channel.push("BULK_EVENT", { events: events.splice(0, BATCH_EVENTS_MAX) });
  }
  channel.close();
}

const device_id = randomUUID();
const now = Date.now();

function entry(index) {
  const day = 1 + Math.floor(index / ENTRIES_PER_DAY);
  const place = index % ENTRIES_PER_DAY;
  const started_at = now - day * DAY_MS - (place + 1) * INTERVAL_MS;
  return {
    id: randomUUID(),
    device_id,
    writer_id: device_id,
    seq: index + 1,
    at: now,
    recorded_at: now,
    // No device has this zone, so that every edit changes the note about it in the row.
    zone: "Asia/Kathmandu",
    v: 1,
    event_type: "CREATE_TIME_ENTRY",
    event: {
      time_entry_id: randomUUID(),
      started_at,
      stopped_at: started_at + LENGTH_MS,
      description: `work ${day}.${place}`,
      project_id: null,
      task_id: null,
      tag_ids: [],
      billable: false,
    },
  };
}

/** What changes within the list of entries. */
class Changes {
  #page;

  static async watch(screen, row) {
    const changes = new Changes();
    changes.#page = screen.page;
    const list = await screen.list.elementHandle();
    await row.locator.evaluate((row, list) => {
      // Found before anything changes: a list that is drawn again has other elements.
      const day = row.closest("section.day");
      const head = day.querySelector(".day__head");
      let week = day;
      while (!week.matches(".week")) week = week.previousElementSibling;
      const places = [["its row", row], ["its day's header", head], ["its week's header", week]];
      const changed = new Set();
      const note = (records) => {
        for (const { target } of records) {
          const place = places.find(([, element]) => element.contains(target));
          changed.add(place ? place[0] : `other: ${target.className || target.textContent}`);
        }
      };
      const observer = new MutationObserver(note);
      const options = { attributes: true, characterData: true, childList: true, subtree: true };
      observer.observe(list, options);
      window.hasChanges = () => {
        note(observer.takeRecords());
        return changed.size > 0;
      };
      window.takeChanges = () => {
        note(observer.takeRecords());
        const taken = [...changed].sort();
        changed.clear();
        return taken;
      };
    }, list);
    return changes;
  }

  /** Waits for the first change since the last call of `take`: before it the badge says Saved. */
  async begun() {
    await until("the list changes", () => this.#page.evaluate(() => window.hasChanges()));
  }

  /** The places that have changed since the last call. */
  take() {
    return this.#page.evaluate(() => window.takeChanges());
  }
}
