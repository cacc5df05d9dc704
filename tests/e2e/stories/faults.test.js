// Invalid input and faults as shown to the user.
import assert from "node:assert/strict";
import { readFile } from "node:fs/promises";
import { newAccount, signOutEverywhere } from "../harness/account.js";
import { plantPoison } from "../harness/poison.js";
import { until } from "../harness/until.js";
import { story } from "../harness/world.js";

/** A signed-in device with one valid and one rejected event. */
async function poisoned(world) {
  const account = newAccount();
  const [laptop, screen] = await world.signedIn("laptop", account, { isNew: true });
  await laptop.readyForOffline(screen);
  await laptop.goOffline();
  await screen.track("Good work");
  await plantPoison(screen, "Backwards");
  await screen.reload();
  await laptop.goOnline();
  await screen.says("1 change needs you");
  return { account, laptop, screen };
}

story("g: a rejected event is quarantined and the rest syncs", async (world) => {
  const { account, screen } = await poisoned(world);
  await world.serverHolds(account, ["Good work"]);
  const dialog = await screen.openSync();
  await dialog.getByText("The end would be before the start.").waitFor();
  await dialog.getByRole("button", { name: "Discard" }).click();
  await dialog.getByRole("button", { name: "Discard for good" }).click();
  await screen.closeDialog();
  await screen.saved();
  assert.deepEqual(await screen.stored("wizi.quarantine."), []);
});

story("a quarantined event survives a reload and can be fixed", async (world) => {
  const { account, screen } = await poisoned(world);
  await screen.reload();
  await screen.says("1 change needs you");
  const dialog = await screen.openSync();
  await dialog.getByRole("button", { name: "Retry", exact: true }).click();
  await screen.says("1 change needs you");
  await dialog.getByRole("button", { name: "Edit" }).click();
  await dialog.getByRole("textbox", { name: "Start", exact: true }).fill("9:00");
  await dialog.getByRole("textbox", { name: "End", exact: true }).fill("9:30");
  await dialog.getByRole("button", { name: "Save and retry" }).click();
  await screen.closeDialog();
  await screen.saved();
  await world.serverHolds(account, ["Good work", "Backwards"]);
});

story("quarantined events can be exported", async (world) => {
  const { screen } = await poisoned(world);
  const dialog = await screen.openSync();
  const download = screen.page.waitForEvent("download");
  await dialog.getByRole("button", { name: "Export" }).first().click();
  const path = await (await download).path();
  assert.match(await readFile(path, "utf8"), /Backwards/);
});

story("h: two tabs of one profile record at once", async (world) => {
  const account = newAccount();
  const [laptop, first] = await world.signedIn("laptop", account, { isNew: true });
  const second = await laptop.open();
  await second.saved();
  const add = (screen, description) => screen.add({ description, start: "9:00", end: "9:30" });
  const names = [1, 2, 3, 4].flatMap((number) => [`First ${number}`, `Second ${number}`]);
  for (const number of [1, 2, 3, 4]) {
    await Promise.all([add(first, `First ${number}`), add(second, `Second ${number}`)]);
  }
  for (const screen of [first, second]) await screen.shows(names);
  for (const screen of [first, second]) await screen.saved();
  await world.serverHolds(account, names);
});

story("when the leader closes, another tab sends", async (world) => {
  const account = newAccount();
  const [laptop, first] = await world.signedIn("laptop", account, { isNew: true });
  const second = await laptop.open();
  await second.saved();
  await first.page.close();
  await second.track("Still here");
  await second.saved();
  await world.serverHolds(account, ["Still here"]);
});

story("i: recording continues after the token is revoked", async (world) => {
  const account = newAccount();
  const [, screen] = await world.signedIn("laptop", account, { isNew: true });
  await screen.track("Before");
  await screen.saved();
  await signOutEverywhere(world.server, account);
  await screen.says("Sign in to sync");
  await screen.track("Meanwhile");
  await screen.shows(["Before", "Meanwhile"]);
  await screen.reload();
  await screen.shows(["Before", "Meanwhile"]);
  await screen.signIn(account);
  await world.serverHolds(account, ["Before", "Meanwhile"]);
});

story("j: a guest signs up and keeps everything", async (world) => {
  const account = newAccount();
  const device = await world.device("laptop");
  const screen = await device.open();
  await screen.says("Saved on this device");
  await screen.track("As a guest");
  await (await screen.row("As a guest")).chooseProject("Trial");
  await screen.reload();
  await screen.shows(["As a guest"]);
  await screen.signUp(account);
  const state = await world.serverHolds(account, ["As a guest"]);
  assert.deepEqual(state.projects.map((project) => project.name), ["Trial"]);
  const [, phone] = await world.signedIn("phone", account);
  await phone.shows(["As a guest"]);
});

story("sign-out does not discard unsynced events", async (world) => {
  const account = newAccount();
  const [laptop, screen] = await world.signedIn("laptop", account, { isNew: true });
  laptop.proxy.cut();
  await screen.track("Only here");
  await screen.says(/· 2 waiting$/);
  const dialog = await screen.openAccount();
  await dialog.getByRole("button", { name: "Sign out", exact: true }).click();
  await dialog.getByText("2 changes are only on this device.").waitFor();
  assert.equal((await screen.stored("wizi.event.")).length, 2);
  await screen.closeDialog();
  laptop.proxy.heal();
  await screen.saved();
  await screen.openAccount();
  await dialog.getByRole("button", { name: "Sign out", exact: true }).click();
  await screen.says("Saved on this device");
  await screen.shows([]);
  await world.serverHolds(account, ["Only here"]);
});

story("discarding unsynced events needs confirmation", async (world) => {
  const account = newAccount();
  const [laptop, screen] = await world.signedIn("laptop", account, { isNew: true });
  laptop.proxy.cut();
  await screen.track("Not worth keeping");
  await screen.says(/· 2 waiting$/);
  const dialog = await screen.openAccount();
  await dialog.getByRole("button", { name: "Sign out", exact: true }).click();
  await dialog.getByRole("button", { name: "Sign out and drop 2 changes" }).click();
  assert.equal((await screen.stored("wizi.event.")).length, 2, "the first press drops nothing");
  await dialog.getByRole("button", { name: "Yes, drop and sign out" }).click();
  await screen.says("Saved on this device");
  assert.deepEqual(await screen.stored("wizi.event."), []);
  laptop.proxy.heal();
  await world.serverHolds(account, []);
});

story("a wrong password and a used address are reported", async (world) => {
  const account = newAccount();
  await world.signedIn("laptop", account, { isNew: true });
  const phone = await world.device("phone");
  const screen = await phone.open();
  const dialog = await screen.openAccount();
  await dialog.getByRole("textbox", { name: "Email" }).fill(account.email);
  await dialog.getByLabel("Password").fill("not the password");
  await dialog.getByRole("button", { name: "Sign in" }).click();
  await dialog.getByRole("alert").waitFor();
  await dialog.getByRole("button", { name: "Create account" }).click();
  await until("the used address is reported", async () =>
    /account|taken|exists|use/i.test(await dialog.getByRole("alert").innerText()),
  );
});

story("full storage is reported at once, and entries stay in memory", async (world) => {
  const account = newAccount();
  const [laptop, screen] = await world.signedIn("laptop", account, { isNew: true });
  laptop.proxy.cut();
  await screen.says(/^Offline/);
  await screen.page.evaluate(() => {
    // Fill the quota with ever smaller items.
    for (let size = 1 << 20; size >= 1; size >>= 1) {
      try {
        for (let n = 0; ; n += 1) localStorage.setItem(`other.${size}.${n}`, "x".repeat(size));
      } catch {
        // Try the next smaller size.
      }
    }
  });
  await screen.start("Unsaved");
  await screen.says("Not saved on this device");
  await screen.titled(/Unsaved/);
  const dialog = await screen.openSync();
  const download = screen.page.waitForEvent("download");
  await dialog.getByRole("button", { name: "Export" }).first().click();
  assert.match(await readFile(await (await download).path(), "utf8"), /Unsaved/);
  await screen.closeDialog();
  laptop.proxy.heal();
  // The event is sent although it could not be stored.
  await world.serverHolds(account, ["Unsaved"]);
});

story("blocked storage is reported at once", async (world) => {
  const device = await world.device("laptop");
  await device.context.addInitScript(() => {
    const refuse = () => {
      throw new DOMException("blocked", "SecurityError");
    };
    Object.defineProperty(window, "localStorage", { get: refuse });
    Object.defineProperty(window, "indexedDB", { get: refuse });
  });
  const screen = await device.open();
  await screen.says("Not saved on this device");
  await screen.track("In memory");
  await screen.shows(["In memory"]);
});

story("a corrupt record is kept and counted, and the rest loads", async (world) => {
  const device = await world.device("laptop");
  const screen = await device.open();
  await screen.track("Sound");
  await screen.page.evaluate(() => {
    const id = "01890000-0000-7000-8000-000000000000";
    localStorage.setItem(`wizi.event.guest.0000000000000001.${id}`, '{"id": "half of an ev');
  });
  await screen.reload();
  await screen.shows(["Sound"]);
  const dialog = await screen.openSync();
  await dialog.getByText("1 stored text could not be read").waitFor();
  const damaged = await screen.stored("wizi.damaged.");
  assert.equal(damaged.length, 1);
  assert.match(damaged[0][1], /half of an ev/);
});

story("a device with a wrong clock records the server's time", async (world) => {
  const account = newAccount();
  const device = await world.device("laptop");
  // Three hours slow.
  await device.context.addInitScript(() => {
    const real = Date.now.bind(Date);
    Date.now = () => real() - 3 * 3_600_000;
  });
  const screen = await device.open();
  await screen.signUp(account);
  await screen.track("By the right clock");
  await screen.saved();
  const { time_entries } = await world.serverHolds(account, ["By the right clock"]);
  const [entry] = time_entries;
  const offBy = Math.abs(Date.now() - entry.stop.at);
  assert.ok(offBy < 60_000, `the server's clock and the entry differ by ${offBy} ms`);
  assert.ok(entry.stop.at >= entry.started_at);
});
