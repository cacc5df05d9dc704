// The pages of the app: URLs, history, focus, and chunks that cannot be loaded.
import assert from "node:assert/strict";
import { readdir, rename } from "node:fs/promises";
import { join } from "node:path";
import { breaches } from "../harness/breaches.js";
import { until } from "../harness/until.js";
import { Deployment } from "../harness/version.js";
import { appFolder, story } from "../harness/world.js";

const heading = (page, name) => page.getByRole("heading", { name, level: 1, exact: true });
const link = (page, name) =>
  page.getByRole("navigation", { name: "Pages" }).getByRole("link", { name });

/** Waits for a page: its heading has the focus, and the document its title. */
async function hasFocus(page, name, title) {
  await until(`the heading "${name}" has the focus`, () =>
    heading(page, name).evaluate((element) => element === document.activeElement),
  );
  assert.equal(await page.title(), title);
}

/** A tab without a service worker, as on a first visit. */
async function withoutWorker(device, path = "/") {
  await device.context.addInitScript(() => {
    Object.defineProperty(navigator, "serviceWorker", { value: undefined });
  });
  return device.open(path);
}

/** Chromium logs chunks that are not found as errors. */
function expectMissingChunks(device) {
  const isExpected = (problem) => /chunk-[^ ]*\.wasm|Failed to fetch/.test(problem);
  device.problems = device.problems.filter((problem) => !isExpected(problem));
}

/** Answers the chunks of the app as not found until the returned function is called. */
async function withoutChunks(page) {
  await page.route("**/chunk-*.wasm", (route) => route.fulfill({ status: 404 }));
  return () => page.unroute("**/chunk-*.wasm");
}

story("links, back and forward change the page, its title and the focus", async (world) => {
  const device = await world.device("laptop");
  const { page } = await device.open();
  assert.equal(await page.title(), "WiziTime");
  await page.keyboard.press("?");
  await hasFocus(page, "Help", "Help · WiziTime");
  await link(page, "Account").click();
  await hasFocus(page, "Your account", "Account · WiziTime");
  assert.equal(new URL(page.url()).pathname, "/account");
  await page.goBack();
  await hasFocus(page, "Help", "Help · WiziTime");
  await page.goBack();
  await hasFocus(page, "Timer", "WiziTime");
  await page.goForward();
  await hasFocus(page, "Help", "Help · WiziTime");
});

story("a running clock survives going to another page", async (world) => {
  const device = await world.device("laptop");
  const screen = await device.open();
  await screen.start("Reading the help");
  await screen.page.keyboard.press("Escape");
  await link(screen.page, "Help").click();
  await heading(screen.page, "Help").waitFor();
  await link(screen.page, "Timer").click();
  await screen.stop();
  await screen.shows(["Reading the help"]);
});

story("a link with a modifier key opens a tab of its own", async (world) => {
  const device = await world.device("laptop");
  const { page } = await device.open();
  const opened = device.context.waitForEvent("page");
  await link(page, "Help").click({ modifiers: ["Control"] });
  await heading(await opened, "Help").waitFor();
  assert.equal(new URL(page.url()).pathname, "/");
});

story("pages open by their URL, and other URLs are not found", async (world) => {
  for (const path of ["/", "/account", "/help", "/help?from=mail"]) {
    const answer = await fetch(`${world.server.url}${path}`);
    assert.equal(answer.status, 200, path);
    assert.match(answer.headers.get("content-type"), /text\/html/, path);
  }
  for (const path of ["/reports", "/account/devices", "/helper"]) {
    assert.equal((await fetch(`${world.server.url}${path}`)).status, 404, path);
  }
  const device = await world.device("laptop");
  const { page } = await device.open("/help");
  await heading(page, "Help").waitFor();
});

story("every page opens offline after the first visit", async (world) => {
  const device = await world.device("laptop");
  const first = await device.open();
  await device.readyForOffline(first);
  await device.goOffline();
  await link(first.page, "Help").click();
  await heading(first.page, "Help").waitFor();
  const { page } = await device.open("/account");
  await heading(page, "Your account").waitFor();
  await link(page, "Help").click();
  await heading(page, "Help").waitFor();
});

story("a page whose chunk cannot be loaded can be tried again", async (world) => {
  const device = await world.device("laptop");
  const screen = await withoutWorker(device);
  const { page } = screen;
  const restore = await withoutChunks(page);
  await link(page, "Help").click();
  await hasFocus(page, "This page could not be loaded", "Help · WiziTime");
  await page.getByRole("button", { name: "Try again" }).click();
  await heading(page, "This page could not be loaded").waitFor();
  await link(page, "Timer").click();
  await screen.track("Still works");
  await link(page, "Help").click();
  await heading(page, "This page could not be loaded").waitFor();
  await restore();
  await page.getByRole("button", { name: "Try again" }).click();
  await hasFocus(page, "Help", "Help · WiziTime");
  expectMissingChunks(device);
});

story("a tab of an older version offers to reload when its chunk is gone", async (world) => {
  const deployment = await Deployment.of(appFolder(), join(world.folder, "app"));
  await world.server.stop();
  world.server.app = deployment.folder;
  await world.server.start();
  const device = await world.device("laptop");
  const screen = await withoutWorker(device);
  await screen.track("Kept");
  await deployment.upgrade();
  const chunks = (await readdir(deployment.folder)).filter((name) => name.startsWith("chunk-"));
  const path = (name) => join(deployment.folder, name);
  for (const name of chunks) await rename(path(name), path(`gone-${name}`));
  await link(screen.page, "Help").click();
  await hasFocus(screen.page, "There is a new version of WiziTime", "Help · WiziTime");
  // The chunks of the new version, under the names that its scripts ask for.
  for (const name of chunks) await rename(path(`gone-${name}`), path(name));
  await screen.page.getByRole("button", { name: "Reload to update" }).click();
  await heading(screen.page, "Help").waitFor();
  assert.equal(await screen.page.locator("meta[name=v]").getAttribute("content"), "2");
  await link(screen.page, "Timer").click();
  await screen.shows(["Kept"]);
  expectMissingChunks(device);
});

for (const colorScheme of ["light", "dark"]) {
  story(`the help is accessible, in ${colorScheme}`, async (world) => {
    const device = await world.device("phone", { width: 360, height: 740 });
    const { page } = await device.open("/help");
    await page.emulateMedia({ colorScheme });
    await heading(page, "Help").waitFor();
    assert.deepEqual(await breaches(page), []);
    const width = await page.evaluate(() => document.documentElement.scrollWidth);
    assert.ok(width <= 360, `${width} px wide`);
  });
}
