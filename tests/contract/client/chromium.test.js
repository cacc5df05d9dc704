// The unmodified clients in a page in Chromium, served by the server.
import { cp, mkdir, mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, before, describe, test } from "node:test";
import { chromium } from "playwright-core";
import { COMMANDS, Control } from "./control.js";
import { VERSIONS, featuresOf } from "./suite.js";

const program = process.env.CHROMIUM;
if (!program) throw new Error("CHROMIUM must be the path of the browser; see docs/TESTING.md");

const TIMEOUT_MS = 30_000;
const HERE = join(import.meta.dirname, "..");
const FLAGS = ["--disable-gpu", "--disable-quic", "--no-first-run", "--no-proxy-server"];
/** npm packages by version. */
const PACKAGES = { "1.8.16": "phoenix", "1.7.21": "phoenix-1-7" };

/** Writes the suite and the clients into a folder that the server serves as the app. */
async function app(folder) {
  await writeFile(join(folder, "index.html"), "<!doctype html><title>Conformance</title>");
  for (const part of ["client", "events.js", "inbox.js"]) {
    await cp(join(HERE, part), join(folder, part), { recursive: true });
  }
  for (const [version, name] of Object.entries(PACKAGES)) {
    const module = join(HERE, "node_modules", name, "priv/static/phoenix.mjs");
    await cp(module, join(folder, `phoenix-${version}.js`));
  }
}

/** Runs in the page: tests one feature; `control` forwards commands to Node. */
async function inPage({ name, version, socket, commands }) {
  const { tryFeature } = await import("/client/suite.js");
  const phoenix = await import(`/phoenix-${version}.js`);
  const server = { socket };
  for (const command of commands) server[command] = (...given) => control(command, given);
  await tryFeature(name, { phoenix, version, server, isPage: true });
}

for (const version of Object.keys(VERSIONS)) {
  describe(`phoenix ${version} in Chromium`, () => {
    let server, context, page, folder;
    before(async () => {
      folder = await mkdtemp(join(tmpdir(), "wizitime-contract-"));
      const [site, profile] = [join(folder, "app"), join(folder, "profile")];
      await mkdir(site);
      await app(site);
      server = await Control.start({ WIZITIME_APP: site });
      context = await chromium.launchPersistentContext(profile, {
        executablePath: program,
        chromiumSandbox: false,
        args: FLAGS,
      });
      page = await context.newPage();
      await page.exposeFunction("control", (command, given) => server[command](...given));
      await page.goto(`${server.http}/`);
    });
    after(async () => {
      await context?.close();
      await server?.end();
      await rm(folder, { recursive: true, force: true, maxRetries: 5 });
    });
    for (const name of featuresOf(version, true)) {
      test(`§4 ${name}`, { timeout: TIMEOUT_MS }, async () => {
        const { socket } = server;
        await page.evaluate(inPage, { name, version, socket, commands: COMMANDS });
      });
    }
  });
}
