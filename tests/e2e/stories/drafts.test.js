// Texts that are not submitted yet: what they belong to while other devices and tabs change things,
// and that they are never lost.
import assert from "node:assert/strict";
import { readFile, readdir } from "node:fs/promises";
import { join } from "node:path";
import { newAccount } from "../harness/account.js";
import { breaches } from "../harness/breaches.js";
import { until } from "../harness/until.js";
import { story } from "../harness/world.js";

/** The prefix of the keys of drafts in localStorage. */
const DRAFT_PREFIX = "wizi-draft.";

story("text for the next entry is kept when another device starts one", async (world) => {
  const { account, screens } = await world.pair();
  const [a, b] = screens;
  await a.what.pressSequentially("Offer for Acme");
  await b.start("Meeting");
  await a.page.getByText("“Meeting” was started meanwhile").waitFor();
  await a.what.press("!");
  assert.equal(await a.what.inputValue(), "Offer for Acme!");
  await a.what.press("Enter");
  await a.titled(/Offer for Acme!/);
  await a.stop();
  await a.shows(["Meeting", "Offer for Acme!"]);
  await world.serverHolds(account, ["Meeting", "Offer for Acme!"]);
});

story("text for a running entry belongs to it when another one starts", async (world) => {
  const { account, screens } = await world.pair();
  const [a, b] = screens;
  await a.start("X");
  await b.titled(/X/);
  await a.what.fill("X with Bob");
  await b.what.fill("");
  await b.what.press("Escape");
  await b.stop();
  await b.start("Y");
  await a.page.getByText("an entry that has ended").waitFor();
  await a.page.keyboard.press("Tab");
  await world.serverHolds(account, ["X with Bob", "Y"]);
  await a.titled(/Y/);
  assert.equal(await a.what.inputValue(), "Y");
});

story("drafts survive a reload, other pages and a killed browser in place", async (world) => {
  const device = await world.device("laptop");
  let screen = await device.open();
  await screen.track("Breakfast");
  await screen.start("Report");
  const drafts = async () => {
    const [row] = await screen.entries();
    return [await screen.what.inputValue(), row.description, row.start];
  };
  const typed = ["Report for Acme", "Breakfast with Bob", "7:4"];
  const type = async () => {
    const [description, rowDescription, start] = typed;
    const row = await screen.row("Breakfast");
    await input(row.startTime, start);
    await input(row.description, rowDescription);
    await input(screen.what, description);
  };
  await type();
  await screen.reload();
  await screen.row("Breakfast with Bob");
  assert.deepEqual(await drafts(), typed, "after a reload");
  await screen.page.getByRole("link", { name: "Help" }).first().click();
  await screen.page.getByRole("heading", { level: 1 }).waitFor();
  await screen.page.goBack();
  await screen.row("Breakfast with Bob");
  assert.deepEqual(await drafts(), typed, "after another page");

  await onDisk(device, typed[0]);
  await device.kill();
  screen = await device.startAndOpen();
  await screen.row("Breakfast with Bob");
  const isAdopted = async () => (await drafts()).join() === typed.join();
  await until("the drafts are adopted", isAdopted, { seen: drafts });

  await screen.what.press("Enter");
  await screen.titled(/Report for Acme/);
  const row = await screen.row("Breakfast with Bob");
  await row.description.press("Enter");
  await row.startTime.press("Escape");
  await screen.page.keyboard.press("Tab");
  await until("no draft is stored", async () => (await screen.stored(DRAFT_PREFIX)).length === 0);
  await screen.reload();
  await screen.row("Breakfast with Bob");
  assert.equal(await screen.what.inputValue(), "Report for Acme");
});

story("a field that goes with its page is kept and records nothing", async (world) => {
  const { account, screens } = await world.pair();
  const [a, b] = screens;
  const link = (name) => a.page.getByRole("link", { name, exact: true }).first();
  await a.track("Tea");
  await link("Help").click();
  await link("Timer").click();
  await (await a.row("Tea")).description.fill("Tea with Bob");
  await a.page.goBack();
  await a.list.waitFor({ state: "detached" });
  await a.page.goForward();
  const row = await a.row("Tea with Bob");
  await a.start("Cake");
  await b.shows(["Tea"]);
  await world.serverHolds(account, ["Cake", "Tea"]);
  await row.description.press("Enter");
  await world.serverHolds(account, ["Cake", "Tea with Bob"]);
});

story("drafts belong to their tab", async (world) => {
  const device = await world.device("laptop");
  const first = await device.open();
  const second = await device.open();
  await first.what.fill("Offer for Acme");
  await second.what.fill("Report");
  await first.reload();
  await second.reload();
  await until("each has its own", async () => {
    const texts = [await first.what.inputValue(), await second.what.inputValue()];
    return texts.join() === "Offer for Acme,Report";
  });
  await first.what.press("Enter");
  await first.titled(/Offer for Acme/);
  await second.page.getByText("“Offer for Acme” was started meanwhile").waitFor();
  assert.equal(await second.what.inputValue(), "Report");
});

story("a row that moves keeps focus, caret and draft, and records nothing", async (world) => {
  const { account, screens } = await world.pair();
  const [a, b] = screens;
  await a.add({ description: "First", start: "6:00", end: "7:00" });
  await a.add({ description: "Second", start: "8:00", end: "9:00" });
  await b.shows(["First", "Second"]);
  const row = await a.row("First");
  await row.description.click();
  await row.description.press("End");
  await row.description.press("!");
  await row.description.press("ArrowLeft");

  const focused = () =>
    a.page.evaluate(() => {
      const { value, selectionStart } = document.activeElement;
      return [value, selectionStart];
    });
  await edit(b, "endTime", "11:00");
  await edit(b, "startTime", "10:00");
  await until("the row is on top", async () => (await a.descriptions())[0] === "First!");
  assert.deepEqual(await focused(), ["First!", "First".length], "after a move within the day");

  // The evening before, which is asked for once.
  await edit(b, "startTime", "23:00");
  await b.page.keyboard.press("Enter");
  const days = () => a.list.getByRole("heading", { level: 3 }).allInnerTexts();
  await until("the row is in another day", async () => (await days()).length === 2);
  assert.deepEqual(await focused(), ["First!", "First".length], "after a move to another day");
  await world.serverHolds(account, ["First", "Second"]);
  await a.page.keyboard.press("Enter");
  await world.serverHolds(account, ["First!", "Second"]);
});

story("text for an entry that is deleted elsewhere is offered back", async (world) => {
  const { account, screens } = await world.pair();
  const [a, b] = screens;
  await a.track("Draft");
  const row = await a.row("Draft");
  await row.description.fill("Draft of the offer");
  await (await b.row("Draft")).deleteButton.click();
  await a.page.getByText("deleted while you were typing “Draft of the offer”").waitFor();
  await world.serverHolds(account, []);
  await a.page.getByRole("button", { name: "Restore the entry" }).click();
  await a.row("Draft of the offer");
  const focused = () => a.page.evaluate(() => document.activeElement.value);
  await until("its field has the focus", async () => (await focused()) === "Draft of the offer");
  await a.page.keyboard.press("Enter");
  await world.serverHolds(account, ["Draft of the offer"]);
});

story("text whose entry was deleted is discarded on request", async (world) => {
  const { account, screens } = await world.pair();
  const [a, b] = screens;
  await a.track("Draft");
  await (await a.row("Draft")).description.fill("Draft of the offer");
  await (await b.row("Draft")).deleteButton.click();
  const banner = a.page.getByRole("alert").filter({ hasText: "Draft of the offer" });
  await banner.waitFor();
  assert.deepEqual(await breaches(a.page), []);
  await banner.getByRole("button", { name: "Discard" }).click();
  await banner.waitFor({ state: "detached" });
  assert.equal(await a.page.evaluate(() => document.activeElement.id), "description");
  assert.deepEqual(await a.stored(DRAFT_PREFIX), []);
  await world.serverHolds(account, []);
});

story("a start that is typed for a running entry moves to its row with it", async (world) => {
  const { account, screens } = await world.pair();
  const [a, b] = screens;
  await a.start("X");
  await b.titled(/X/);
  const started = a.page.getByRole("textbox", { name: "Started at" });
  await started.fill("0:0");
  await b.stop();
  await b.start("Y");
  await a.titled(/Y/);
  const row = await a.row("X");
  await until("the row has it", async () => (await row.startTime.inputValue()) === "0:0");
  assert.equal(await a.page.evaluate(() => document.activeElement.ariaLabel), "Start time");
  assert.notEqual(await started.inputValue(), "0:0");
  await a.page.keyboard.press("Escape");
  await world.serverHolds(account, ["X", "Y"]);
});

story("the form for manual entries keeps what is filled in", async (world) => {
  const device = await world.device("laptop");
  const screen = await device.open();
  const { page } = screen;
  const form = page.getByRole("form", { name: "Add manually" });
  const open = page.getByRole("button", { name: "Add manually" });
  const field = (name) => form.getByRole("textbox", { name });
  const values = async () =>
    Promise.all(["Description", "Start time", "End time"].map((it) => field(it).inputValue()));
  await open.click();
  await field("Description").fill("Breakfast");
  await field("Start time").fill("6:00");
  await field("End time").fill("7:00");
  await field("Description").focus();
  const filled = await values();
  const closeAndOpen = async (close, how) => {
    await close();
    await form.waitFor({ state: "detached" });
    await open.click();
    await form.waitFor();
    assert.deepEqual(await values(), filled, how);
  };
  await closeAndOpen(() => page.keyboard.press("Escape"), "after Escape");
  await closeAndOpen(() => open.click(), "after the button");
  await screen.reload();
  await form.waitFor();
  assert.deepEqual(await values(), filled, "after a reload");
  await form.getByRole("button", { name: "Save entry" }).click();
  await screen.shows(["Breakfast"]);
  await open.click();
  assert.deepEqual(await values(), ["", "", ""], "after it was saved");
  await field("Description").fill("Lunch");
  await form.getByRole("button", { name: "Cancel" }).click();
  assert.deepEqual(await screen.stored(DRAFT_PREFIX), []);
});

story("text is kept when another tab stops the clock, or signs out", async (world) => {
  const account = newAccount();
  const [laptop, first] = await world.signedIn("laptop", account, { isNew: true });
  const second = await laptop.open();
  await first.start("X");
  await second.titled(/X/);
  await first.what.fill("X with Bob");
  await second.stop();
  await first.startButton.waitFor();
  assert.equal(await first.what.inputValue(), "X with Bob");
  await first.what.press("Enter");
  await second.shows(["X with Bob"]);
  await second.saved();

  await first.what.fill("Secret plan");
  await until("the draft is stored", async () => (await first.stored(DRAFT_PREFIX)).length === 1);
  const dialog = await second.openAccount();
  await dialog.getByRole("button", { name: "Sign out" }).click();
  await first.page.getByText("Not saved: “Secret plan”").waitFor();
  assert.equal(await first.what.inputValue(), "");
  await until("no draft is stored", async () => (await first.stored(DRAFT_PREFIX)).length === 0);
  await second.closeDialog();
  await second.signUp(newAccount());
  await first.page.getByText("Secret plan").waitFor({ state: "detached" });
});

story("drafts and choices of a user are gone after signing out", async (world) => {
  const [, screen] = await world.signedIn("laptop", newAccount(), { isNew: true });
  const page = screen.page;
  await page.getByRole("button", { name: "No project" }).click();
  await page.getByRole("textbox", { name: "Find or create a project" }).fill("Beta");
  await page.keyboard.press("Enter");
  await page.getByRole("button", { name: "Beta" }).waitFor();
  await screen.what.fill("Secret plan");
  await screen.saved();
  const dialog = await screen.openAccount();
  await dialog.getByRole("button", { name: "Sign out" }).click();
  await dialog.getByText("“Secret plan” is not saved yet").waitFor();
  await dialog.getByRole("button", { name: "Yes, discard and sign out" }).click();
  await dialog.getByRole("button", { name: "Create account" }).waitFor();
  assert.deepEqual(await screen.stored(DRAFT_PREFIX), []);
  await screen.closeDialog();
  await screen.signUp(newAccount());
  assert.equal(await screen.what.inputValue(), "");
  await page.getByRole("button", { name: "No project" }).waitFor();
  await screen.track("Mine");
  await screen.shows(["Mine"]);
});

story("a filled form for manual entries is not lost by signing out", async (world) => {
  const [, screen] = await world.signedIn("laptop", newAccount(), { isNew: true });
  const form = screen.page.getByRole("form", { name: "Add manually" });
  await screen.page.getByRole("button", { name: "Add manually" }).click();
  const description = form.getByRole("textbox", { name: "Description" });
  await description.fill("Breakfast");
  const dialog = await screen.openAccount();
  await dialog.getByRole("button", { name: "Sign out" }).click();
  await dialog.getByText("“Breakfast” is not saved yet").waitFor();
  await dialog.getByRole("button", { name: "No, go back" }).click();
  await dialog.getByRole("button", { name: "Sign out" }).waitFor();
  await screen.closeDialog();
  assert.equal(await description.inputValue(), "Breakfast");
});

story("a description whose start is refused stays in the field", async (world) => {
  const device = await world.device("laptop");
  const screen = await device.open();
  await screen.what.fill("Offer for Acme");
  const project = "01890a5d-ac96-774b-bcce-b302099a8057";
  await screen.page.evaluate(
    ([prefix, unknown]) => {
      const key = Object.keys(localStorage).find((it) => it.startsWith(prefix));
      const [target, , ...texts] = localStorage.getItem(key).split("\n");
      localStorage.setItem(key, [target, unknown, ...texts].join("\n"));
    },
    [DRAFT_PREFIX, project],
  );
  await screen.reload();
  await screen.what.press("Enter");
  await screen.page.getByText("This project does not exist.").waitFor();
  assert.equal(await screen.what.inputValue(), "Offer for Acme");
  await screen.startButton.waitFor();
});

story("a clock that was started by mistake is discarded", async (world) => {
  const device = await world.device("laptop");
  const screen = await device.open();
  await screen.track("One");
  await screen.start("By mistake");
  await screen.page.getByRole("button", { name: "Discard" }).click();
  await screen.startButton.waitFor();
  await screen.shows(["One"]);
  await screen.page.getByRole("button", { name: "Undo" }).click();
  await screen.titled(/By mistake/);
});

story("discarding a clock discards what is typed for it", async (world) => {
  const device = await world.device("laptop");
  const screen = await device.open();
  await screen.start("By mistake");
  await input(screen.what, "By mistake, too");
  await screen.reload();
  assert.equal(await screen.what.inputValue(), "By mistake, too");
  await screen.page.getByRole("button", { name: "Discard" }).click();
  await screen.startButton.waitFor();
  assert.equal(await screen.what.inputValue(), "");
  assert.equal(await screen.page.getByText("while you were typing").count(), 0);
  assert.deepEqual(await screen.stored(DRAFT_PREFIX), []);
});

/** Types without moving the focus: a field that is left is submitted. */
async function input(field, text) {
  await field.evaluate((element, value) => {
    element.value = value;
    element.dispatchEvent(new InputEvent("input", { bubbles: true }));
  }, text);
}

/** Types into a field of the row "First" and presses Enter. */
async function edit(screen, field, text) {
  const row = await screen.row("First");
  await row[field].fill(text);
  await row[field].press("Enter");
}

/** Waits until the browser has written a text of localStorage to disk. */
async function onDisk(device, text) {
  const folder = join(device.profile, "Default/Local Storage/leveldb");
  await until(
    `"${text}" is on disk`,
    async () => {
      const names = (await readdir(folder)).filter((name) => /\.(log|ldb)$/.test(name));
      const files = await Promise.all(names.map((name) => readFile(join(folder, name))));
      return files.some((file) => file.includes(text) || file.includes(text, 0, "utf16le"));
    },
    { boundMs: 60_000 },
  );
}
