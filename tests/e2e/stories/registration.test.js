// Accounts by invitation, and links of the operator.
import assert from "node:assert/strict";
import { newAccount, signIn, signUp } from "../harness/account.js";
import { breaches } from "../harness/breaches.js";
import { until } from "../harness/until.js";
import { story } from "../harness/world.js";

/** The account dialog of a device that opens a link: `{ page, screen, dialog, device }`. */
async function opened(world, link, options) {
  const device = await world.device("phone", options);
  const screen = await device.open(link);
  const { page } = screen;
  const dialog = page.getByRole("dialog", { name: "Account" });
  await dialog.waitFor();
  return { device, screen, page, dialog };
}

/** Opens a link in the same tab, as typing it into the address bar does. */
const follow = (page, link) => page.goto(new URL(link, page.url()).href);

async function setPassword(dialog, password) {
  await dialog.getByLabel("New password").fill(password);
  await dialog.getByRole("button", { name: "Set password" }).click();
}

async function createAccount(dialog, { email, password }) {
  await dialog.getByRole("textbox", { name: "Email" }).fill(email);
  await dialog.getByLabel("Password").fill(password);
  await dialog.getByRole("button", { name: "Create account" }).click();
}

for (const [registration, text] of [
  ["invite", "New accounts need an invitation here."],
  ["closed", "New accounts cannot be created here."],
]) {
  story(`the dialog offers no new account, as registration is ${registration}`, async (world) => {
    await world.server.register(registration);
    const device = await world.device("laptop");
    const dialog = await (await device.open()).openAccount();
    await dialog.getByText(text).waitFor();
    assert.equal(await dialog.getByRole("button", { name: "Create account" }).count(), 0);
  });
}

story("a server that does not reply in time leaves the button for a new account", async (world) => {
  const device = await world.device("laptop");
  const screen = await device.open();
  // Loads the dialog while the server replies.
  await screen.openAccount();
  await screen.closeDialog();
  device.proxy.stall();
  const dialog = await screen.openAccount();
  await dialog.getByRole("button", { name: "Create account" }).waitFor();
});

story("an invited user creates an account, once", async (world) => {
  await world.server.register("invite");
  const account = newAccount();
  const link = await world.server.link("invite", account.email);
  const { page, screen, dialog } = await opened(world, link);
  await dialog.getByText("You are invited.").waitFor();
  assert.equal(new URL(page.url()).hash, "");
  await createAccount(dialog, { ...account, email: "other@example.org" });
  await dialog.getByText("is for another email").waitFor();
  await createAccount(dialog, account);
  await dialog.getByText("Your entries are kept in this account").waitFor();
  assert.equal(await dialog.getByText("your invitation").count(), 0);
  await screen.closeDialog();
  await screen.page.getByRole("region", { name: "Recent activity" }).waitFor();

  await follow(page, link);
  await dialog.getByText("sign out first").waitFor();
  await dialog.getByRole("button", { name: "Sign out" }).click();
  await createAccount(dialog, account);
  await dialog.getByText("This invitation was used already").waitFor();
});

story("a link sets the password and ends the session on this device", async (world) => {
  const account = newAccount();
  const [laptop, screen] = await world.signedIn("laptop", account, { isNew: true });
  const link = await world.server.link("reset-password", account.email);
  await screen.goto(laptop.url + link);
  const dialog = screen.page.getByRole("dialog", { name: "Account" });
  await setPassword(dialog, "");
  await dialog.getByText("Type a new password.").waitFor();
  await setPassword(dialog, "short");
  await dialog.getByText("The password needs at least 8 characters.").waitFor();
  await setPassword(dialog, "another horse 8");
  await dialog.getByText("Your password is set.").waitFor();
  await dialog.getByLabel("Password").fill("another horse 8");
  await dialog.getByRole("button", { name: "Sign in", exact: true }).click();
  await screen.saved();
  assert.equal(await dialog.getByText("Your password is set.").isVisible(), false);
  await screen.closeDialog();
  const activity = screen.page.getByRole("region", { name: "Recent activity" });
  await activity.getByText("Password set with a link").waitFor();
  await activity.getByText("by the operator of the server").waitFor();
  await assert.rejects(signIn(world.server, account), /401/);
});

story("a used or replaced link is refused, and a new one works in the same tab", async (world) => {
  const account = newAccount();
  await signUp(world.server, account);
  const replaced = await world.server.link("reset-password", account.email);
  const link = await world.server.link("reset-password", account.email);
  const { page, screen, dialog } = await opened(world, replaced);
  await setPassword(dialog, "another horse 8");
  await dialog.getByText("This link was used already or has expired").waitFor();
  await follow(page, link);
  // The fields are those of the new link.
  await until("the field is empty", async () => {
    return (await dialog.getByLabel("New password").inputValue()) === "";
  });
  await setPassword(dialog, "another horse 8");
  await dialog.getByText("Your password is set.").waitFor();
  await screen.closeDialog();
  await follow(page, link);
  await setPassword(dialog, "a third horse 9");
  await dialog.getByText("This link was used already or has expired").waitFor();
  await signIn(world.server, { ...account, password: "another horse 8" });
});

story("no URL, history, storage or log has the token of a link", async (world) => {
  const account = newAccount();
  await signUp(world.server, account);
  const link = await world.server.link("reset-password", account.email);
  const token = link.split("=")[1];
  const device = await world.device("phone");
  const urls = [];
  device.context.on("request", (request) => urls.push(request.url(), request.headers().referer));
  const screen = await device.open(link);
  const { page } = screen;
  const dialog = page.getByRole("dialog", { name: "Account" });
  await dialog.getByLabel("New password").waitFor();
  assert.equal(new URL(page.url()).hash, "");
  await setPassword(dialog, "another horse 8");
  await dialog.getByText("Your password is set.").waitFor();
  await screen.closeDialog();
  await page.getByRole("link", { name: "Timer" }).click();
  const session = await device.context.newCDPSession(page);
  const { entries } = await session.send("Page.getNavigationHistory");
  const kept = JSON.stringify([urls, entries.map(({ url }) => url), await screen.stored("")]);
  assert.ok(urls.length > 0 && !kept.includes(token), kept);
  assert.ok(!world.server.log().includes(token));
});

for (const colorScheme of ["light", "dark"]) {
  story(`the dialogs of links are accessible, in ${colorScheme}`, async (world) => {
    await world.server.register("invite");
    const account = newAccount();
    const link = await world.server.link("invite", account.email);
    const { page, dialog } = await opened(world, link, { width: 360, height: 740 });
    await page.emulateMedia({ colorScheme });
    assert.deepEqual(await breaches(page), []);
    await follow(page, link.replace("invitation", "set-password"));
    await dialog.getByLabel("New password").waitFor();
    assert.deepEqual(await breaches(page), []);
    const width = await page.evaluate(() => document.documentElement.scrollWidth);
    assert.ok(width <= 360, `${width} px wide`);
  });
}
