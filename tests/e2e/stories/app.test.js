// The app as files: static shell, headers, upgrades, other web servers.
import assert from "node:assert/strict";
import { readFile, readdir, stat, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { newAccount } from "../harness/account.js";
import { StaticHost } from "../harness/static_host.js";
import { until } from "../harness/until.js";
import { Deployment } from "../harness/version.js";
import { appFolder, story } from "../harness/world.js";

story("the static shell is shown before WebAssembly runs", async (world) => {
  const device = await world.device("laptop");
  const page = await device.context.newPage();
  // The request is never answered.
  await page.route("**/*.wasm", () => {});
  await page.goto(device.url, { waitUntil: "commit" });
  await page.getByText("WiziTime", { exact: true }).waitFor();
  await page.getByText("Start", { exact: true }).waitFor();
  assert.equal(await page.locator("body").getAttribute("data-ready"), null);
});

story("files have compression, types, caching and a strict policy", async (world) => {
  const names = (await readdir(appFolder())).filter((name) => !/\.(br|gz)$/.test(name));
  const types = { js: /javascript/, css: /text\/css/, wasm: /application\/wasm/, svg: /svg/ };
  for (const name of names.filter((name) => /\.(js|css|wasm|svg|html)$/.test(name))) {
    const answer = await fetch(`${world.server.url}/${name}`, {
      headers: { "accept-encoding": "br" },
    });
    assert.equal(answer.status, 200, name);
    const header = (key) => answer.headers.get(key) ?? "";
    assert.match(header("content-type"), types[name.split(".").pop()] ?? /./, name);
    // An almost empty chunk does not become smaller.
    const isTiny = (await stat(join(appFolder(), name))).size < 100;
    assert.equal(header("content-encoding"), isTiny ? "" : "br", name);
    const isHashed = /-[0-9a-f]{16}(_bg)?\.\w+$/.test(name);
    assert.match(header("cache-control"), isHashed ? /immutable/ : /no-cache/, name);
    assert.doesNotMatch(header("content-security-policy"), /unsafe-inline|nonce/, name);
    assert.match(header("content-security-policy"), /script-src 'self' 'wasm-unsafe-eval'/, name);
  }
});

story("the page has no inline script and no inline style", async () => {
  const html = await readFile(join(appFolder(), "index.html"), "utf8");
  assert.doesNotMatch(html, /<script(?![^>]*\ssrc=)/);
  assert.doesNotMatch(html, /<style|\sstyle=|\son\w+=/);
});

story("the app starts without a server", async (world) => {
  const device = await world.device("laptop");
  const first = await device.open();
  await device.readyForOffline(first);
  await device.close();
  await world.server.stop();
  const screen = await device.startAndOpen();
  await screen.track("All alone");
  await screen.shows(["All alone"]);
});

/** Serves a copy of the app that can be upgraded. */
async function deployed(world) {
  const deployment = await Deployment.of(appFolder(), join(world.folder, "app"));
  await world.server.stop();
  world.server.app = deployment.folder;
  await world.server.start();
  return deployment;
}

story("a new version is offered and applied on request", async (world) => {
  const deployment = await deployed(world);
  const oldBoot = await deployment.boot();

  const device = await world.device("laptop");
  const first = await device.open();
  await device.readyForOffline(first);
  // Only pages opened with an active worker are controlled by it.
  await first.reload();
  const second = await device.open();
  await second.track("Kept");
  await deployment.upgrade();
  await first.page.evaluate(async () => {
    await (await navigator.serviceWorker.getRegistration()).update();
  });
  const version = (screen) =>
    screen.page.evaluate(() => document.querySelector("meta[name=v]")?.content ?? "1");
  for (const screen of [first, second]) {
    await screen.page.getByText("A new version is ready").waitFor();
    assert.equal(await version(screen), "1", "nothing is forced");
  }

  await first.page.getByRole("button", { name: "Reload" }).click();
  await until("the new version is there", async () => (await version(first)) === "2");
  await first.ready();
  await first.shows(["Kept"]);
  assert.equal(await version(second), "1", "the other tab is left alone");
  const status = await second.page.evaluate(
    async (name) => (await fetch(name)).status,
    oldBoot,
  );
  assert.equal(status, 200, "the old tab's files are still there");
  await second.track("From the old tab");
  await first.shows(["Kept", "From the old tab"]);

  await second.what.fill("Typed before the reload");
  await second.page.getByRole("button", { name: "Reload" }).click();
  await until("the other tab follows", async () => (await version(second)) === "2");
  await second.ready();
  assert.equal(await second.what.inputValue(), "Typed before the reload");
  assert.equal(await first.what.inputValue(), "");
});

story("a page that stays open learns of a new version when it is shown", async (world) => {
  const deployment = await deployed(world);
  const device = await world.device("laptop");
  const screen = await device.open();
  await device.readyForOffline(screen);
  // Only pages opened with an active worker are controlled by it.
  await screen.reload();
  await deployment.upgrade();
  await screen.page.evaluate(() => {
    const now = performance.now.bind(performance);
    performance.now = () => now() + 120_000;
    dispatchEvent(new Event("focus"));
  });
  await screen.page.getByText("A new version is ready").waitFor();
});

story("an incomplete deployment is not installed", async (world) => {
  const deployment = await deployed(world);
  const device = await world.device("laptop");
  const screen = await device.open();
  await device.readyForOffline(screen);
  const before = await screen.page.evaluate(() => caches.keys());

  const page = join(deployment.folder, "index.html");
  const oldPage = await readFile(page, "utf8");
  await deployment.upgrade();
  await writeFile(page, oldPage);
  const outcome = await screen.page.evaluate(async () => {
    const registration = await navigator.serviceWorker.getRegistration();
    await registration.update();
    const worker = registration.installing;
    if (!worker) return "nothing to install";
    return new Promise((resolve) => {
      worker.addEventListener("statechange", () => resolve(worker.state));
    });
  });
  assert.equal(outcome, "redundant");
  assert.deepEqual(await screen.page.evaluate(() => caches.keys()), before);
});

story("the app works under a sub-path of any web server", async (world) => {
  const base = "/time/";
  const host = new StaticHost({ folder: appFolder(), base, backend: () => world.server.port });
  await host.start();
  try {
    const device = await world.device("laptop", { url: host.url });
    const account = newAccount();
    let screen = await device.open(base);
    await screen.signUp(account);
    await screen.track("Below");
    await screen.saved();
    await world.serverHolds(account, ["Below"]);
    await device.readyForOffline(screen);
    await device.close();
    host.stop();
    screen = await device.startAndOpen(base);
    await screen.shows(["Below"]);
  } finally {
    host.stop();
  }
});
