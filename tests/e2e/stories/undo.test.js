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
  // However often the stop is undone and done again.
  await redo(a);
  await a.shows(["Report"]);
  await undo(a);
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

story("Ctrl+Z in a field undoes an act if nothing is typed that waits", async (world) => {
  const device = await world.device("laptop");
  const screen = await device.open();
  const { page } = screen;
  await screen.what.fill("Tea");
  await screen.what.press("Enter");
  await screen.stopButton.waitFor();
  await screen.what.press("Control+z");
  await screen.startButton.waitFor();
  await screen.shows([]);
  // Nor does a checkbox take it.
  await page.getByRole("link", { name: "Help" }).first().click();
  await page.getByRole("checkbox", { name: "Use single keys" }).press("Control+Shift+Z");
  await screen.titled(/Tea/);
});

story("after an act that could not be remembered, the one before is not undone", async (world) => {
  const device = await world.device("laptop");
  const screen = await device.open();
  await screen.track("Tea");
  await screen.page.evaluate(() => {
    const { setItem } = Storage.prototype;
    Storage.prototype.setItem = function set(key, value) {
      if (key.startsWith("wizi-undo.")) throw new DOMException("full", "QuotaExceededError");
      setItem.call(this, key, value);
    };
  });
  const row = await screen.row("Tea");
  await row.edit(row.description, "Cake");
  await screen.shows(["Cake"]);
  assert.deepEqual(await screen.stored("wizi-undo."), []);
  await undo(screen);
  await screen.shows(["Cake"]);
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
  const restore = (name) => bin.getByRole("listitem").filter({ hasText: name }).getByRole("button");
  const hasFocus = (button) => button.evaluate((it) => it === document.activeElement);
  // What happens elsewhere builds no row again.
  await restore("One").focus();
  await a.start("Tea");
  await b.titled(/Tea/);
  assert.ok(await hasFocus(restore("One")));
  await a.stop();
  await (await a.row("Tea")).deleteButton.click();
  await until("three are listed", async () => (await bin.getByRole("listitem").count()) === 3);
  assert.ok(await hasFocus(restore("One")));
  await restore("Tea").focus();
  await b.page.keyboard.press("Enter");
  await until("two are left", async () => (await bin.getByRole("listitem").count()) === 2);
  assert.ok(await hasFocus(restore("Two")));
  await b.page.keyboard.press("Tab");
  await b.page.keyboard.press("Enter");
  await until("one is left", async () => (await bin.getByRole("listitem").count()) === 1);
  await a.shows(["One", "Tea"]);
  await (await a.row("Tea")).deleteButton.click();
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

story("the history of another user is gone after the next start", async (world) => {
  const { screens } = await world.pair();
  const [a] = screens;
  await a.track("Mine");
  await a.saved();
  const [[mine, text]] = await a.stored("wizi-undo.");
  const other = "wizi-undo.01890a5d-ac96-774b-bcce-b302099a8057";
  await a.page.evaluate(([key, text]) => localStorage.setItem(key, text), [other, text]);
  await a.reload();
  const keys = async () => (await a.stored("wizi-undo.")).map(([key]) => key);
  await until("one history is left", async () => (await keys()).join() === mine, { seen: keys });
});
