// One user, two devices.
import assert from "node:assert/strict";
import { until } from "../harness/until.js";
import { story } from "../harness/world.js";

/** Time limit for showing a change of another device. */
const SEEN_MAX_MS = 1_000;

story("b: a second device sees each change within a second", async (world) => {
  const { screens } = await world.pair();
  const [laptop, phone] = screens;
  const soon = { boundMs: SEEN_MAX_MS };

  await laptop.start("Together");
  await phone.titled(/^\d:\d\d:\d\d Together/, soon);
  await phone.stopButton.waitFor({ timeout: SEEN_MAX_MS });
  await laptop.stop();
  await phone.shows(["Together"], soon);

  const row = await laptop.row("Together");
  await row.edit(row.description, "Together again");
  await phone.shows(["Together again"], soon);
  await row.chooseProject("Team");
  await phone.rows.getByRole("button", { name: "Team" }).waitFor({ timeout: SEEN_MAX_MS });

  await row.deleteButton.click();
  await phone.shows([], soon);
  await laptop.page.getByRole("button", { name: "Undo" }).click();
  await phone.shows(["Together again"], soon);

  await phone.start("From the phone");
  await laptop.titled(/From the phone/, soon);
  await laptop.stop();
  await phone.startButton.waitFor({ timeout: SEEN_MAX_MS });
});

story("e: two clocks started offline become one", async (world) => {
  const { account, devices, screens } = await world.pair();
  const [laptop, phone] = screens;
  for (const device of devices) await device.goOffline();
  await laptop.start("First");
  await phone.start("Second");
  for (const screen of screens) await screen.says(/· \d+ waiting$/);

  for (const device of devices) await device.goOnline();
  for (const screen of screens) await screen.saved();
  for (const screen of screens) await screen.titled(/Second/);

  const { time_entries: entries } = await world.serverHolds(account, ["First", "Second"]);
  const [first, second] = ["First", "Second"].map((description) =>
    entries.find((entry) => entry.description === description),
  );
  assert.equal(second.stop, null, "the later clock runs");
  const ended = { at: second.started_at, by: "implied" };
  assert.deepEqual(first.stop, ended, "the earlier ended where the later began");
});

story("f: a stale second stop does not move the first", async (world) => {
  const { account, devices, screens } = await world.pair();
  const [laptop, phone] = screens;
  await laptop.start("Meeting");
  await phone.titled(/Meeting/);

  await devices[1].goOffline();
  await laptop.stop();
  await laptop.saved();
  const before = await world.serverHolds(account, ["Meeting"]);
  const { stop } = before.time_entries[0];
  assert.equal(stop.by, "explicit");
  // The phone's clock must have advanced before it is stopped.
  const shown = await phone.page.title();
  await until("the phone's clock goes on", async () => (await phone.page.title()) !== shown);
  await phone.stop();
  await phone.says(/· 1 waiting$/);

  await devices[1].goOnline();
  await phone.saved();
  const after = await world.serverHolds(account, ["Meeting"]);
  assert.deepEqual(after.time_entries[0].stop, stop);
  const [onLaptop, onPhone] = await Promise.all(
    screens.map(async (screen) => (await screen.row("Meeting")).read()),
  );
  assert.deepEqual(onPhone, onLaptop);
});

story("the active option of the project menu stays when projects come", async (world) => {
  const { screens } = await world.pair();
  const [a, b] = screens;
  for (const name of ["Beta", "Gamma"]) {
    await a.track(name);
    await (await a.row(name)).chooseProject(name);
  }
  await a.track("Chosen");
  await b.shows(["Beta", "Gamma", "Chosen"]);
  const row = await a.row("Chosen");
  await row.locator.getByRole("button", { name: "No project" }).click();
  await a.page.keyboard.press("ArrowDown");
  await a.page.getByRole("option", { name: "Beta", selected: true }).waitFor();
  await (await b.row("Chosen")).chooseProject("Alpha");
  await a.page.getByRole("option", { name: "Alpha" }).waitFor();
  await a.page.keyboard.press("Enter");
  await row.locator.getByRole("button", { name: "Beta" }).waitFor();
});
