// Days, midnight, clock changes and time zones.
import assert from "node:assert/strict";
import { story } from "../harness/world.js";

story("an entry over midnight counts on both of its days", async (world) => {
  const device = await world.device("laptop");
  const screen = await device.open();
  const yesterday = await screen.day(-1);
  const late = { description: "Late shift", day: yesterday, start: "11pm", duration: "2h 30m" };
  await screen.add(late);
  await screen.shows(["Late shift"]);
  assert.equal(await screen.dayTotal("Yesterday"), "1:00:00");
  assert.equal(await screen.dayTotal("Today"), "1:30:00");
});

story("a day has 25 hours when the clocks are set back, and 23 the other way", async (world) => {
  const device = await world.device("laptop", { zone: "Europe/Berlin" });
  const screen = await device.open();
  const year = new Date().getUTCFullYear() - 1;
  const lastSunday = (month) => {
    const date = new Date(Date.UTC(year, month, 31));
    date.setUTCDate(31 - date.getUTCDay());
    return date.toISOString().slice(0, 10);
  };
  await screen.add({
    description: "Long night", day: lastSunday(9), start: "0:00", duration: "13h",
  });
  await screen.add({
    description: "Long day", day: lastSunday(9), start: "12pm", duration: "12h",
  });
  await screen.add({
    description: "Short", day: lastSunday(2), start: "0:00", duration: "23h",
  });
  await screen.shows(["Long night", "Long day", "Short"]);
  const named = (date, options = { month: "long", day: "numeric" }) =>
    new Date(`${date}T12:00:00Z`).toLocaleDateString("en-US", options);
  assert.equal(await screen.dayTotal(named(lastSunday(9))), "25:00:00");
  assert.equal(await screen.dayTotal(named(lastSunday(2))), "23:00:00");
});

story("an entry of another zone is marked and keeps its instant", async (world) => {
  const device = await world.device("laptop", { zone: "Asia/Tokyo" });
  let screen = await device.open();
  const yesterday = await screen.day(-1);
  await screen.add({ description: "In Tokyo", day: yesterday, start: "9:00", end: "10:00" });
  await screen.shows(["In Tokyo"]);
  await device.close();

  device.zone = "Asia/Kolkata";
  screen = await device.startAndOpen();
  const row = await screen.row("In Tokyo");
  await row.locator.getByText("Recorded in Asia/Tokyo").waitFor();
  const { start } = await row.read();
  assert.equal(start.replace(/\s/g, " "), "5:30 AM");
});
