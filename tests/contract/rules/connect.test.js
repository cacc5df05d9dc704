// Rules of the WebSocket handshake.
import assert from "node:assert/strict";
import { createHash } from "node:crypto";
import { PATH, answers, bearer, good, send, upgrade } from "./handshake.js";
import { rules } from "./fixture.js";

rules(
  "connect",
  (rule) => {
    rule("§1", "the socket is at /socket/websocket, with or without a slash", async (fixture) => {
      const { token } = await fixture.account();
      const cases = [
        ["/socket/websocket", 101],
        ["/socket/websocket/", 101],
        ["/socket", 404],
        ["/socket/", 404],
        ["/websocket", 404],
      ];
      await answers(cases, (path) => {
        return send(fixture.server, `${path}?token=${token}&vsn=2.0.0`, upgrade());
      });
    });

    rule("§1", "parameters come in any order and may be escaped", async ({ server }) => {
      const { token } = await server.account();
      const escaped = [...token].map((it) => `%${it.charCodeAt(0).toString(16)}`).join("");
      const queries = [`vsn=2.0.0&token=${token}`, `a%5Bb%5D=c%20d&token=${escaped}&vsn=2.0.0`];
      for (const query of queries) {
        assert.equal((await send(server, `${PATH}?${query}`, upgrade())).status, 101, query);
      }
    });

    rule("§1", "POST opens no socket: 400", async ({ server }) => {
      const target = await good(server);
      assert.equal((await send(server, target, upgrade(), "POST")).status, 400);
    });

    rule("§1", "no upgrade: 403 with a bad token, 400 with a good one", async (fixture) => {
      const { server } = fixture;
      assert.equal((await send(server, await good(server))).status, 400);
      const refused = await send(server, `${PATH}?token=wrong&vsn=2.0.0`);
      assert.deepEqual([refused.status, refused.body], [403, ""]);
    });

    rule("§1 §6", "an upgrade request that violates RFC 6455 is refused", async ({ server }) => {
      const target = await good(server);
      for (const headers of [
        { "sec-websocket-version": "8" },
        { "sec-websocket-version": "" },
        { upgrade: "h2c" },
        { connection: "keep-alive" },
      ]) {
        const { status } = await send(server, target, upgrade(headers));
        assert.ok(status >= 400 && status < 500, `${JSON.stringify(headers)}: ${status}`);
      }
      const { "sec-websocket-key": _, ...keyless } = upgrade();
      assert.equal((await send(server, target, keyless)).status, 400);
      const mixed = { connection: "keep-alive, Upgrade", upgrade: "WebSocket" };
      assert.equal((await send(server, target, upgrade(mixed))).status, 101);
    });

    rule("§1 §6", "the response conforms to RFC 6455 and sets no cookie", async (fixture) => {
      const headers = upgrade();
      const answer = await send(fixture.server, await good(fixture.server), headers);
      const salted = `${headers["sec-websocket-key"]}258EAFA5-E914-47DA-95CA-C5AB0DC85B11`;
      const accept = createHash("sha1").update(salted).digest("base64");
      assert.equal(answer.headers["sec-websocket-accept"], accept);
      assert.equal(answer.headers["set-cookie"], undefined);
    });

    rule("§1", "vsn 2.0.x opens", async ({ server }) => {
      const { token } = await server.account();
      const cases = [["2.0.0", 101], ["2.0.7", 101], ["2.0.10", 101]];
      const target = (vsn) => `${PATH}?token=${token}&vsn=${vsn}`;
      await answers(cases, (vsn) => send(server, target(vsn), upgrade()));
    });

    rule("§1 §6", "any other vsn: 403, no body", async ({ server }) => {
      const { token } = await server.account();
      const others = ["vsn=2", "vsn=2.0", "vsn=2.1.0", "vsn=2.9.9", "vsn=3.0.0", "vsn=123.1.1"];
      const odd = ["vsn=", "vsn=two", "vsn=2.0.x"];
      const cases = [...others, ...odd].map((query) => [query, 403]);
      await answers(cases, (query) => send(server, `${PATH}?token=${token}&${query}`, upgrade()));
    });

    rule("§1 §6", "a bad token or none: 403, no body", async ({ server }) => {
      const queries = ["", "token=&", "token=wrong&"];
      const cases = queries.map((query) => [query, 403]);
      await answers(cases, (query) => send(server, `${PATH}?${query}vsn=2.0.0`, upgrade()));
    });

    rule("§1", "a token that was revoked: 403", async ({ server }) => {
      const { token } = await server.account();
      const target = `${PATH}?token=${token}&vsn=2.0.0`;
      assert.equal((await send(server, target, upgrade())).status, 101);
      assert.equal((await server.post("/api/sign_out", {}, token)).status, 204);
      assert.equal((await send(server, target, upgrade())).status, 403);
    });

    rule("§1 §6", "Origin: absent or the own host: 101", async ({ server }) => {
      const target = await good(server);
      assert.equal((await send(server, target, upgrade())).status, 101);
      const own = `127.0.0.1:${server.port}`;
      const cases = [[`http://${own}`, 101], ["http://127.0.0.1:1", 101]];
      await answers(cases, (origin) => send(server, target, upgrade({ origin })));
    });

    rule("§1 §6", "Origin: foreign: 403", async ({ server }) => {
      const target = await good(server);
      const foreign = ["https://evil.example.org", "http://127.0.0.1.example.org"];
      const cases = foreign.map((origin) => [origin, 403]);
      await answers(cases, (origin) => send(server, target, upgrade({ origin })));
    });

    rule("§1 §6", "the response names the subprotocol phoenix if offered", async (fixture) => {
      const { server } = fixture;
      const target = await good(server);
      for (const [offered, chosen] of [
        [{}, undefined],
        [{ "sec-websocket-protocol": "phoenix" }, "phoenix"],
        [{ "sec-websocket-protocol": "graphql-ws, phoenix" }, "phoenix"],
        [{ "sec-websocket-protocol": ["graphql-ws", "phoenix"] }, "phoenix"],
      ]) {
        const answer = await send(server, target, upgrade(offered));
        assert.equal(answer.status, 101);
        assert.equal(answer.headers["sec-websocket-protocol"], chosen);
      }
    });

    rule("§1 §6", "an unknown subprotocol: 403", async ({ server }) => {
      const target = await good(server);
      const cases = [["graphql-ws", 403], ["Phoenix", 403], ["phoenix2, x", 403]];
      await answers(cases, (protocols) => {
        return send(server, target, upgrade({ "sec-websocket-protocol": protocols }));
      });
    });

    rule("§1", "a token subprotocol is accepted and not repeated", async (fixture) => {
      const { server } = fixture;
      const { token } = await server.account();
      for (const [offered, chosen] of [
        [`phoenix, ${bearer(token)}`, "phoenix"],
        [`${bearer(token)},phoenix`, "phoenix"],
        [bearer(token), undefined],
      ]) {
        const headers = upgrade({ "sec-websocket-protocol": offered });
        const answer = await send(server, `${PATH}?vsn=2.0.0`, headers);
        assert.equal(answer.status, 101, offered);
        assert.equal(answer.headers["sec-websocket-protocol"], chosen);
      }
    });

    rule("§1", "a bad token as a subprotocol: 403", async ({ server }) => {
      const protocols = `phoenix, ${bearer("wrong")}`;
      const headers = upgrade({ "sec-websocket-protocol": protocols });
      assert.equal((await send(server, await good(server), headers)).status, 403);
    });

    rule("§1", "compression is not negotiated", async ({ server }) => {
      const offer = { "sec-websocket-extensions": "permessage-deflate; client_max_window_bits" };
      const answer = await send(server, await good(server), upgrade(offer));
      assert.equal(answer.status, 101);
      assert.equal(answer.headers["sec-websocket-extensions"], undefined);
    });
  },
);
