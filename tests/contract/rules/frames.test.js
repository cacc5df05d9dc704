// What a message looks like, and what happens to one that does not.
import assert from "node:assert/strict";
import { rules, isAlive, join } from "./rule.js";
import { reply, unmatched } from "./wire.js";

/** How deep lists and objects may lie in a frame, the frame's own list counted. */
const DEPTH_MAX = 127;

/** A push of a client in bytes: kind, lengths, texts, data. */
function binary(texts, data = [1, 2, 3], kind = 0) {
  const parts = texts.map((text) => Buffer.from(text));
  const lengths = parts.map((it) => it.length);
  return Buffer.concat([Buffer.from([kind, ...lengths]), ...parts, Buffer.from(data)]);
}

rules("frames", (rule) => {
  rule("§2", "a reply has the event phx_reply and a status with a response", async (stand) => {
    const wire = await stand.joined();
    wire.send(["1", "2", wire.topic, "BULK_EVENT", { events: [] }]);
    await wire.hears(...reply("1", "2", wire.topic, "ok", { cursor: 0, superseded: [] }));
    wire.send(["1", "3", wire.topic, "nonsense", {}]);
    await wire.hears(...reply("1", "3", wire.topic, "error", { reason: "unknown_event" }));
  });

  rule("§2", "refs are echoed verbatim, whatever JSON they are", async (stand) => {
    const wire = await stand.wire();
    for (const ref of ['"2"', '""', '"é\\n"', "7", "-1.50", "true", "null", '{"a":[1]}', "[]"]) {
      wire.send(`[null,${ref},"phoenix","heartbeat",{}]`);
      const text = await wire.text();
      const response = `"phoenix","phx_reply",{"status":"ok","response":{}}`;
      assert.equal(text, `[null,${ref},${response}]`);
    }
  });

  rule("§2", "a join_ref is echoed verbatim, and compared as it is", async (stand) => {
    const account = await stand.account();
    for (const [ref, other] of [[4, "4"], ["4", 4], [{ a: 1 }, "a"], [true, "true"], ["", 0]]) {
      const wire = await stand.wire(account);
      wire.topic = account.channel;
      await join(wire, ref);
      await isAlive(wire, ref);
      wire.send([other, "9", wire.topic, "ping", { sent_at: 0 }]);
      await wire.hearsNothing();
    }
  });

  rule("§2", "elements after the fifth are ignored", async (stand) => {
    const wire = await stand.wire();
    wire.send([null, "1", "phoenix", "heartbeat", {}, 6, ["seven"]]);
    await wire.hears(...reply(null, "1", "phoenix", "ok", {}));
  });

  rule("§2", "a client's payload may be any JSON", async (stand) => {
    const wire = await stand.joined();
    for (const payload of [null, [], [1], "text", 7, false, {}, { a: { b: [] } }]) {
      wire.send([null, "1", "phoenix", "heartbeat", payload]);
      await wire.hears(...reply(null, "1", "phoenix", "ok", {}));
      wire.send(["1", "2", wire.topic, "nonsense", payload]);
      await wire.hears(...reply("1", "2", wire.topic, "error", { reason: "unknown_event" }));
    }
  });

  rule("§2", "names may be any text", async (stand) => {
    const wire = await stand.joined();
    for (const name of ["", "é🕰", "\u0000", '"\\/', "\u2028", "x".repeat(1000)]) {
      wire.send([null, "1", name, name, {}]);
      await wire.hears(...unmatched("1", name));
      wire.send(["1", name, wire.topic, name, {}]);
      await wire.hears(...reply("1", name, wire.topic, "error", { reason: "unknown_event" }));
    }
  });

  for (const [name, text] of [
    ["no JSON", "hello"],
    ["no text at all", ""],
    ["a byte order mark", '\ufeff[null,"1","phoenix","heartbeat",{}]'],
    ["half of a frame", '[null,"1","phoenix","heartbeat",{}'],
    ["a frame and something more", '[null,"1","phoenix","heartbeat",{}] 1'],
    ["half of a surrogate pair", '[null,"1","\\ud800","heartbeat",{}]'],
    ["four elements", '[null,"1","phoenix","heartbeat"]'],
    ["an empty list", "[]"],
    ["null", "null"],
    ["an object, as in V1", '{"topic":"phoenix","event":"heartbeat","payload":{},"ref":"1"}'],
    ["a topic that is no text", '[null,"1",7,"heartbeat",{}]'],
    ["an event that is no text", '[null,"1","phoenix",null,{}]'],
  ]) {
    rule("§3.8", `a frame that cannot be read ends the socket, 1011: ${name}`, async (stand) => {
      const [wire, other] = [await stand.joined(), await stand.joined()];
      wire.send(text);
      assert.equal(await wire.closed, 1011);
      await isAlive(other);
    });
  }

  rule("§3.8", "text that is not UTF-8 ends the socket, 1007", async (stand) => {
    const wire = await stand.joined();
    // The library writes these bytes as a text message, without a look at them.
    wire.socket.send(Buffer.from([0x5b, 0xc3, 0x28]), { binary: false });
    assert.equal(await wire.closed, 1007);
  });

  rule("§3.8", "deep frames are read, here down to 127 lists; 1011 below that", async (stand) => {
    const wire = await stand.joined();
    const nested = (depth) => {
      const inner = "[".repeat(depth - 1) + "]".repeat(depth - 1);
      return `["1","2","${wire.topic}","nonsense",${inner}]`;
    };
    wire.send(nested(DEPTH_MAX));
    await wire.hears(...reply("1", "2", wire.topic, "error", { reason: "unknown_event" }));
    wire.send(nested(DEPTH_MAX + 1));
    assert.equal(await wire.closed, 1011);
  });

  rule("§2 §6", "a binary push is 0, four lengths, four texts and data", async (stand) => {
    const wire = await stand.wire();
    wire.send(Buffer.from("\x00\x02\x01\x03\x02101topev\x01", "latin1"));
    await wire.hears(...unmatched("1", "top"));
    wire.send(Buffer.from("\x00\x01\x01\x07\x0812users:1bin_echo\x01\x02\x03", "latin1"));
    await wire.hears(...unmatched("2", "users:1"));
  });

  rule("§2 §6", "a binary push is delivered; no message here takes one", async (stand) => {
    const wire = await stand.joined();
    wire.send(binary(["1", "2", wire.topic, "ping"]));
    const message = "binary payloads are not used";
    const response = { reason: "malformed", message };
    await wire.hears(...reply("1", "2", wire.topic, "error", response));
    await isAlive(wire);
  });

  rule("§2", "a binary push has a join_ref; the empty one is stale too", async (stand) => {
    const wire = await stand.joined();
    for (const joinRef of ["", "0"]) {
      wire.send(binary([joinRef, "2", wire.topic, "ping"]));
      await wire.hearsNothing();
    }
  });

  rule("§2", "a heartbeat, a join and a leave may be binary", async (stand) => {
    const wire = await stand.joined();
    wire.send(binary(["", "2", "phoenix", "heartbeat"], []));
    await wire.hears(...reply(null, "2", "phoenix", "ok", {}));
    wire.send(binary(["1", "3", wire.topic, "phx_leave"], []));
    await wire.hears(...reply("1", "3", wire.topic, "ok", {}));
    await wire.hears("1", "1", wire.topic, "phx_close", {});
    wire.send(binary(["4", "4", wire.topic, "phx_join"], []));
    await wire.hears(...reply("4", "4", wire.topic, "error", { reason: "malformed" }));
  });

  rule("§2 §6", "lengths of a binary frame are in bytes, up to 255", async (stand) => {
    const wire = await stand.wire();
    const [ref, topic] = ["é".repeat(127) + "x", "🕰".repeat(63) + "xyz"];
    wire.send(binary(["", ref, topic, "é"]));
    await wire.hears(...unmatched(ref, topic));
    wire.send(binary(["", "", "", ""], []));
    await wire.hears(...unmatched("", ""));
  });

  for (const [name, bytes] of [
    ["no bytes", []],
    ["lengths that are missing", [0, 0, 0]],
    ["texts that are missing", [0, 1, 1, 7, 8, 0x31]],
    ["a topic that is not UTF-8", [0, 0, 0, 1, 1, 0xff, 0x65]],
    ["a reply, which is the server's", [...binary(["1", "2", "t", "ok"], [1], 1)]],
    ["a broadcast, which is the server's", [2, 1, 1, 0x74, 0x65]],
    ["a kind that does not exist", [9, 9, 9]],
  ]) {
    const title = `a binary frame that cannot be read ends the socket, 1011: ${name}`;
    rule("§2 §3-close", title, async (stand) => {
      const wire = await stand.joined();
      wire.send(Buffer.from(bytes));
      assert.equal(await wire.closed, 1011);
    });
  }
});
