// Undo and redo of what was done on this device, and the bin.
import assert from "node:assert/strict";
import { until } from "../harness/until.js";
import { story } from "../harness/world.js";

/** Leaves fields, which undo what is typed in them. */
async function press(screen, keys) {
  await screen.page.locator("h1").focus();
  await screen.page.keyboard.press(keys);
}

const undo = (screen) => press(screen, "Control+z");
const redo = (screen) => press(screen, "Control+Shift+Z");

story("every act is undone latest first, and done again", async (world) => {
  const { account, screens } = await world.pair();
  const [a, b] = screens;
  await a.add({ description: "By hand", start: "6:00", end: "7:00" });
  const row = await a.row("By hand");
  await row.edit(row.description, "Edited");
  await row.edit(row.endTime, "8:00");
  await row.deleteButton.click();
  await a.shows([]);

  const endsAt = async (text) => {
    const seen = async () => (await a.entries())[0]?.end;
    await until(`the entry ends at ${text}`, async () => (await seen()) === text, { seen });
  };
  await undo(a);
  await endsAt("8:00 AM");
  await undo(a);
  await endsAt("7:00 AM");
  await undo(a);
  await a.shows(["By hand"]);
  await undo(a);
  await a.shows([]);
  // There is nothing more.
  await undo(a);
  for (let acts = 0; acts < 3; acts += 1) await redo(a);
  await endsAt("8:00 AM");
  await a.shows(["Edited"]);
  await b.shows(["Edited"]);
  await world.serverHolds(account, ["Edited"]);
});

story("acts are undone after a reload, offline and from another tab", async (world) => {
  const device = await world.device("laptop");
  const screen = await device.open();
  await device.readyForOffline(screen);
  await screen.track("Tea");
  await (await screen.row("Tea")).deleteButton.click();
  await device.goOffline();
  await screen.reload();
  await undo(screen);
  await screen.shows(["Tea"]);
  const other = await device.open();
  await undo(other);
  await other.stopButton.waitFor();
  await screen.stopButton.waitFor();
  await redo(screen);
  await screen.shows(["Tea"]);
  await other.shows(["Tea"]);
});

story("a clock that was stopped by mistake runs on, and a start is taken back", async (world) => {
  const { account, screens } = await world.pair();
  const [a, b] = screens;
  await a.start("Report");
  await a.stop();
  await undo(a);
  await a.titled(/^\d:\d\d:\d\d Report/);
  await b.titled(/^\d:\d\d:\d\d Report/);
  await a.shows([]);
  await undo(a);
  await a.startButton.waitFor();
  await b.startButton.waitFor();
  await world.serverHolds(account, []);
});

story("what another device changed since is not undone, and a sentence says so", async (world) => {
  const { account, screens } = await world.pair();
  const [a, b] = screens;
  await a.track("Tea");
  const row = await a.row("Tea");
  await row.edit(row.description, "Cake");
  const other = await b.row("Cake");
  await other.edit(other.description, "Pie");
  await a.shows(["Pie"]);
  await undo(a);
  await a.page.getByText("the entry was changed since").waitFor();
  await world.serverHolds(account, ["Pie"]);
});

story("a field with the focus undoes what is typed in it", async (world) => {
  const device = await world.device("laptop");
  const screen = await device.open();
  await screen.track("Tea");
  await screen.what.click();
  await screen.page.keyboard.type("Cake");
  await screen.page.keyboard.press("Control+z");
  assert.notEqual(await screen.what.inputValue(), "Cake");
  await screen.shows(["Tea"]);
});

story("deleted entries are restored from the bin", async (world) => {
  const { account, screens } = await world.pair();
  const [a, b] = screens;
  for (const name of ["One", "Two"]) await a.track(name);
  await (await a.row("One")).deleteButton.click();
  await (await a.row("Two")).deleteButton.click();
  await a.shows([]);
  await b.shows([]);
  await b.page.getByRole("button", { name: "Deleted entries" }).click();
  const bin = b.page.getByRole("dialog", { name: "Deleted entries" });
  await bin.getByRole("listitem").filter({ hasText: "One" }).getByRole("button").click();
  await until("one is left", async () => (await bin.getByRole("listitem").count()) === 1);
  await b.closeDialog();
  await b.shows(["One"]);
  await a.shows(["One"]);
  await world.serverHolds(account, ["One"]);
});

story("the history of a user is gone after signing out", async (world) => {
  const { screens } = await world.pair();
  const [a] = screens;
  await a.track("Secret");
  await a.saved();
  assert.equal((await a.stored("wizi-undo.")).length, 1);
  const dialog = await a.openAccount();
  await dialog.getByRole("button", { name: "Sign out" }).click();
  await a.says("Saved on this device");
  assert.deepEqual(await a.stored("wizi-undo."), []);
});
