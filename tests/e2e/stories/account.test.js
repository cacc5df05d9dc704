// What belongs to somebody: shown, taken along, and removed, on the server's own page.
import assert from "node:assert/strict";
import { readFile } from "node:fs/promises";
import { newAccount, signIn } from "../harness/account.js";
import { breaches } from "../harness/breaches.js";
import { until } from "../harness/until.js";
import { story } from "../harness/world.js";

/** The page, from the app's own link, signed in. */
async function accountPage(screen, { email, password }) {
  await screen.openAccount();
  const opened = screen.page.context().waitForEvent("page");
  await screen.page.getByRole("link", { name: "Devices, password, download, deletion" }).click();
  const page = await opened;
  const form = page.locator("#sign-in");
  await form.getByLabel("Email").fill(email);
  await form.getByLabel("Password").fill(password);
  await form.getByRole("button").click();
  await page.getByRole("heading", { name: "Where you are signed in" }).waitFor();
  return page;
}

const shown = (page) => page.locator("#devices li b").allTextContents();

story("a device is signed out from the account's page", async (world) => {
  const { account, devices: [laptop], screens } = await world.pair();
  const [onLaptop, onPhone] = screens;
  // The service worker serves the app in place of other pages, but not of this one.
  await laptop.readyForOffline(onLaptop);
  const page = await accountPage(onLaptop, account);
  assert.equal((await shown(page)).length, 3);
  const others = page.getByRole("button", { name: /Sign out: Device/ });
  await others.click();
  await page.getByText("is signed out. What it had not sent yet stays on it.").waitFor();
  assert.deepEqual((await shown(page)).sort(), ["The timer in this browser", "This page"]);
  const dialog = await onPhone.openAccount();
  await dialog.getByText("Your sign-in has ended.").waitFor();
  await page.close();
});

story("the page's own session ends with it", async (world) => {
  const account = newAccount();
  const [, screen] = await world.signedIn("laptop", account, { isNew: true });
  const page = await accountPage(screen, account);
  await page.close();
  const { token } = await signIn(world.server, account);
  const headers = { authorization: `Bearer ${token}` };
  await until("only the app and we are signed in", async () => {
    const answer = await fetch(`${world.server.url}/api/devices`, { headers });
    return (await answer.json()).devices.length === 2;
  });
});

story("the password is changed, and the old one is of no use", async (world) => {
  const account = newAccount();
  const [, screen] = await world.signedIn("laptop", account, { isNew: true });
  const page = await accountPage(screen, account);
  const form = page.locator("#password");
  await form.getByLabel("New password").fill("another horse 8");
  await form.getByRole("button").click();
  await form.getByText("Type the password that you have now.").waitFor();
  await form.getByLabel("Password now").fill("not it, I think");
  await form.getByRole("button").click();
  await form.locator("[data-tone=bad]", { hasText: /password/i }).waitFor();
  await form.getByLabel("Password now").fill(account.password);
  await form.getByRole("button").click();
  await form.getByText("Your password is changed.").waitFor();
  assert.deepEqual(await shown(page), ["This page"]);
  await assert.rejects(signIn(world.server, account), /401/);
  await signIn(world.server, { ...account, password: "another horse 8" });
});

story("everything is downloaded, and then the account is deleted", async (world) => {
  const account = newAccount();
  const [, screen] = await world.signedIn("laptop", account, { isNew: true });
  await screen.track("Answering letters");
  await world.serverHolds(account, ["Answering letters"]);
  const page = await accountPage(screen, account);
  const downloading = page.waitForEvent("download");
  await page.getByRole("button", { name: "Download" }).click();
  const download = await downloading;
  const lines = (await readFile(await download.path(), "utf8")).trim().split("\n").map(JSON.parse);
  assert.deepEqual(lines[0].account.email, account.email);
  const entries = lines.flatMap((line) => line.time_entry ?? []);
  assert.deepEqual(entries.map((entry) => entry.description), ["Answering letters"]);

  const form = page.locator("#delete");
  await form.getByLabel("Password").fill(account.password);
  await form.getByRole("button").click();
  await form.getByText("Tick the box if you really want this.").waitFor();
  await form.getByRole("checkbox").check();
  await form.getByRole("button").click();
  await page.getByText("Your account is deleted").waitFor();
  await assert.rejects(signIn(world.server, account), /401/);
  await screen.shows(["Answering letters"]);
});

for (const colorScheme of ["light", "dark"]) {
  story(`the account's page is for everybody, in ${colorScheme}`, async (world) => {
    const account = newAccount();
    const options = { isNew: true, width: 360, height: 740 };
    const [, screen] = await world.signedIn("phone", account, options);
    const page = await accountPage(screen, account);
    await page.emulateMedia({ colorScheme });
    await page.setViewportSize({ width: 360, height: 740 });
    assert.deepEqual(await breaches(page), []);
    const width = await page.evaluate(() => document.documentElement.scrollWidth);
    assert.ok(width <= 360, `${width} px wide`);
  });
}
