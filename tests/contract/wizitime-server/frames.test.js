// Frames of the WiziTime server where Phoenix differs (docs/PROTOCOL.md, section 12).
import assert from "node:assert/strict";
import { rules } from "../rules/fixture.js";
import { reply } from "../rules/raw_socket.js";

/** Maximum nesting of lists and objects in a frame, including the frame's own list. */
const DEPTH_MAX = 127;

rules("WiziTime server: frames", (rule) => {
  rule("§2", "refs are echoed as the same text", async (fixture) => {
    const socket = await fixture.socket();
    for (const ref of ['"2"', '""', '"é\\n"', "7", "-1.50", "true", "null", '{"a":[1]}', "[]"]) {
      socket.send(`[null,${ref},"phoenix","heartbeat",{}]`);
      const text = await socket.text();
      const response = `"phoenix","phx_reply",{"status":"ok","response":{}}`;
      assert.equal(text, `[null,${ref},${response}]`);
    }
  });

  rule("§3.8", "frames may be nested 127 levels deep; deeper: 1011", async (fixture) => {
    const socket = await fixture.joined();
    const nested = (depth) => {
      const inner = "[".repeat(depth - 1) + "]".repeat(depth - 1);
      return `["1","2","${socket.topic}","nonsense",${inner}]`;
    };
    socket.send(nested(DEPTH_MAX));
    await socket.expect(...reply("1", "2", socket.topic, "error", { reason: "unknown_event" }));
    socket.send(nested(DEPTH_MAX + 1));
    assert.equal(await socket.closed, 1011);
  });
});
