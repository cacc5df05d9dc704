// One user, one device.
import assert from "node:assert/strict";
import { newAccount } from "../harness/account.js";
import { story } from "../harness/world.js";

story("a: sign up, start, stop, edit, delete, undo", async (world) => {
  const account = newAccount();
  const [, screen] = await world.signedIn("laptop", account, { isNew: true });

  await screen.start("Write the report");
  await screen.titled(/^\d:\d\d:\d\d Write the report/);
  await screen.stop();
  await screen.shows(["Write the report"]);
  assert.doesNotMatch(await screen.page.title(), /^\d/, "the title after the stop");

  const row = await screen.row("Write the report");
  await row.edit(row.description, "Write the long report");
  await screen.shows(["Write the long report"]);
  await row.chooseProject("Writing");
  await row.edit(row.startTime, "-15m");
  await screen.saved();
  const state = await world.serverHolds(account, ["Write the long report"]);
  const [entry] = state.time_entries;
  assert.deepEqual(state.projects.map((project) => project.name), ["Writing"]);
  assert.equal(entry.project_id, state.projects[0].id);
  const minutes = (entry.stop.at - entry.started_at) / 60_000;
  assert.ok(minutes > 14 && minutes < 17, `${minutes} minutes`);

  await row.deleteButton.click();
  await screen.shows([]);
  await world.serverHolds(account, []);
  await screen.page.getByRole("button", { name: "Undo" }).click();
  await screen.shows(["Write the long report"]);
  const after = await world.serverHolds(account, ["Write the long report"]);
  assert.equal(after.time_entries[0].project_id, entry.project_id, "undo brings all of it back");
});

story("times may be typed in common formats", async (world) => {
  const device = await world.device("laptop");
  const screen = await device.open();
  await screen.add({ description: "Breakfast", start: "930", end: "10:15am" });
  const row = await screen.row("Breakfast");
  const times = async () => {
    const { start, end } = await row.read();
    return [start, end].map((text) => text.replace(/\s/g, " "));
  };
  assert.deepEqual(await times(), ["9:30 AM", "10:15 AM"]);
  await row.edit(row.startTime, "9");
  assert.deepEqual(await times(), ["9:00 AM", "10:15 AM"]);
  await row.edit(row.endTime, "11:05");
  assert.deepEqual(await times(), ["9:00 AM", "11:05 AM"]);
  await row.edit(row.endTime, "soon");
  const told = row.locator.getByText("This is not a time");
  await told.waitFor();
  assert.deepEqual((await times())[0], "9:00 AM", "a mistake changes nothing");
});

story("continue starts the same work again", async (world) => {
  const device = await world.device("laptop");
  const screen = await device.open();
  await screen.track("Read");
  const row = await screen.row("Read");
  await row.chooseProject("Study");
  await row.continueButton.click();
  await screen.titled(/Read/);
  await screen.stop();
  await screen.shows(["Read", "Read"]);
  assert.equal(await screen.rows.getByRole("button", { name: "Study" }).count(), 2);
});

story("earlier descriptions are suggested", async (world) => {
  const device = await world.device("laptop");
  const screen = await device.open();
  await screen.track("Water the plants");
  await screen.what.fill("wat");
  await screen.page.getByRole("option", { name: "Water the plants" }).click();
  await screen.titled(/Water the plants/);
});

story("the clock continues while the page is closed", async (world) => {
  const device = await world.device("laptop");
  let screen = await device.open();
  await screen.start("Nap");
  await device.close();
  screen = await device.startAndOpen();
  await screen.titled(/^\d:\d\d:\d\d Nap/);
  await screen.stop();
  await screen.shows(["Nap"]);
});

story("a double click and a held key act once", async (world) => {
  const device = await world.device("laptop");
  const screen = await device.open();
  for (const name of ["One", "Two", "Three"]) await screen.track(name);
  await (await screen.row("Three")).deleteButton.dblclick();
  await screen.shows(["One", "Two"]);
  const second = await screen.row("Two");
  await second.deleteButton.focus();
  await screen.page.keyboard.down("Enter");
  // A key that is already down repeats.
  for (let repeats = 0; repeats < 3; repeats += 1) await screen.page.keyboard.down("Enter");
  await screen.page.keyboard.up("Enter");
  await screen.shows(["One"]);
  await screen.startButton.dblclick();
  await screen.stopButton.waitFor();
  await screen.titled(/^\d:\d\d:\d\d/);
});

story("deletions are undone one after the other", async (world) => {
  const device = await world.device("laptop");
  const screen = await device.open();
  for (const name of ["One", "Two"]) await screen.track(name);
  await (await screen.row("One")).deleteButton.click();
  await (await screen.row("Two")).deleteButton.click();
  await screen.shows([]);
  await screen.page.getByText("2 entries deleted").waitFor();
  const undo = screen.page.getByRole("button", { name: "Undo" });
  await undo.click();
  await screen.shows(["Two"]);
  await undo.click();
  await screen.shows(["One", "Two"]);
});

story("a chosen project is kept when a suggestion has none", async (world) => {
  const device = await world.device("laptop");
  const screen = await device.open();
  const { page } = screen;
  await screen.track("Write report");
  await page.locator(".timer").getByRole("button", { name: "No project" }).click();
  await page.getByRole("textbox", { name: "Find or create a project" }).fill("Beta");
  await page.keyboard.press("Enter");
  await screen.what.fill("wri");
  await page.getByRole("option", { name: "Write report Beta" }).click();
  await screen.titled(/Write report/);
  await page.locator(".timer").getByRole("button", { name: "Beta" }).waitFor();
});
