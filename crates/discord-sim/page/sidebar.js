// The channels of one person, grouped by category, with what is unread.

import { element, icon, isNews } from "./dom.js";

/** The sign before a channel's name, by kind. */
export const SIGNS = { text: "#", announcement: "📣", voice: "🔊", forum: "💬", thread: "↳" };

/** Channels in groups: [{ category | null, channels }], threads below their parents. */
export function grouped(channels) {
  const categories = channels.filter((channel) => channel.kind === "category");
  const plain = channels.filter((channel) => !["category", "thread", "dm"].includes(channel.kind));
  const threads = channels.filter((channel) => channel.kind === "thread" && !channel.archived);
  const withThreads = (list) => list.flatMap((channel) => [channel, ...threads.filter((thread) => thread.parent_id === channel.id)]);
  const known = new Set(categories.map((category) => category.id));
  const loose = plain.filter((channel) => !known.has(channel.parent_id));
  return [{ category: null, channels: withThreads(loose) }, ...categories.map((category) => ({ category, channels: withThreads(plain.filter((channel) => channel.parent_id === category.id)) }))]
    .filter((group) => group.channels.length);
}

/** `page` answers open(channelId), openDirect(), unread(channel), current(). */
export function showSidebar(root, state, page) {
  const looks = state.channels.map((channel) => [channel.id, channel.kind, channel.name, channel.parent_id, channel.archived, channel.topic, page.unread(channel)]);
  if (!isNews(root, [looks, page.current(), state.bot])) return;
  const focused = root.contains(document.activeElement) ? document.activeElement.dataset.channel : null;
  const direct = state.channels.find((channel) => channel.kind === "dm");
  const row = (channel) => {
    const unread = page.unread(channel);
    const isCurrent = channel.id === page.current();
    return element("li", {}, element("button", {
      type: "button", class: ["channel", unread ? "unread" : "", channel.kind === "thread" ? "thread" : ""].join(" "), data: { channel: channel.id },
      "aria-current": isCurrent ? "page" : null, title: channel.topic || null, on: { click: () => page.open(channel.id) },
    }, element("span", { class: "sign", "aria-hidden": "true", text: SIGNS[channel.kind] ?? "#" }), element("span", { class: "channel-name", text: channel.name }), unread ? unreadMark() : null));
  };
  const directUnread = direct && page.unread(direct);
  root.replaceChildren(
    element("div", { class: "sidebar-group" },
      element("h2", { text: "Direct messages" }),
      element("ul", {}, element("li", {}, element("button", {
        type: "button", class: directUnread ? "channel unread" : "channel", data: { channel: direct?.id ?? "direct" }, "aria-current": direct && direct.id === page.current() ? "page" : null,
        on: { click: () => (direct ? page.open(direct.id) : page.openDirect()) },
      }, element("span", { class: "sign", "aria-hidden": "true", text: "🤖" }), element("span", { class: "channel-name", text: state.bot.name }),
        state.bot.online ? null : element("span", { class: "asleep", text: "offline" }), directUnread ? unreadMark() : null)))),
    ...grouped(state.channels).map((group) => element("div", { class: "sidebar-group" },
      element("h2", { text: group.category?.name ?? "Channels" }), element("ul", {}, group.channels.map(row)))),
    element("p", { class: "sidebar-foot" }, icon("bolt"), " A local stand-in: nothing here leaves this machine."));
  if (focused) root.querySelector(`[data-channel="${CSS.escape(focused)}"]`)?.focus();
}

const unreadMark = () => element("span", { class: "dot" }, element("span", { class: "visually-hidden", text: "unread" }));
