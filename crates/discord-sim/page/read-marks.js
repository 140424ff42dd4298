// What each person has read, remembered in this browser. Ids grow with time, so one id per channel is enough.

import { isLater } from "./api.js";

const KEY = "local-discord-read";
const DISCORD_EPOCH_MS = 1420070400000n;
const writtenAt = (id) => Number((BigInt(id || 0) >> 22n) + DISCORD_EPOCH_MS);

export function readMarks() {
  let read = {};
  let places = {};
  const opened = new Map(); // "login/channel" -> last id read before the present visit
  let here = "";
  try {
    read = JSON.parse(localStorage.getItem(KEY)) ?? {};
  } catch {
    // Without storage everything counts as unread after a reload.
  }
  const save = () => {
    try {
      localStorage.setItem(KEY, JSON.stringify(read));
    } catch {
      // As above.
    }
  };
  const key = (login, channelId) => `${login}/${channelId}`;

  return {
    isUnread: (login, channel) => Boolean(channel.last_message_id) && channel.kind !== "category" && isLater(channel.last_message_id, read[key(login, channel.id)] ?? 0),
    /** A mark after the guild's now was made in an earlier run, whose messages are gone: all of them are. */
    forgetTheFuture(nowMs) {
      if (!Object.values(read).some((id) => writtenAt(id) > nowMs)) return;
      read = {};
      save();
    },
    openedAt: (login, channelId) => opened.get(key(login, channelId)),
    lastPlace: (login) => places[login],
    /** The person looks at the channel now; only a visible page reads. */
    visit(login, channel, messages, isVisible) {
      if (!channel || !isVisible) return;
      const mark = key(login, channel.id);
      places[login] = channel.id;
      if (here !== mark) {
        here = mark;
        opened.set(mark, read[mark] ?? "");
      }
      const newest = [channel.last_message_id, messages.at(-1)?.id].filter(Boolean).reduce((a, b) => (isLater(b, a) ? b : a), "0");
      if (isLater(newest, read[mark] ?? 0)) {
        read[mark] = newest;
        save();
      }
    },
  };
}
