// Links by mail for users who forgot the password.
import assert from "node:assert/strict";
import { newAccount, signUp } from "../harness/account.js";
import { MailServer } from "../harness/mail_server.js";
import { story } from "../harness/world.js";

story("a user who forgot the password sets another one with a mailed link", async (world) => {
  const mails = new MailServer();
  await mails.start();
  try {
    const account = newAccount();
    await signUp(world.server, account);
    const device = await world.device("laptop");
    const publicUrl = `${device.proxy.url}/`;
    const sender = "WiziTime <time@example.org>";
    const mail = ["--smtp-url", mails.url, "--smtp-from", sender, "--public-url", publicUrl];
    await world.server.configure(mail);
    const screen = await device.open();
    const dialog = await screen.openAccount();

    await dialog.getByRole("button", { name: "Forgot your password?" }).click();
    await dialog.getByText("Type your email address.").waitFor();
    await dialog.getByRole("textbox", { name: "Email" }).fill(account.email);
    await dialog.getByRole("button", { name: "Forgot your password?" }).click();
    await dialog.getByText("a link is on its way").waitFor();

    const { text } = await mails.mailTo(account.email);
    const [link] = text.match(/http:\S+#set-password=\S+/);
    assert.ok(link.startsWith(publicUrl), link);
    await screen.page.goto(link);
    const password = "another one 8";
    await dialog.getByLabel("New password").fill(password);
    await dialog.getByRole("button", { name: "Set password" }).click();
    await dialog.getByText("Sign in with it now.").waitFor();
    await dialog.getByRole("textbox", { name: "Email" }).fill(account.email);
    await dialog.getByLabel("Password").fill(password);
    await dialog.getByRole("button", { name: "Sign in", exact: true }).click();
    await dialog.getByText("Your entries are kept in this account").waitFor();
  } finally {
    mails.stop();
  }
});
