// A small mail server (RFC 5321) that keeps what it accepts.
import { once } from "node:events";
import { createServer } from "node:net";
import { createInterface } from "node:readline";
import { until } from "./until.js";

export class MailServer {
  #server = createServer((socket) => this.#talk(socket));
  /** The mails: `{ to, text }`. */
  mails = [];

  async start() {
    await once(this.#server.listen(0, "127.0.0.1"), "listening");
  }

  stop() {
    this.#server.close();
  }

  get url() {
    return `smtp://127.0.0.1:${this.#server.address().port}`;
  }

  /** Waits for a mail to this address. */
  async mailTo(address) {
    const find = () => this.mails.find(({ to }) => to === address);
    return until(`a mail to ${address}`, find, { seen: () => this.mails });
  }

  #talk(socket) {
    let to;
    let text;
    const reply = (line) => socket.write(`${line}\r\n`);
    // The client may close the connection at any time.
    socket.on("error", () => socket.destroy());
    reply("220 ready");
    createInterface({ input: socket }).on("line", (line) => {
      if (text !== undefined) {
        if (line !== ".") return void (text += `${line}\n`);
        this.mails.push({ to, text: decoded(text) });
        text = undefined;
        return reply("250 kept");
      }
      const command = line.slice(0, 4).toUpperCase();
      if (command === "RCPT") to = line.match(/<(.*)>/)[1];
      if (command === "DATA") text = "";
      reply(command === "DATA" ? "354 go on" : command === "QUIT" ? "221 bye" : "250 ok");
    });
  }
}

/** The text without the quoted-printable encoding (RFC 2045), if it has one. */
function decoded(text) {
  if (!/^content-transfer-encoding: quoted-printable$/im.test(text)) return text;
  const character = (_, hex) => String.fromCharCode(Number.parseInt(hex, 16));
  return text.replaceAll("=\n", "").replace(/=([0-9A-F]{2})/g, character);
}
