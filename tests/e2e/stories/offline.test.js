// Without network, server or power, no event is lost or duplicated.
import assert from "node:assert/strict";
import { newAccount } from "../harness/account.js";
import { until } from "../harness/until.js";
import { story } from "../harness/world.js";

/** Records without a connection, through a reload and a restart. */
async function trackWithoutServer(world, account, laptop, onLaptop) {
  let screen = onLaptop;
  await screen.track("Before the reload");
  await screen.says(/^Saved on this device · \d+ waiting$/);
  await screen.reload();
  await screen.shows(["Before the reload"]);
  await screen.track("After the reload");

  await laptop.close();
  screen = await laptop.startAndOpen();
  await screen.shows(["Before the reload", "After the reload"]);
  await screen.track("After the restart");
  await screen.says(/^Saved on this device · \d+ waiting$/);
  return screen;
}

const TRACKED = ["Before the reload", "After the reload", "After the restart"];

async function everythingArrivedOnce(world, account, screens) {
  for (const screen of screens) await screen.shows(TRACKED);
  for (const screen of screens) await screen.saved();
  await world.serverHolds(account, TRACKED);
  for (const screen of screens) assert.deepEqual(await screen.stored("wizi.event."), []);
}

story("c: tracked in flight mode, through reload and restart, arrives once", async (world) => {
  const { account, devices, screens } = await world.pair();
  const [laptop] = devices;
  await laptop.readyForOffline(screens[0]);
  await laptop.goOffline();
  const screen = await trackWithoutServer(world, account, laptop, screens[0]);
  await laptop.goOnline();
  await everythingArrivedOnce(world, account, [screen, screens[1]]);
});

story("c: tracked while the server is dead, through reload and restart, arrives once",
  async (world) => {
    const { account, devices, screens } = await world.pair();
    const [laptop] = devices;
    await laptop.readyForOffline(screens[0]);
    await world.server.kill();
    const screen = await trackWithoutServer(world, account, laptop, screens[0]);
    await world.server.start();
    await everythingArrivedOnce(world, account, [screen, screens[1]]);
  });

story("d: the server dies after the commit and before the reply", async (world) => {
  const account = newAccount();
  const [laptop, screen] = await world.signedIn("laptop", account, { isNew: true });
  const mark = world.server.mark();
  laptop.proxy.withhold();
  await screen.track("Just once");
  await world.server.logged("BULK_EVENT committed", mark);
  await world.server.kill();
  laptop.proxy.reset();
  await world.server.start();
  await screen.saved();
  await screen.shows(["Just once"]);
  await world.serverHolds(account, ["Just once"]);
  assert.deepEqual(await screen.stored("wizi.event."), []);
});

story("events survive a browser killed right after the badge says saved", async (world) => {
  const account = newAccount();
  const [laptop, before] = await world.signedIn("laptop", account, { isNew: true });
  await laptop.readyForOffline(before);
  // Closing flushes the session to disk.
  await laptop.close();
  const first = await laptop.startAndOpen();
  await first.saved();
  laptop.proxy.cut();
  await first.says(/^Offline/);
  const names = Array.from({ length: 8 }, (_, index) => `Entry ${index + 1}`);
  for (const name of names) await first.track(name);
  await first.says("Saved on this device · 16 waiting");
  await laptop.kill();

  const screen = await laptop.startAndOpen();
  await screen.shows(names);
  laptop.proxy.heal();
  await screen.saved();
  await world.serverHolds(account, names);
});

story("a dead connection is detected, and the badge shows waiting events", async (world) => {
  const account = newAccount();
  const [laptop, screen] = await world.signedIn("laptop", account, { isNew: true });
  laptop.proxy.stall();
  await screen.track("Into the void");
  await screen.says(/^Saved on this device · 2 waiting$/, { boundMs: 40_000 });
  const dialog = await screen.openSync();
  await dialog.getByText("Clock started").waitFor();
  await screen.closeDialog();
  laptop.proxy.reset();
  await screen.saved({ boundMs: 60_000 });
  await world.serverHolds(account, ["Into the void"]);
});

story("entries are shown after a newer version has used the database", async (world) => {
  const { devices, screens } = await world.pair();
  const [laptop] = devices;
  const [screen] = screens;
  await laptop.readyForOffline(screen);
  await screen.track("Kept");
  await screen.saved();
  await screen.page.evaluate(
    () =>
      new Promise((resolve, reject) => {
        const opening = indexedDB.open("wizitime", 99);
        opening.onsuccess = () => resolve(opening.result.close());
        opening.onerror = () => reject(opening.error);
      }),
  );
  await laptop.goOffline();
  await screen.reload();
  await screen.shows(["Kept"]);
  await screen.track("Offline");
  await laptop.goOnline();
  await screen.saved();
});

story("going online reconnects at once", async (world) => {
  const account = newAccount();
  const [laptop, screen] = await world.signedIn("laptop", account, { isNew: true });
  await laptop.goOffline();
  await screen.track("On the train");
  await screen.says(/· 2 waiting$/);
  const dialog = await screen.openSync();
  await dialog.getByText("No network").waitFor();
  await screen.closeDialog();
  await laptop.goOnline();
  await screen.saved({ boundMs: 2_000 });
});

story("a page that becomes visible reconnects at once", async (world) => {
  const account = newAccount();
  const [laptop, screen] = await world.signedIn("laptop", account, { isNew: true });
  laptop.proxy.cut();
  await screen.track("In the background");
  await screen.says(/· 2 waiting$/);
  // By now the backoff is several seconds.
  const dialog = await screen.openSync();
  await dialog.getByText(/could not be reached in ([89]|\d\d) attempts/).waitFor();
  await screen.closeDialog();
  laptop.proxy.heal();
  await screen.page.evaluate(() => window.dispatchEvent(new Event("focus")));
  await screen.saved({ boundMs: 1_500 });
});
