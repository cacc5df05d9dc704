// The upgrade from a previous release, in a real browser: two tabs with waiting, quarantined and
// archived events are reloaded into this release. `cargo xtask upgrade` runs it.
import assert from "node:assert/strict";
import { newAccount } from "../harness/account.js";
import { plantPoison } from "../harness/poison.js";
import { until } from "../harness/until.js";
import { appFolder, story } from "../harness/world.js";

/** Keeps the connection closed: the app asks for a socket token first. */
const SOCKET_TOKEN = "**/api/socket_token";

story("waiting, quarantined and archived events survive the upgrade", async (world) => {
  const oldApp = process.env.WIZI_OLD_APP;
  assert.ok(oldApp, "WIZI_OLD_APP must name the previous release; run `cargo xtask upgrade`");
  await serve(world, oldApp);

  const account = newAccount();
  const [laptop, first] = await world.signedIn("laptop", account, { isNew: true });
  await first.track("Archived");
  await first.saved();
  await laptop.readyForOffline(first);
  await laptop.goOffline();
  await plantPoison(first, "Backwards");
  await first.reload();
  await laptop.goOnline();
  await first.says("1 change needs you");
  const second = await laptop.open();
  await second.says("1 change needs you");

  // Nothing is sent until both tabs run this release.
  await laptop.context.route(SOCKET_TOKEN, (route) => route.abort());
  const screens = [first, second];
  for (const screen of screens) await screen.reload();
  await first.add({ description: "Waiting in tab 1", start: "9:00", end: "9:30" });
  await second.add({ description: "Waiting in tab 2", start: "10:00", end: "10:30" });
  const all = ["Archived", "Backwards", "Waiting in tab 1", "Waiting in tab 2"];
  for (const screen of screens) await showsAtLeast(screen, all.filter((it) => it !== "Backwards"));
  const oldLoader = await loader(first);
  const waiting = await first.stored("wizi.event.");
  const quarantined = await first.stored("wizi.quarantine.");
  const archived = await archivedIds(first);
  assert.equal(quarantined.length, 1);
  assert.ok(waiting.length >= 2, `${waiting.length} events wait`);
  assert.ok(archived.length >= 2, `${archived.length} events are archived: a start and a stop`);

  await serve(world, appFolder());
  await first.page.evaluate(async () => {
    await (await navigator.serviceWorker.getRegistration()).update();
  });
  for (const screen of screens) await screen.page.getByText("A new version is ready").waitFor();
  const sent = countSentEvents(screens);
  await first.page.bringToFront();
  await first.page.getByRole("button", { name: "Reload" }).click();
  await until("this release runs", async () => (await loader(first)) !== oldLoader);
  await first.ready();
  // The button of the first release does nothing once another tab has started the new worker.
  await second.page.bringToFront();
  await second.reload();
  assert.notEqual(await loader(second), oldLoader);
  for (const screen of screens) await showsAtLeast(screen, all.filter((it) => it !== "Backwards"));
  assert.deepEqual(ids(await first.stored("wizi.event.")), ids(waiting));
  assert.deepEqual(ids(await first.stored("wizi.quarantine.")), ids(quarantined));
  assert.deepEqual(await archivedIds(first), archived);

  await laptop.context.unroute(SOCKET_TOKEN);
  for (const screen of screens) {
    await screen.page.evaluate(() => window.dispatchEvent(new Event("online")));
  }
  for (const screen of screens) await screen.says("1 change needs you");
  await world.serverHolds(account, all.filter((it) => it !== "Backwards"));

  const dialog = await first.openSync();
  await dialog.getByText("The end would be before the start.").waitFor();
  await dialog.getByRole("button", { name: "Discard" }).click();
  await dialog.getByRole("button", { name: "Discard for good" }).click();
  await first.closeDialog();
  for (const screen of screens) await screen.saved();
  for (const prefix of ["wizi.event.", "wizi.quarantine."]) {
    assert.deepEqual(await first.stored(prefix), []);
  }
  // Counted at the end, when nothing is left to be sent.
  const expected = ids(waiting).map((id) => [id, 1]);
  assert.deepEqual([...sent].sort(), expected, "the events that were sent, and how often");
  await until("the sent events are archived, and the old ones still are", async () => {
    const found = await archivedIds(first);
    return [...archived, ...ids(waiting)].every((id) => found.includes(id));
  });
});

/** The ids of events in localStorage. */
function ids(stored) {
  return stored.map(([key]) => key.split(".").pop()).sort();
}

/** The ids of the archived events, which are in IndexedDB. */
async function archivedIds(screen) {
  const keys = await screen.page.evaluate(async () => {
    const done = (request) =>
      new Promise((resolve, fail) => {
        request.onsuccess = () => resolve(request.result);
        request.onerror = () => fail(request.error);
      });
    const database = await done(indexedDB.open("wizitime"));
    try {
      return await done(database.transaction("archive").objectStore("archive").getAllKeys());
    } finally {
      database.close();
    }
  });
  return keys.map((key) => key.split("/").pop()).sort();
}

async function serve(world, app) {
  await world.server.stop();
  world.server.app = app;
  await world.server.start();
}

/** The release that a tab runs, by its loader script. */
function loader(screen) {
  return screen.page.evaluate(() => document.querySelector("script[src*=boot]")?.src);
}

async function showsAtLeast(screen, descriptions) {
  await until(
    `${screen.device.name} shows ${descriptions}`,
    async () => {
      const shown = await screen.descriptions();
      return descriptions.every((description) => shown.includes(description));
    },
    { seen: () => screen.descriptions() },
  );
}

/** Counts by event id how often each event is sent from now on. */
function countSentEvents(screens) {
  const sent = new Map();
  const count = ({ payload }) => {
    const [, , , event, body] = JSON.parse(payload);
    if (event !== "BULK_EVENT") return;
    for (const { id } of body.events) sent.set(id, (sent.get(id) ?? 0) + 1);
  };
  for (const { page } of screens) {
    page.on("websocket", (socket) => socket.on("framesent", count));
  }
  return sent;
}
