// Keys, focus and announcements: shortcuts on any layout and only where nothing is typed, where the
// focus goes, and what is announced to screen readers.
import assert from "node:assert/strict";
import { until } from "../harness/until.js";
import { story } from "../harness/world.js";

/** Presses a key as a keyboard layout reports it, at the element with the focus. */
async function press(page, key, code, options = {}) {
  await page.evaluate(
    ([key, code, options]) => {
      const event = { key, code, bubbles: true, cancelable: true, composed: true, ...options };
      document.activeElement.dispatchEvent(new KeyboardEvent("keydown", event));
    },
    [key, code, options],
  );
}

/** What has the focus: its accessible name or text, and what it is. */
async function focused(page) {
  return page.evaluate(() => {
    const it = document.activeElement;
    const name = it.getAttribute("aria-label") ?? it.innerText.trim().split("\n")[0];
    return it === document.body ? "nothing" : `${it.tagName.toLowerCase()} ${name}`;
  });
}

async function focusComesTo(page, wanted) {
  const isThere = async () => (await focused(page)) === wanted;
  await until(`the focus is on: ${wanted}`, isThere, { seen: () => focused(page) });
}

const manualForm = (page) => page.getByRole("form", { name: "Add manually" });
const heading = (page, name) => page.getByRole("heading", { name, level: 1, exact: true });

/** Leaves whatever has the focus, so that keys are shortcuts. */
async function toPage(screen) {
  await screen.page.locator("h1").focus();
}

story("shortcuts work with Caps Lock and with every keyboard layout", async (world) => {
  const device = await world.device("laptop");
  const screen = await device.open();
  const { page } = screen;
  await press(page, "ы", "KeyS");
  await screen.stopButton.waitFor();
  await press(page, "S", "KeyS");
  await screen.startButton.waitFor();
  // On a Dvorak keyboard, "s" is where a US keyboard has ";", and "o" where it has "s".
  await press(page, "o", "KeyS");
  await press(page, "s", "Semicolon");
  await screen.stopButton.waitFor();
  // AZERTY.
  await press(page, "q", "KeyA");
  await press(page, "a", "KeyQ");
  await manualForm(page).waitFor();
  await page.keyboard.press("Escape");
  await toPage(screen);
  await press(page, "ظ", "Slash");
  await focusComesTo(page, "input What are you working on?");
  await toPage(screen);
  await press(page, "؟", "Slash", { shiftKey: true });
  await heading(page, "Help").waitFor();
  await page.goBack();
  await screen.stop();
  assert.equal((await screen.entries()).length, 2);
});

story("letters do nothing on a button, a link, a field or behind a dialog", async (world) => {
  const device = await world.device("laptop");
  const screen = await device.open();
  const { page } = screen;
  await screen.track("Tea");
  const row = await screen.row("Tea");
  const places = [
    screen.startButton,
    page.getByRole("link", { name: "Help" }).first(),
    row.description,
    row.locator.getByRole("button", { name: "No project" }),
  ];
  for (const place of places) {
    await place.focus();
    await page.keyboard.type("sna");
    await page.keyboard.press("Escape");
  }
  await screen.openSync();
  await page.evaluate(() => document.activeElement.blur());
  await page.keyboard.type("sna");
  await screen.closeDialog();
  assert.equal(await screen.startButton.count(), 1);
  assert.equal(await manualForm(page).count(), 0);
  assert.deepEqual(await screen.descriptions(), ["Tea"]);
});

story("shortcuts can be turned off in a browser, and on again", async (world) => {
  const device = await world.device("laptop");
  const screen = await device.open("/help");
  const { page } = screen;
  const setting = page.getByRole("checkbox", { name: "Use single keys in this browser" });
  await setting.uncheck();
  await page.getByRole("link", { name: "Timer", exact: true }).first().click();
  await heading(page, "Timer").waitFor();
  assert.equal(await page.getByText("starts and stops").count(), 0);
  await screen.reload();
  await page.keyboard.type("sa/?");
  await press(page, "ы", "KeyS");
  assert.equal(await screen.startButton.count(), 1);
  assert.equal(await manualForm(page).count(), 0);
  const other = await device.open("/help");
  const otherSetting = other.page.getByRole("checkbox", { name: "Use single keys" });
  assert.equal(await otherSetting.isChecked(), false);
  await otherSetting.check();
  await page.bringToFront();
  await page.keyboard.press("s");
  await screen.stopButton.waitFor();
});

story("Enter that ends a composition starts nothing in any browser", async (world) => {
  const device = await world.device("laptop");
  const screen = await device.open();
  const { page } = screen;
  await screen.what.fill("にほん");
  // Chromium and Firefox report the key while the text is composed, Safari after that.
  await press(page, "Enter", "Enter", { isComposing: true, keyCode: 229 });
  await press(page, "Enter", "Enter", { keyCode: 229 });
  assert.equal(await screen.what.inputValue(), "にほん");
  await screen.what.press("Enter");
  await screen.titled(/にほん/);
  await screen.stop();

  const row = await screen.row("にほん");
  await row.description.fill("にほんご");
  await press(page, "Escape", "Escape", { keyCode: 229 });
  assert.equal(await row.description.inputValue(), "にほんご");
  await page.getByRole("button", { name: "Add manually" }).click();
  await press(page, "Escape", "Escape", { keyCode: 229 });
  assert.equal(await manualForm(page).count(), 1);
});

story("what is typed after an entry was saved or a form closed does nothing", async (world) => {
  const device = await world.device("laptop");
  const screen = await device.open();
  const { page } = screen;
  await screen.add({ description: "By hand", start: "6:00", end: "7:00" });
  await focusComesTo(page, "button Add manually");
  await page.keyboard.type("standup");
  await page.getByRole("button", { name: "Add manually" }).click();
  await page.keyboard.press("Escape");
  await focusComesTo(page, "button Add manually");
  await page.keyboard.type("standup");
  assert.equal(await screen.startButton.count(), 1);
  assert.equal(await manualForm(page).count(), 0);
  await screen.shows(["By hand"]);
});

story("Escape takes a text back, then leaves the field for its row", async (world) => {
  const device = await world.device("laptop");
  const screen = await device.open();
  const { page } = screen;
  await screen.track("Tea");
  const { description, startTime } = await screen.row("Tea");
  for (const field of [description, startTime]) {
    const text = await field.inputValue();
    await field.fill("something else");
    await page.keyboard.press("Escape");
    assert.equal(await field.inputValue(), text);
    assert.match(await focused(page), /^input/);
    await page.keyboard.press("Escape");
    assert.match(await focused(page), /^article/);
  }
  await page.keyboard.press("Tab");
  await focusComesTo(page, "input Description");
  await page.keyboard.press("Escape");
  await page.keyboard.press("s");
  await screen.stopButton.waitFor();
});

story("the focus stays with the list when entries are deleted and restored", async (world) => {
  const { account, screens } = await world.pair();
  const [a, b] = screens;
  const { page } = a;
  for (const name of ["One", "Two"]) await a.track(name);
  await (await a.row("Two")).deleteButton.click();
  await focusComesTo(page, "button Delete");
  await page.keyboard.press("Enter");
  await a.shows([]);
  await focusComesTo(page, "h1 Timer");
  // It was meant for a row.
  await page.keyboard.type("sa");
  await page.getByRole("button", { name: "Undo" }).click();
  await a.shows(["One"]);
  await page.getByRole("button", { name: "Undo" }).click();
  await a.shows(["One", "Two"]);
  await focusComesTo(page, "button Delete");
  await world.serverHolds(account, ["One", "Two"]);

  await (await a.row("Two")).description.pressSequentially("!");
  await (await b.row("Two")).deleteButton.click();
  await focusComesTo(page, "h1 Timer");
  await page.keyboard.type("standup");
  assert.equal(await a.startButton.count(), 1);
  assert.equal(await manualForm(page).count(), 0);
});

story("start, stop and the network are announced", async (world) => {
  const { devices, screens } = await world.pair();
  const [a, b] = screens;
  const live = a.page.locator("[aria-live=polite]:not([role])");
  const says = async (text) => {
    const seen = async () => (await live.innerText()).trim();
    await until(`"${text}" is announced`, async () => (await seen()) === text, { seen });
  };
  assert.equal(await live.innerText(), "");
  await a.start("Report");
  await says("Clock started: Report");
  await b.titled(/Report/);
  await b.stop();
  await says("Clock stopped");
  await devices[0].goOffline();
  await says("Offline. Everything is saved on this device.");
  await devices[0].goOnline();
  await says("Online again");
});

story("a page that loads and a user who signs out start and stop no clock", async (world) => {
  const { screens } = await world.pair();
  const [a] = screens;
  const live = a.page.locator("[aria-live=polite]:not([role])");
  await a.start("Report");
  await a.saved();
  await a.reload();
  await a.titled(/Report/);
  await a.saved();
  assert.equal(await live.innerText(), "");
  const dialog = await a.openAccount();
  await dialog.getByRole("button", { name: "Sign out" }).click();
  await a.says("Saved on this device");
  await a.startButton.waitFor();
  await a.closeDialog();
  assert.equal(await live.innerText(), "");
  await a.start("Tea");
  await until("the start is announced", async () => (await live.innerText()).includes("Tea"));
});

story("Back closes a dialog and stays on the page", async (world) => {
  const device = await world.device("laptop");
  const screen = await device.open();
  const { page } = screen;
  const length = () => page.evaluate(() => history.length);
  await screen.track("Tea");
  await page.getByRole("link", { name: "Help" }).first().click();
  await heading(page, "Help").waitFor();
  await screen.openAccount();
  await page.goBack();
  await page.getByRole("dialog").waitFor({ state: "detached" });
  await heading(page, "Help").waitFor();
  await focusComesTo(page, "button Account");
  // A dialog that closes by itself leaves no entry behind.
  await screen.openSync();
  const before = await length();
  await screen.closeDialog();
  await screen.openSync();
  assert.equal(await length(), before);
  await screen.closeDialog();
  await page.goBack();
  await heading(page, "Timer").waitFor();
  await screen.shows(["Tea"]);
});

story("a dialog that was open before a reload leaves no entry behind", async (world) => {
  const device = await world.device("laptop");
  const screen = await device.open();
  const { page } = screen;
  const isLeft = () => page.evaluate(() => history.state === null);
  await page.getByRole("link", { name: "Help" }).first().click();
  await heading(page, "Help").waitFor();
  await screen.openSync();
  assert.ok(!(await isLeft()));
  await screen.reload();
  await until("the entry of the dialog is left", isLeft);
  // Forward leads to it again.
  await page.evaluate(() => {
    const moved = new Promise((done) => addEventListener("popstate", done, { once: true }));
    history.forward();
    return moved;
  });
  await until("it is left again", isLeft);
  await heading(page, "Help").waitFor();
  assert.equal(await page.getByRole("dialog").count(), 0);
  await page.goBack();
  await heading(page, "Timer").waitFor();
});
