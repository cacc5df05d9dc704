// Text and binary frames.
import assert from "node:assert/strict";
import { rules, isAlive, join } from "./fixture.js";
import { reply, unmatched } from "./raw_socket.js";

/** A binary push: kind, lengths, texts, data. */
function binary(texts, data = [1, 2, 3], kind = 0) {
  const parts = texts.map((text) => Buffer.from(text));
  const lengths = parts.map((it) => it.length);
  return Buffer.concat([Buffer.from([kind, ...lengths]), ...parts, Buffer.from(data)]);
}

rules("frames", (rule) => {
  rule("§2", "a reply has the event phx_reply and a status with a response", async (fixture) => {
    const socket = await fixture.joined();
    socket.send(["1", "2", socket.topic, "BULK_EVENT", { events: [] }]);
    await socket.expect(...reply("1", "2", socket.topic, "ok", { cursor: 0, superseded: [] }));
    socket.send(["1", "3", socket.topic, "nonsense", {}]);
    await socket.expect(...reply("1", "3", socket.topic, "error", { reason: "unknown_event" }));
  });

  rule("§2", "refs are echoed, as any JSON", async (fixture) => {
    const socket = await fixture.socket();
    for (const ref of ["2", "", "é\n", 7, -1.5, true, null, { a: [1] }, []]) {
      socket.send([null, ref, "phoenix", "heartbeat", {}]);
      await socket.expect(...reply(null, ref, "phoenix", "ok", {}));
    }
  });

  rule("§2", "a join_ref is echoed and compared verbatim", async (fixture) => {
    const account = await fixture.account();
    for (const [ref, other] of [[4, "4"], ["4", 4], [{ a: 1 }, "a"], [true, "true"], ["", 0]]) {
      const socket = await fixture.socket(account);
      socket.topic = account.channel;
      await join(socket, ref);
      await isAlive(socket, ref);
      socket.send([other, "9", socket.topic, "ping", { sent_at: 0 }]);
      await socket.expectNothing();
    }
  });

  rule("§2", "elements after the fifth are ignored", async (fixture) => {
    const socket = await fixture.socket();
    socket.send([null, "1", "phoenix", "heartbeat", {}, 6, ["seven"]]);
    await socket.expect(...reply(null, "1", "phoenix", "ok", {}));
  });

  rule("§2", "a client's payload may be any JSON", async (fixture) => {
    const socket = await fixture.joined();
    for (const payload of [null, [], [1], "text", 7, false, {}, { a: { b: [] } }]) {
      socket.send([null, "1", "phoenix", "heartbeat", payload]);
      await socket.expect(...reply(null, "1", "phoenix", "ok", {}));
      socket.send(["1", "2", socket.topic, "nonsense", payload]);
      await socket.expect(...reply("1", "2", socket.topic, "error", { reason: "unknown_event" }));
    }
  });

  rule("§2", "names may be any text", async (fixture) => {
    const socket = await fixture.joined();
    for (const name of ["", "é🕰", "\u0000", '"\\/', "\u2028", "x".repeat(1000)]) {
      socket.send([null, "1", name, name, {}]);
      await socket.expect(...unmatched("1", name));
      socket.send(["1", name, socket.topic, name, {}]);
      await socket.expect(...reply("1", name, socket.topic, "error", { reason: "unknown_event" }));
    }
  });

  for (const [name, text] of [
    ["not JSON", "hello"],
    ["empty text", ""],
    ["a byte order mark", '\ufeff[null,"1","phoenix","heartbeat",{}]'],
    ["a truncated frame", '[null,"1","phoenix","heartbeat",{}'],
    ["text after the frame", '[null,"1","phoenix","heartbeat",{}] 1'],
    ["an unpaired surrogate", '[null,"1","\\ud800","heartbeat",{}]'],
    ["four elements", '[null,"1","phoenix","heartbeat"]'],
    ["an empty list", "[]"],
    ["null", "null"],
    ["an object, as in V1", '{"topic":"phoenix","event":"heartbeat","payload":{},"ref":"1"}'],
  ]) {
    rule("§3.8", `a malformed frame closes the socket with 1011: ${name}`, async (fixture) => {
      const [socket, other] = [await fixture.joined(), await fixture.joined()];
      socket.send(text);
      assert.equal(await socket.closed, 1011);
      await isAlive(other);
    });
  }

  rule("§3.8", "text that is not UTF-8 closes the socket with 1007", async (fixture) => {
    const socket = await fixture.joined();
    // ws sends these bytes as a text message without validation.
    socket.ws.send(Buffer.from([0x5b, 0xc3, 0x28]), { binary: false });
    assert.equal(await socket.closed, 1007);
  });

  rule("§2 §6", "a binary push is 0, four lengths, four texts and data", async (fixture) => {
    const socket = await fixture.socket();
    socket.send(Buffer.from("\x00\x02\x01\x03\x02101topev\x01", "latin1"));
    await socket.expect(...unmatched("1", "top"));
    socket.send(Buffer.from("\x00\x01\x01\x07\x0812users:1bin_echo\x01\x02\x03", "latin1"));
    await socket.expect(...unmatched("2", "users:1"));
  });

  rule("§2 §6", "a binary push is delivered; every message rejects it", async (fixture) => {
    const socket = await fixture.joined();
    socket.send(binary(["1", "2", socket.topic, "ping"]));
    const frame = await socket.frame();
    assert.equal(frame[4].response.reason, "malformed");
    assert.deepEqual(frame, reply("1", "2", socket.topic, "error", frame[4].response));
    await isAlive(socket);
  });

  rule("§2", "a binary push has a join_ref; an empty one is stale", async (fixture) => {
    const socket = await fixture.joined();
    for (const joinRef of ["", "0"]) {
      socket.send(binary([joinRef, "2", socket.topic, "ping"]));
      await socket.expectNothing();
    }
  });

  rule("§2", "a heartbeat and a leave may be binary", async (fixture) => {
    const socket = await fixture.joined();
    socket.send(binary(["", "2", "phoenix", "heartbeat"], []));
    await socket.expect(...reply(null, "2", "phoenix", "ok", {}));
    socket.send(binary(["1", "3", socket.topic, "phx_leave"], []));
    await socket.expect(...reply("1", "3", socket.topic, "ok", {}));
    await socket.expect("1", "1", socket.topic, "phx_close", {});
  });

  rule("§2 §6", "lengths of a binary frame are in bytes, up to 255", async (fixture) => {
    const socket = await fixture.socket();
    const [ref, topic] = ["é".repeat(127) + "x", "🕰".repeat(63) + "xyz"];
    socket.send(binary(["", ref, topic, "é"]));
    await socket.expect(...unmatched(ref, topic));
    socket.send(binary(["", "", "", ""], []));
    await socket.expect(...unmatched("", ""));
  });

  for (const [name, bytes] of [
    ["empty", []],
    ["missing lengths", [0, 0, 0]],
    ["missing texts", [0, 1, 1, 7, 8, 0x31]],
    ["a topic that is not UTF-8", [0, 0, 0, 1, 1, 0xff, 0x65]],
    ["a reply, sent by servers only", [...binary(["1", "2", "t", "ok"], [1], 1)]],
    ["a broadcast, sent by servers only", [2, 1, 1, 0x74, 0x65]],
    ["an unknown kind", [9, 9, 9]],
  ]) {
    const title = `a malformed binary frame closes the socket with 1011: ${name}`;
    rule("§2 §3-close", title, async (fixture) => {
      const socket = await fixture.joined();
      socket.send(Buffer.from(bytes));
      assert.equal(await socket.closed, 1011);
    });
  }
});
