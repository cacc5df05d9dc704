// Accessibility: keyboard, narrow screens, screen readers, light and dark.
import assert from "node:assert/strict";
import { newAccount } from "../harness/account.js";
import { breaches } from "../harness/breaches.js";
import { story } from "../harness/world.js";

/** Shows each screen and calls `look`. */
async function everyScreen(screen, look) {
  await look("empty");
  await screen.track("Something");
  await (await screen.row("Something")).chooseProject("Project");
  await screen.start("Running");
  await look("running");
  await screen.what.fill("Running on");
  await screen.reload();
  await look("draft");
  await screen.what.press("Enter");
  await screen.stop();
  await screen.page.getByRole("button", { name: "Add manually" }).click();
  await look("adding manually");
  await screen.page.keyboard.press("Escape");
  const row = await screen.row("Something");
  await row.locator.getByRole("button", { name: "Project" }).click();
  await look("project menu");
  await screen.page.keyboard.press("Escape");
  await row.deleteButton.click();
  await screen.page.getByRole("button", { name: "Undo" }).waitFor();
  await look("undo");
  await screen.openSync();
  await look("sync");
  await screen.closeDialog();
  await screen.openAccount();
  await look("account");
  await screen.closeDialog();
}

const PALETTES = {
  "light colours": { colorScheme: "light" },
  "dark colours": { colorScheme: "dark" },
  "forced colours": { forcedColors: "active" },
};

for (const [palette, media] of Object.entries(PALETTES)) {
  story(`no screen breaks an accessibility rule in ${palette}`, async (world) => {
    const device = await world.device("laptop");
    const screen = await device.open();
    await screen.page.emulateMedia({ ...media, reducedMotion: "reduce" });
    const found = [];
    // A forced palette is the user's; axe reads the colours that the style sheets name.
    const without = media.forcedColors ? ["color-contrast"] : [];
    await everyScreen(screen, async (name) => {
      for (const breach of await breaches(screen.page, without)) found.push(`${name}: ${breach}`);
    });
    await screen.signUp(newAccount());
    await screen.openAccount();
    for (const breach of await breaches(screen.page, without)) found.push(`signed in: ${breach}`);
    assert.deepEqual(found, []);
  });
}

for (const width of [360, 1100]) {
  story(`at ${width} px nothing is wider than the screen`, async (world) => {
    const device = await world.device("laptop", { width, height: 740 });
    const screen = await device.open();
    const tooWide = [];
    const measure = async (name) => {
      const measured = await screen.page.evaluate(() => document.documentElement.scrollWidth);
      if (measured > width) tooWide.push(`${name}: ${measured} px`);
    };
    await everyScreen(screen, measure);
    await screen.track("A long description that has to be broken or cut off somewhere ".repeat(3));
    await measure("long description");
    const row = await screen.row("Running on");
    let current = "No project";
    for (const name of ["Long words ".repeat(9).trim(), "Unbroken".repeat(12)]) {
      await row.chooseProject(name, current);
      current = name;
      await measure("long project name");
      await screen.page.locator(".timer").getByRole("button", { name: "No project" }).click();
      await measure("long project name in the menu");
      await screen.page.keyboard.press("Escape");
    }
    assert.deepEqual(tooWide, []);
  });
}

/** Presses Tab until the element has the focus. */
async function tabTo(page, locator, what) {
  const TABS_MAX = 60;
  for (let presses = 0; presses < TABS_MAX; presses += 1) {
    if (await locator.evaluate((element) => element === document.activeElement)) return;
    await page.keyboard.press("Tab");
  }
  throw new Error(`${what} is not reached by ${TABS_MAX} tabs`);
}

story("the button of the clock stays where it is", async (world) => {
  const { screens } = await world.pair();
  const [a, b] = screens;
  for (const [width, height] of [[360, 740], [1100, 900]]) {
    await a.page.setViewportSize({ width, height });
    const top = async (button) => (await button.boundingBox()).y;
    const idle = await top(a.startButton);
    await a.what.fill("Offer for Acme");
    await b.start("Meeting");
    await a.page.getByText("“Meeting” was started meanwhile").waitFor();
    assert.equal(await top(a.stopButton), idle, `with a note at ${width} px`);
    await a.what.press("Escape");
    assert.equal(await top(a.stopButton), idle, `while it runs at ${width} px`);
    await a.what.fill("");
    await b.stop();
    await a.startButton.waitFor();
    await a.what.press("Escape");
    assert.equal(await top(a.startButton), idle, `after it stopped at ${width} px`);
  }
});

story("the core flow works by keyboard alone", async (world) => {
  const device = await world.device("laptop");
  const screen = await device.open();
  const { page } = screen;
  const { keyboard } = page;

  await tabTo(page, screen.what, "the description");
  await keyboard.type("By hand");
  await keyboard.press("Enter");
  await screen.titled(/By hand/);
  await tabTo(page, screen.stopButton, "Stop");
  await keyboard.press("Enter");
  await screen.startButton.waitFor();

  const row = await screen.row("By hand");
  await tabTo(page, row.description, "the row's description");
  await keyboard.press("Control+A");
  await keyboard.type("By keyboard");
  await keyboard.press("Enter");
  await screen.shows(["By keyboard"]);

  await tabTo(page, row.locator.getByRole("button", { name: "No project" }), "the project");
  await keyboard.press("Enter");
  await page.getByRole("textbox", { name: "Find or create a project" }).waitFor();
  await keyboard.type("Keys");
  await keyboard.press("Enter");
  await row.locator.getByRole("button", { name: "Keys" }).waitFor();

  await tabTo(page, row.startTime, "the start time");
  await keyboard.press("Control+A");
  await keyboard.type("-15m");
  await keyboard.press("Enter");

  await tabTo(page, row.deleteButton, "Delete");
  await keyboard.press("Enter");
  await screen.shows([]);
  const undo = page.getByRole("button", { name: "Undo" });
  await tabTo(page, undo, "Undo");
  await keyboard.press("Enter");
  await screen.shows(["By keyboard"]);
});

story("the focus is visible and stays inside a dialog", async (world) => {
  const device = await world.device("laptop");
  const screen = await device.open();
  const { page } = screen;
  await tabTo(page, screen.badge, "the badge");
  await page.keyboard.press("Enter");
  const dialog = page.getByRole("dialog", { name: "Sync" });
  await dialog.waitFor();
  for (let presses = 0; presses < 12; presses += 1) {
    await page.keyboard.press("Tab");
    const isInside = await dialog.evaluate(
      // Past the last element the browser's own controls have their turn.
      (element) => [element, document.body].some(
        (place) => place === document.activeElement || element.contains(document.activeElement),
      ),
    );
    assert.ok(isInside, `after ${presses + 1} tabs the focus is outside`);
  }
  await page.keyboard.press("Escape");
  await dialog.waitFor({ state: "hidden" });
  assert.ok(await screen.badge.evaluate((badge) => badge === document.activeElement));
});
