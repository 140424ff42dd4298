// The conversation with the local server. A refusal is an answer, not an exception;
// only a server that cannot be reached or does not speak JSON throws.

export class Unreachable extends Error {}

async function request(path, options) {
  let response;
  try {
    response = await fetch(path, { cache: "no-store", ...options });
  } catch {
    throw new Unreachable("The local Discord does not answer. Is it still running?");
  }
  let body = null;
  try {
    body = await response.json();
  } catch {
    if (response.ok) return null;
  }
  if (!response.ok && typeof body?.refused !== "string") {
    throw new Unreachable(body?.message ?? body?.error ?? `The local Discord answered ${response.status} to ${path.split("?")[0]}.`);
  }
  return body;
}

const query = (as) => `as=${encodeURIComponent(as)}`;

/** The guild as `as` sees it; null when there is nobody of that name. */
export async function loadState(as) {
  const state = await request(`/sim/state?${query(as)}`);
  return state?.you ? state : null;
}

/** The newest `limit` messages of a channel as `as` sees them, oldest first. */
export async function loadMessages(channelId, as, limit) {
  const messages = await request(`/sim/channels/${encodeURIComponent(channelId)}/messages?${query(as)}&limit=${limit}`);
  if (!Array.isArray(messages)) throw new Unreachable(messages?.refused ?? "The channel could not be read.");
  return messages.sort(byId);
}

/** Snowflakes in the order they were made. */
export function byId(left, right) {
  const a = BigInt(left.id), b = BigInt(right.id);
  return a < b ? -1 : a > b ? 1 : 0;
}

export const isLater = (id, than) => BigInt(id || 0) > BigInt(than || 0);

/** Does something as a person. Answers { ok: true, reply } or { ok: false, refused }. */
export async function act(as, action, details) {
  try {
    const body = await request("/sim/act", {
      method: "POST",
      headers: { "content-type": "application/json" },
      body: JSON.stringify({ as, action, ...details }),
    });
    if (body?.ok === false) return { ok: false, refused: body.refused ?? "That was refused." };
    return { ok: true, reply: body?.reply ?? { kind: "nothing" } };
  } catch (problem) {
    return { ok: false, refused: problem.message };
  }
}

/**
 * Presses one of the demo's own buttons. They belong to the host program, usually on another port, whose answer
 * a page may not read: then "sent" is all that is known.
 */
export async function pressDemoButton(url) {
  const elsewhere = new URL(url, location.href).origin !== location.origin;
  if (!elsewhere) {
    const body = await request(url, { method: "POST", headers: { "content-type": "application/json" }, body: "{}" });
    return body?.ok === false ? { ok: false, text: body.refused ?? "That was refused." } : { ok: true, text: body?.message ?? "" };
  }
  try {
    await fetch(url, { method: "POST", mode: "no-cors" });
    return { ok: true, text: "" };
  } catch {
    return { ok: false, text: "The program behind this button does not answer." };
  }
}

export async function loadText(url) {
  let response;
  try {
    response = await fetch(url);
  } catch {
    throw new Unreachable("The file could not be loaded.");
  }
  if (!response.ok) throw new Unreachable(`The file could not be loaded (${response.status}).`);
  return response.text();
}

/** Listens for changes until the answered function is called. `onLink(true | false)` says when the line opens or breaks. */
export function listen(as, onChange, onLink) {
  let source;
  let timer;
  const open = () => {
    source = new EventSource(`/sim/events?${query(as)}`);
    source.addEventListener("message", onChange);
    source.addEventListener("open", () => onLink(true));
    source.addEventListener("error", () => {
      onLink(false);
      // A broken line comes back by itself, a refused one does not.
      if (source.readyState === EventSource.CLOSED) timer = setTimeout(open, 3000);
    });
  };
  open();
  return () => {
    clearTimeout(timer);
    source.close();
  };
}
