// Sign-in with an OpenID Connect provider.
import assert from "node:assert/strict";
import { newAccount, signUp } from "../harness/account.js";
import { Provider } from "../harness/provider.js";
import { story } from "../harness/world.js";

/** A device and a server that knows a provider with this user: `{ provider, screen, page }`. */
async function withProvider(world, user, run) {
  const provider = new Provider({ sub: "42", email_verified: true, ...user });
  await provider.start();
  try {
    const device = await world.device("laptop");
    await world.server.configure(provider.options(`${device.proxy.url}/`));
    const screen = await device.open();
    await run({ provider, device, screen, page: screen.page });
  } finally {
    provider.stop();
  }
}

/** Opens the dialog and follows the link to the provider. Returns the dialog after that. */
async function signInWithProvider(screen) {
  const dialog = await screen.openAccount();
  await dialog.getByRole("link", { name: "Sign in with ACME" }).click();
  return dialog;
}

story("a provider's user gets an account with what was tracked so far", async (world) => {
  const { email } = newAccount();
  await withProvider(world, { email }, async ({ screen, page }) => {
    await screen.start("guest work");
    const dialog = await signInWithProvider(screen);
    await dialog.getByText("Your entries are kept in this account").waitFor();
    await dialog.getByText(email).waitFor();
    assert.equal(new URL(page.url()).hash, "");
    // The code is used up: a reload does not need it.
    await page.reload();
    await page.getByRole("region", { name: "Recent activity" }).waitFor();
    await page.getByText("Signed in with the sign-in service").waitFor();
    await page.getByRole("link", { name: "Timer" }).click();
    await screen.stopButton.waitFor();
  });
});

story("the dialog says why a provider's user may not sign in", async (world) => {
  const account = newAccount();
  await signUp(world.server, account);
  await withProvider(world, { email: account.email }, async ({ provider, screen, page }) => {
    const dialog = await signInWithProvider(screen);
    await dialog.getByText("There is an account with this email already.").waitFor();
    assert.equal(new URL(page.url()).hash, "");
    provider.cancels = true;
    await dialog.getByRole("link", { name: "Sign in with ACME" }).click();
    await dialog.getByText("You did not sign in.").waitFor();
    await dialog.getByRole("textbox", { name: "Email" }).fill(account.email);
    await dialog.getByLabel("Password").fill(account.password);
    await dialog.getByRole("button", { name: "Sign in", exact: true }).click();
    await dialog.getByText("Your entries are kept in this account").waitFor();
    assert.equal(await dialog.getByText("You did not sign in.").count(), 0);
  });
});

story("a code that was used says so and leaves the form", async (world) => {
  await withProvider(world, { email: newAccount().email }, async ({ screen, page }) => {
    await page.goto(new URL("account#sign-in=used", page.url()).href);
    const dialog = page.getByRole("dialog", { name: "Account" });
    await dialog.getByText("sign in again").waitFor();
    await dialog.getByRole("textbox", { name: "Email" }).waitFor();
    await screen.closeDialog();
  });
});

story("a server without a provider offers none", async (world) => {
  const device = await world.device("laptop");
  const dialog = await (await device.open()).openAccount();
  await dialog.getByRole("button", { name: "Create account" }).waitFor();
  assert.equal(await dialog.getByRole("link", { name: /Sign in with/ }).count(), 0);
  assert.equal(await dialog.getByRole("button", { name: /Forgot/ }).count(), 0);
});
