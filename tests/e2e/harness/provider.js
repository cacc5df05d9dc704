// A small OpenID Connect provider, which signs in its user without a question.
import { createHash, generateKeyPairSync, randomUUID, sign } from "node:crypto";
import { once } from "node:events";
import { createServer } from "node:http";
import { text } from "node:stream/consumers";

const CLIENT = { id: "wizitime", secret: "of the stories" };
const KEY_ID = "key";

const encode = (value) => Buffer.from(JSON.stringify(value)).toString("base64url");

export class Provider {
  #server = createServer((request, response) => void this.#answer(request, response));
  #keys = generateKeyPairSync("rsa", { modulusLength: 2048 });
  /** What was asked for, by the code that the provider gave for it. */
  #pending = new Map();
  /** Whether the user ends the sign-in instead. */
  cancels = false;

  /** `user` is `{ sub, email, email_verified }`. */
  constructor(user) {
    this.user = user;
  }

  async start() {
    await once(this.#server.listen(0, "127.0.0.1"), "listening");
  }

  stop() {
    this.#server.closeAllConnections();
    this.#server.close();
  }

  get url() {
    return `http://127.0.0.1:${this.#server.address().port}`;
  }

  /** The options of a server that knows this provider, and is opened at this URL. */
  options(publicUrl) {
    return [
      ["--public-url", publicUrl],
      ["--oidc-issuer", this.url],
      ["--oidc-client-id", CLIENT.id],
      ["--oidc-client-secret", CLIENT.secret],
      ["--oidc-name", "ACME"],
    ].flat();
  }

  async #answer(request, response) {
    const { pathname, searchParams } = new URL(request.url, this.url);
    const json = (value) => {
      response.setHeader("content-type", "application/json");
      response.end(JSON.stringify(value));
    };
    switch (pathname) {
      case "/.well-known/openid-configuration":
        return json(this.#configuration());
      case "/keys": {
        const key = this.#keys.publicKey.export({ format: "jwk" });
        return json({ keys: [{ ...key, kid: KEY_ID, alg: "RS256", use: "sig" }] });
      }
      case "/authorize":
        response.writeHead(303, { location: this.#authorize(searchParams) });
        return response.end();
      case "/token":
        return json(this.#token(new URLSearchParams(await text(request))));
      default:
        response.writeHead(404);
        return response.end();
    }
  }

  #configuration() {
    return {
      issuer: this.url,
      authorization_endpoint: `${this.url}/authorize`,
      token_endpoint: `${this.url}/token`,
      jwks_uri: `${this.url}/keys`,
      response_types_supported: ["code"],
      subject_types_supported: ["public"],
      id_token_signing_alg_values_supported: ["RS256"],
    };
  }

  /** Where the browser goes on. */
  #authorize(asked) {
    const back = new URL(asked.get("redirect_uri"));
    back.searchParams.set("state", asked.get("state"));
    if (this.cancels) {
      back.searchParams.set("error", "access_denied");
    } else {
      const code = randomUUID();
      this.#pending.set(code, asked);
      back.searchParams.set("code", code);
    }
    return back.href;
  }

  #token(body) {
    const asked = this.#pending.get(body.get("code"));
    this.#pending.delete(body.get("code"));
    const challenge = createHash("sha256").update(body.get("code_verifier")).digest("base64url");
    if (asked?.get("code_challenge") !== challenge) return { error: "invalid_grant" };
    const now = Math.floor(Date.now() / 1000);
    const claims = { iss: this.url, aud: CLIENT.id, iat: now, exp: now + 300, ...this.user };
    const payload = encode({ ...claims, nonce: asked.get("nonce") });
    const signed = `${encode({ alg: "RS256", kid: KEY_ID })}.${payload}`;
    const signature = sign("sha256", Buffer.from(signed), this.#keys.privateKey);
    const id_token = `${signed}.${signature.toString("base64url")}`;
    return { access_token: randomUUID(), token_type: "Bearer", expires_in: 300, id_token };
  }
}
