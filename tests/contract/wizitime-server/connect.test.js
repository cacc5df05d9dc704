// The handshake of the WiziTime server where Phoenix differs (docs/PROTOCOL.md, section 12).
import assert from "node:assert/strict";
import { PATH, answers, bearer, good, send, upgrade } from "../rules/handshake.js";
import { rules } from "../rules/fixture.js";

const ALLOWED = "https://time.example.org";

rules(
  "WiziTime server: connect",
  (rule) => {
    rule("§1", "there is no long polling", async ({ server }) => {
      const { token } = await server.account();
      for (const method of ["GET", "POST"]) {
        const target = `/socket/longpoll?token=${token}&vsn=2.0.0`;
        assert.equal((await send(server, target, {}, method)).status, 404);
      }
    });

    rule("§1", "only GET opens a socket: 400", async ({ server }) => {
      const target = await good(server);
      for (const method of ["POST", "PUT", "HEAD", "OPTIONS"]) {
        assert.equal((await send(server, target, upgrade(), method)).status, 400, method);
      }
    });

    rule("§1 §6", "an upgrade request that violates RFC 6455: 400", async ({ server }) => {
      const target = await good(server);
      const cases = [
        [{ "sec-websocket-version": "8" }, 400],
        [{ "sec-websocket-version": "" }, 400],
        [{ upgrade: "h2c" }, 400],
        [{ connection: "keep-alive" }, 400],
        [{ connection: "keep-alive, Upgrade", upgrade: "WebSocket" }, 101],
      ];
      await answers(cases, (headers) => send(server, target, upgrade(headers)));
      const { "sec-websocket-key": _, ...keyless } = upgrade();
      assert.equal((await send(server, target, keyless)).status, 400);
    });

    rule("§1", "a vsn that is not one text: 403, no body", async ({ server }) => {
      const { token } = await server.account();
      const odd = ["vsn[]=2.0.0", "vsn[a]=2.0.0", "vsn[a]=", "VSN=2.0.0", "vsn=%FF"];
      const cases = odd.map((query) => [query, 403]);
      await answers(cases, (query) => send(server, `${PATH}?token=${token}&${query}`, upgrade()));
    });

    rule("§1", "serializer V1 (no vsn or 1.x): 403", async ({ server }) => {
      const { token } = await server.account();
      const cases = [["", 403], ["&vsn=1.0.0", 403], ["&vsn=1.0.3", 403]];
      await answers(cases, (query) => send(server, `${PATH}?token=${token}${query}`, upgrade()));
    });

    rule("§1", "a token that is not one text: 403, no body", async ({ server }) => {
      const queries = ["token[]=x&", "token[a]=x&", "token=%FF&", "token=%00&"];
      const cases = queries.map((query) => [query, 403]);
      await answers(cases, (query) => send(server, `${PATH}?${query}vsn=2.0.0`, upgrade()));
    });

    rule("§1", "Origin: absent, the own host or allowed: 101", async ({ server }) => {
      const target = await good(server);
      const own = `127.0.0.1:${server.port}`;
      const cases = [`http://${own}`, `https://${own}`, "http://127.0.0.1:1", ALLOWED];
      await answers(cases.map((origin) => [origin, 101]), (origin) => {
        return send(server, target, upgrade({ origin }));
      });
    });

    rule("§1", "Origin: foreign, null or malformed: 403", async (fixture) => {
      const { server } = fixture;
      const target = await good(server);
      const near = ["https://evil.time.example.org", `${ALLOWED}:8443`, "http://time.example.org"];
      const odd = ["null", "", "127.0.0.1", "file://", "http://127.0.0.1.example.org"];
      await answers([...near, ...odd].map((origin) => [origin, 403]), (origin) => {
        return send(server, target, upgrade({ origin }));
      });
    });

    rule("§1", "a subprotocol with a token that is not base64: 403", async (fixture) => {
      const { server } = fixture;
      const target = await good(server);
      const padded = `${bearer("x")}==`;
      const junk = ["-_-_", "a", "", "=", "w6k", "/w"].map((it) => `base64url.bearer.phx.${it}`);
      const cases = [bearer("wrong"), padded, ...junk].map((it) => [`phoenix, ${it}`, 403]);
      await answers(cases, (protocols) => {
        return send(server, target, upgrade({ "sec-websocket-protocol": protocols }));
      });
    });
  },
  { WIZITIME_ALLOW_ORIGIN: ALLOWED },
);
