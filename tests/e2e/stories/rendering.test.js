// What surrounds the app changes how it is drawn: translation, scripts from right to left, forced
// colours, text spacing, paper.
import assert from "node:assert/strict";
import { until } from "../harness/until.js";
import { story } from "../harness/world.js";

story("running texts survive a translation of the page", async (world) => {
  const device = await world.device("laptop");
  const screen = await device.open();
  await screen.track("Before");
  assert.equal(await screen.page.locator("html").getAttribute("translate"), "no");
  // As translating extensions do that ignore the attribute.
  const translate = () =>
    screen.page.evaluate(() => {
      const walker = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
      const texts = [];
      while (walker.nextNode()) if (walker.currentNode.data.trim()) texts.push(walker.currentNode);
      for (const text of texts) {
        const font = document.createElement("font");
        font.append(document.createTextNode(text.data));
        text.replaceWith(font);
      }
    });
  await translate();
  await screen.start("Translated");
  const clock = screen.page.getByRole("timer");
  await until("the clock runs", async () => (await clock.innerText()) === "0:00:02");
  await translate();
  await until("the clock runs on", async () => (await clock.innerText()) === "0:00:04");
  await screen.stop();
  assert.equal(await clock.innerText(), "0:00:00");
});

story("texts from right to left have their own direction", async (world) => {
  const device = await world.device("laptop");
  const screen = await device.open();
  await screen.start("שלום עולם");
  const direction = (locator) => locator.evaluate((it) => getComputedStyle(it).direction);
  assert.equal(await direction(screen.what), "rtl");
  await until("the title has the time first", async () =>
    /^0:00:\d\d \u2068שלום עולם\u2069$/u.test(await screen.page.title()),
  );
  await screen.stop();
  const row = await screen.row("שלום עולם");
  assert.equal(await direction(row.locator.getByRole("textbox", { name: "Description" })), "rtl");
  await row.chooseProject("פרויקט");
  assert.equal(await direction(row.locator.locator(".project__name")), "rtl");
  await screen.track("Left to right");
  const other = await screen.row("Left to right");
  assert.equal(await direction(other.locator.getByRole("textbox", { name: "Description" })), "ltr");
});

story("colours of projects stay in a forced palette", async (world) => {
  const device = await world.device("laptop");
  const screen = await device.open();
  await screen.track("Colourful");
  await (await screen.row("Colourful")).chooseProject("Acme");
  const dot = screen.rows.first().locator(".project__chip .dot");
  const color = () => dot.evaluate((it) => getComputedStyle(it).backgroundColor);
  const before = await color();
  await screen.page.emulateMedia({ forcedColors: "active" });
  assert.equal(await color(), before);
});

story("times are not cut off with wider text spacing", async (world) => {
  const device = await world.device("laptop");
  for (const locale of ["en-US", "de-DE"]) {
    const screen = await device.openIn({ locale, timezoneId: "Europe/Berlin" });
    await screen.add({ description: "Spaced", day: "2026-11-02", start: "10:10", end: "23:59" });
    for (const width of [360, 1100]) {
      await screen.page.setViewportSize({ width, height: 900 });
      const cut = await screen.page.evaluate(() => {
        // The distances of WCAG 2.2, success criterion 1.4.12.
        const sheet = new CSSStyleSheet();
        sheet.replaceSync(
          "* { letter-spacing: 0.12em !important; word-spacing: 0.16em !important;" +
            " line-height: 1.5 !important; }",
        );
        document.adoptedStyleSheets = [sheet];
        const inputs = [...document.querySelectorAll(".entry input.field__input")];
        const isCut = (it) => it.scrollWidth > it.clientWidth;
        return inputs.filter((it) => it.value && isCut(it)).map((it) => it.value);
      });
      assert.deepEqual(cut, [], `${locale} at ${width} px`);
    }
  }
});

story("paper shows the entries without buttons", async (world) => {
  const device = await world.device("laptop");
  const screen = await device.open();
  await screen.track("On paper");
  await screen.page.emulateMedia({ media: "print" });
  const names = ["Start", "Delete", "Continue", "Add manually", /^Sync:/];
  for (const name of names) {
    assert.equal(await screen.page.getByRole("button", { name }).count(), 0, String(name));
  }
  await screen.shows(["On paper"]);
});

story("a name typed with other characters finds its project", async (world) => {
  const device = await world.device("laptop");
  const screen = await device.open();
  await screen.track("Espresso");
  const row = await screen.row("Espresso");
  await row.chooseProject("Caf\u00e9  Central");
  await row.locator.getByRole("button", { name: "Central" }).click();
  const search = screen.page.getByRole("textbox", { name: "Find or create a project" });
  const options = () => screen.page.getByRole("option").allInnerTexts();
  for (const typed of ["Cafe\u0301 Central", "CAF\u00c9 central", "\uff23af\u00e9 Central"]) {
    await search.fill(typed);
    assert.deepEqual((await options()).length, 1, typed);
  }
  // Without the accent it may be another name, but the existing one comes first.
  await search.fill("cafe central");
  const [first, second, ...more] = await options();
  assert.match(first, /^Caf\u00e9/);
  assert.match(second, /^Create/);
  assert.deepEqual(more, []);
});
