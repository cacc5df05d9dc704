// Typed and pasted times, clock changes, time zones, long durations, wrong clocks.
import assert from "node:assert/strict";
import { TIMEOUT_MS, until } from "../harness/until.js";
import { story } from "../harness/world.js";

const HOUR_MS = 3_600_000;
const MINUTE_MS = 60_000;

/** Opens the manual form: its fields. */
async function manualForm(screen) {
  await screen.page.getByRole("button", { name: "Add manually" }).click();
  const form = screen.page.getByRole("form", { name: "Add manually" });
  const textbox = (name) => form.getByRole("textbox", { name });
  return {
    form,
    description: textbox("Description"),
    day: form.getByLabel("Day"),
    start: textbox("Start time"),
    end: textbox("End time"),
    duration: textbox("Duration"),
    save: form.getByRole("button", { name: "Save entry" }),
  };
}

/** Waits until a field shows a time; spaces of any kind are equal. */
async function showsTime(field, time) {
  let seen;
  await until(
    `a field shows ${time}`,
    async () => {
      seen = (await field.inputValue()).replace(/\s/g, " ");
      return seen === time;
    },
    { seen: () => seen },
  );
}

/** Answers the question of a field. */
async function take(locator) {
  await locator.getByRole("button", { name: "Take it" }).click();
}

/** The widths of the segments in the bars of all days, latest first. */
async function barWidths(screen) {
  return screen.list.locator(".day").evaluateAll((days) =>
    days.map((it) => [...it.querySelectorAll("rect")].map((rect) => rect.width.baseVal.value)),
  );
}

story("times are taken as they are written and pasted", async (world) => {
  const device = await world.device("laptop");
  const screen = await device.open();
  const yesterday = await screen.day(-1);
  await screen.add({ description: "Call", day: yesterday, start: "9:00", end: "10:00" });
  const row = await screen.row("Call");

  await row.edit(row.startTime, "9h30");
  await showsTime(row.startTime, "9:30 AM");

  await row.endTime.fill("14h");
  await row.endTime.press("Enter");
  await row.locator.getByText("For a length, type 14h 0m.").waitFor();
  await take(row.locator);
  await showsTime(row.endTime, "2:00 PM");

  for (const pasted of ["10:15\u202fAM", "\u200e10:30\u200e am", "１０：４５", "१०:५०"]) {
    await row.edit(row.startTime, pasted);
    const minutes = { "10:15\u202fAM": 15, "\u200e10:30\u200e am": 30, "１０：４５": 45 }[pasted];
    await showsTime(row.startTime, `10:${minutes ?? 50} AM`);
  }
  // A length stays one.
  await row.edit(row.endTime, "1h 20m");
  await showsTime(row.endTime, "12:10 PM");
});

story("wall-clock times stay while another day is typed", async (world) => {
  const device = await world.device("laptop");
  const screen = await device.openIn({ timezoneId: "America/New_York" });
  const fields = await manualForm(screen);
  await fields.description.fill("Moved");
  await fields.start.fill("14:00");
  await fields.end.fill("15:30");
  await fields.day.focus();
  await screen.page.keyboard.type("11252025");
  await showsTime(fields.start, "2:00 PM");
  await showsTime(fields.end, "3:30 PM");
  assert.equal(await fields.day.inputValue(), "2025-11-25");
  await fields.save.click();
  const row = await screen.row("Moved");
  await showsTime(row.startTime, "2:00 PM");
  await showsTime(row.endTime, "3:30 PM");
});

story("the manual form says once what is wrong", async (world) => {
  const device = await world.device("laptop");
  const screen = await device.open();
  const fields = await manualForm(screen);
  const alerts = fields.form.getByRole("alert");
  await fields.save.click();
  await alerts.getByText("Say when it started.").waitFor();
  await fields.start.fill("soon");
  await fields.save.click();
  await fields.form.getByText("This is not a time.").waitFor();
  assert.equal(await alerts.count(), 1);
  assert.ok(await fields.start.evaluate((field) => field === document.activeElement));

  await fields.start.fill("9:00");
  await fields.end.fill("10:00");
  await fields.day.fill("9999-11-25");
  await fields.form.getByText("This day is too far away.").waitFor();
  await fields.save.click();
  assert.ok(await fields.form.isVisible());
  await fields.day.fill("2025-11-25");
  await fields.save.click();
  await fields.form.waitFor({ state: "hidden" });
});

story("an end in the repeated hour is after its start and is labelled", async (world) => {
  const device = await world.device("laptop");
  const screen = await device.openIn({ timezoneId: "Europe/Berlin" });
  const day = "2026-10-25";
  await screen.add({ description: "Night", day, start: "1:30am", duration: "2h 30m" });
  const row = await screen.row("Night");
  // From 01:30 UTC+2 to 02:30 UTC+1; 03:00 is later.
  await showsTime(row.endTime, "3:00 AM");
  await row.edit(row.startTime, "+1h");
  await row.edit(row.startTime, "+1h");
  await row.locator.getByText("2:30 AM is UTC+1").waitFor();
  await row.edit(row.endTime, "02:50");
  await showsTime(row.endTime, "2:50 AM");
  await row.locator.getByText("2:30 AM is UTC+1, 2:50 AM is UTC+1").waitFor();

  const fields = await manualForm(screen);
  await fields.day.fill("2026-03-29");
  await fields.start.fill("2:30am");
  await fields.start.press("Enter");
  await fields.form.getByText("Clocks go forward and skip that time.").waitFor();
  await take(fields.form);
  await showsTime(fields.start, "3:30 AM");
});

story("long durations are asked about, and none pushes today off the list", async (world) => {
  const device = await world.device("laptop");
  const screen = await device.open();
  const today = await screen.day(0);
  await screen.add({ description: "Long", day: today, start: "9:00", end: "10:00" });
  const row = await screen.row("Long");
  const duration = row.locator.getByRole("textbox", { name: "Duration" });
  await duration.fill("400:00");
  await duration.press("Enter");
  await row.locator.getByText("longer than 7 days").waitFor();
  await duration.fill("160:00");
  await duration.press("Enter");
  await row.locator.getByText("That is 160 h. Is it right?").waitFor();
  await take(row.locator);
  await showsTime(duration, "160:00:00");
  const headings = screen.list.locator(".day__name");
  await until("all eight days are listed", async () => (await headings.count()) === 8);
  assert.equal(await headings.last().innerText(), "Today");
});

story("a clock that runs for days counts on each of them", async (world) => {
  const device = await world.device("laptop");
  const screen = await device.open();
  await screen.start("Forgotten");
  const started = screen.page.getByRole("textbox", { name: "Started at" });
  await started.fill("-49h");
  await started.press("Enter");
  await take(screen.page.locator(".timer"));
  await screen.page.getByText("Still running?").waitFor();
  const date = await screen.page.evaluate((shift) => {
    const options = { day: "numeric", month: "short" };
    return new Date(Date.now() + shift).toLocaleDateString("en-US", options);
  }, -49 * HOUR_MS);
  await screen.page.locator(".timer__started", { hasText: date }).waitFor();

  const seconds = (text) => text.split(":").reduce((sum, part) => sum * 60 + Number(part), 0);
  const totals = await screen.list.locator(".day__total").allInnerTexts();
  assert.equal(totals.length, 3);
  const sum = totals.reduce((all, text) => all + seconds(text.match(/[\d:]+/)[0]), 0);
  // Each total is in whole seconds, and time goes on.
  assert.ok(sum > 49 * 3_600 - totals.length && sum < 49 * 3_600 + 30, `${totals}`);
  const widths = await barWidths(screen);
  assert.ok(widths.every(([width]) => width > 0), JSON.stringify(widths));
});

story("the bar of the third day of an entry has a segment", async (world) => {
  const device = await world.device("laptop");
  const screen = await device.open();
  const fields = await manualForm(screen);
  await fields.description.fill("Shift");
  await fields.day.fill(await screen.day(-3));
  await fields.start.fill("10pm");
  await fields.duration.fill("28h");
  await fields.duration.press("Enter");
  await take(fields.form);
  await fields.save.click();
  await screen.shows(["Shift"]);
  const widths = await barWidths(screen);
  assert.equal(widths.length, 3);
  assert.deepEqual(widths.map(([width]) => Math.round(width)), [120, 1_440, 120]);
});

story("a changed time zone is found while the page stays visible", async (world) => {
  const device = await world.device("laptop", { zone: "Europe/Berlin" });
  const screen = await device.open();
  await screen.add({ description: "Berlin", day: "2025-11-25", start: "9:00", end: "10:00" });
  const row = await screen.row("Berlin");
  const session = await screen.page.context().newCDPSession(screen.page);
  await session.send("Emulation.setTimezoneOverride", { timezoneId: "Asia/Tokyo" });
  const note = row.locator.getByText("Recorded in Europe/Berlin; times are those of Asia/Tokyo");
  // It is compared once a minute.
  await note.waitFor({ timeout: MINUTE_MS + TIMEOUT_MS });
  await showsTime(row.startTime, "5:00 PM");
});

story("a zone that differs in name only is not noted", async (world) => {
  const device = await world.device("laptop", { zone: "Europe/Berlin" });
  let screen = await device.open();
  await screen.add({ description: "Call", day: "2025-11-25", start: "9:00", end: "10:00" });
  await screen.shows(["Call"]);
  await device.close();
  device.zone = "Europe/Paris";
  screen = await device.startAndOpen();
  const row = await screen.row("Call");
  await showsTime(row.startTime, "9:00 AM");
  assert.equal(await row.locator.locator(".entry__note").count(), 0);
});

story("weeks begin on the day of the browser's language", async (world) => {
  const device = await world.device("laptop");
  for (const [locale, weeks] of [["en-US", 1], ["de-DE", 2]]) {
    const screen = await device.openIn({ locale });
    await screen.add({ description: "Sunday", day: "2025-11-23", start: "9:00", end: "10:00" });
    await screen.add({ description: "Monday", day: "2025-11-24", start: "9:00", end: "10:00" });
    await screen.shows(["Sunday", "Monday"]);
    assert.equal(await screen.list.locator(".week").count(), weeks, locale);
  }
});

story("a start after now is noted, and the next start is not in the future", async (world) => {
  const device = await world.device("laptop");
  const screen = await device.open();
  await screen.page.addInitScript(() => {
    const shift = Number(sessionStorage.getItem("shift") ?? 0);
    const now = Date.now.bind(Date);
    Date.now = () => now() + shift;
  });
  await screen.start("Before");
  await screen.page.evaluate((shift) => sessionStorage.setItem("shift", shift), -HOUR_MS);
  await screen.reload();
  await screen.page.getByText("Check this device's clock").waitFor();
  await screen.stop();
  await screen.start("After");
  const started = screen.page.getByRole("textbox", { name: "Started at" });
  const shown = await screen.page.evaluate(() =>
    new Date(Date.now()).toLocaleTimeString("en-US", { hour: "numeric", minute: "2-digit" }),
  );
  const plain = (text) => text.replace(/\s/g, " ");
  const minute = (text) => Date.parse(`2025-01-01 ${plain(text)}`);
  const late = minute(shown) - minute(await started.inputValue());
  assert.ok(late >= 0 && late <= MINUTE_MS, `${late} ms`);
  assert.equal(await screen.page.getByText("Check this device's clock").count(), 0);
});
