// Every recipe in deploy/proxies serves the whole product below /time/, as the server does at /.
import assert from "node:assert/strict";
import { chmodSync, mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, before, describe, test } from "node:test";
import { Client, events } from "./client.js";
import { Process, freePort } from "./process.js";
import { PROXIES, createCertificate, startProxy } from "./recipes.js";

const program = process.env.WIZI_SERVER;
if (!program) throw new Error("WIZI_SERVER must be the path of the server; see docs/TESTING.md");
/** The folder of the app, unless the program contains it. */
const app = process.env.WIZITIME_APP;

const BASE = "/time/";
const PASSWORD = "a long passphrase for tests";
/** Wrong passwords from one address until the server answers 429. */
const WRONG_PASSWORDS_MAX = 10;
/** More than a proxy buffers. */
const EVENTS_OF_LARGE_BATCH = 200;

/** Headers of one hop, and of one response. */
const PER_RESPONSE = [
  ...["connection", "keep-alive", "transfer-encoding", "content-length", "date"],
  ...["server", "via", "alt-svc", "x-request-id"],
];

for (const name of Object.keys(PROXIES)) {
  describe(name, () => {
    const folder = mkdtempSync(join(tmpdir(), `wizitime-${name}-`));
    chmodSync(folder, 0o755);
    const secrets = [];
    let server;
    let proxy;
    let client;
    let direct;

    before(async () => {
      const port = await freePort();
      server = await startServer(folder);
      const tls = createCertificate(folder);
      proxy = await startProxy(name, { folder, port, backend: server.port, tls });
      client = new Client({ origin: `https://localhost:${port}`, base: BASE, ca: tls.ca });
      // The same host, because the policy of the page names it.
      const { host } = client;
      direct = new Client({ origin: `http://localhost:${server.port}`, base: "/", host });
    });

    after(async () => {
      await proxy?.stop();
      await server?.stop();
      rmSync(folder, { recursive: true });
    });

    async function signUp(email) {
      const account = await client.call("sign_up", credentials(email, PASSWORD));
      assert.equal(account.status, 201, JSON.stringify(account));
      secrets.push(account.token);
      return account;
    }

    test("files and pages have the bytes and the headers of the server", async () => {
      const page = await direct.request("");
      assert.equal(page.status, 200);
      const referenced = [...page.body.toString().matchAll(/(?:href|src)="([^"]+\.\w+)"/g)];
      const files = referenced.map(([, url]) => url.replace(/^\.?\//, ""));
      assert.ok(files.length >= 3, `the page refers to ${files}`);
      const pages = ["", "account", "help", "index.html", "sw.js", "manifest.webmanifest"];
      const missing = ["nothing.js", "old-0123456789abcdef.js", "api/nothing", "socket/longpoll"];
      for (const path of [...pages, ...files, ...missing]) {
        for (const accept of ["identity", "br", "gzip"]) {
          const options = { headers: { "accept-encoding": accept, accept: "*/*" } };
          const expected = await direct.request(path, options);
          const found = await client.request(path, options);
          const context = `${path} ${accept}`;
          assert.equal(found.status, expected.status, context);
          assert.deepEqual(endToEnd(found.headers), endToEnd(expected.headers), context);
          assert.ok(found.body.equals(expected.body), `the body of ${context}`);
          if (expected.headers.etag) {
            const known = {
              headers: { ...options.headers, "if-none-match": expected.headers.etag },
            };
            assert.equal((await client.request(path, known)).status, 304, context);
          }
        }
      }
      const { headers } = await client.request("account");
      assert.match(headers["content-security-policy"], new RegExp(`wss://${client.host}`));
      assert.equal(headers["x-content-type-options"], "nosniff");
      assert.equal(headers["referrer-policy"], "no-referrer");
    });

    test("the path without a slash leads to the app", async () => {
      const outside = new Client({ ...client, origin: client.origin.href, base: "/" });
      const { status, headers } = await outside.request("time");
      assert.ok([301, 308].includes(status), `${status}`);
      const target = new URL(headers.location, client.origin);
      assert.equal(target.href, new URL(BASE, client.origin).href);
      assert.equal((await outside.request("api/session")).status, 404);
    });

    test("the API, a socket and a batch work", async () => {
      const email = `${name}@example.org`;
      await signUp(email);
      const session = await client.call("sign_in", credentials(email, PASSWORD));
      assert.equal(session.status, 200, JSON.stringify(session));
      const issued = await client.call("socket_token", {}, { token: session.token });
      assert.equal(issued.status, 200, JSON.stringify(issued));
      secrets.push(session.token, issued.token);
      // The app sends the token as a subprotocol, other clients in the query.
      for (const credential of [{ bearer: issued.token }, { query: `&token=${session.token}` }]) {
        const socket = await client.open(credential);
        assert.equal((await socket.joined(session.channel)).status, "ok");
        for (const count of [1, EVENTS_OF_LARGE_BATCH]) {
          const reply = await socket.push(session.channel, "BULK_EVENT", { events: events(count) });
          assert.equal(reply.status, "ok", JSON.stringify(reply));
        }
        socket.close();
      }
    });

    test("limits count the address of the client, which it cannot choose", async () => {
      const email = `${name}-limits@example.org`;
      await signUp(email);
      const attacker = client.at("127.0.0.2");
      let last;
      for (let attempt = 0; attempt <= WRONG_PASSWORDS_MAX; attempt += 1) {
        const forged = { headers: { "x-forwarded-for": `203.0.113.${attempt}` } };
        last = await attacker.call("sign_in", credentials(email, "wrong password"), forged);
      }
      assert.equal(last.status, 429);
      const owner = await client.at("127.0.0.3").call("sign_in", credentials(email, PASSWORD));
      assert.equal(owner.status, 200, JSON.stringify(owner));
      secrets.push(owner.token);
      assert.doesNotMatch(server.output, /X-Forwarded-For ignored/);
    });

    test("no log contains a token, also when the server is down", async () => {
      const account = await signUp(`${name}-logs@example.org`);
      await server.stop();
      const { token } = account;
      await assert.rejects(client.open({ query: `&token=${token}` }));
      await assert.rejects(client.open({ bearer: token }));
      const refused = await client.request(`socket/websocket?vsn=2.0.0&token=${token}`, {
        headers: { authorization: `Bearer ${token}` },
      });
      assert.ok(refused.status >= 500, `${refused.status}`);
      await proxy.stop();
      const logs = proxy.logs();
      assert.match(logs, /socket\/websocket/, "the proxy logs requests");
      for (const secret of secrets) {
        const encoded = Buffer.from(secret).toString("base64").replaceAll("=", "");
        for (const text of [secret, encoded]) {
          const lines = `${logs}\n${server.output}`.split("\n");
          assert.deepEqual(
            lines.filter((line) => line.includes(text)),
            [],
            "a token is in a log",
          );
        }
      }
    });
  });
}

function credentials(email, password) {
  return { email, password, device_id: crypto.randomUUID() };
}

/** The headers that a proxy must not change. */
function endToEnd(headers) {
  return Object.fromEntries(Object.entries(headers).filter(([key]) => !PER_RESPONSE.includes(key)));
}

/** Starts the server on a free port, with a database in the folder. */
async function startServer(folder) {
  const args = ["--listen", "127.0.0.1:0", "--database", join(folder, "wizitime.db")];
  args.push("--trusted-proxies", "127.0.0.1", "--log", "debug", ...(app ? ["--app", app] : []));
  const ready = /^WiziTime is at http:\/\/127\.0\.0\.1:(\d+)$/m;
  const isReady = ({ output }) => ready.test(output);
  const server = await Process.start(program, args, { isReady, cwd: folder });
  server.port = Number(ready.exec(server.output)[1]);
  return server;
}
