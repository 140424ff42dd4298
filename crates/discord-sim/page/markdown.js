// Discord's markdown as nodes. `names` turns ids into words: { user(id), role(id), channel(id), self }.
// `document: true` reads an attached .md file, where tables and tick boxes count too.

import { copyText, element, icon, link } from "./dom.js";
import { inUtc, stamp } from "./clock.js";

export function markdown(text, names, options = {}) {
  const root = document.createDocumentFragment();
  root.append(...blocks(String(text ?? ""), { names, document: false, ...options }));
  return root;
}

/** Plain words of a message, for previews and for the announcer. */
export function plainText(text, names) {
  const holder = element("div");
  holder.append(markdown(text, names));
  for (const button of holder.querySelectorAll("button")) button.remove();
  return holder.textContent.replace(/\s+/g, " ").trim();
}

function blocks(text, context) {
  const nodes = [];
  const fence = /```(?:([\w+#.-]+)\n)?\n?([\s\S]*?)```/g;
  let last = 0;
  for (const match of text.matchAll(fence)) {
    nodes.push(...lineBlocks(text.slice(last, match.index), context));
    nodes.push(codeBlock(match[2].replace(/\n$/, ""), match[1]));
    last = match.index + match[0].length;
    if (text[last] === "\n") last += 1;
  }
  nodes.push(...lineBlocks(text.slice(last), context));
  return nodes;
}

export function codeBlock(code, language) {
  const button = element("button", { type: "button", class: "copy-code", "aria-label": "Copy the code" }, icon("copy"), element("span", { text: "Copy" }));
  button.addEventListener("click", async () => {
    button.lastChild.textContent = (await copyText(code)) ? "Copied" : "Not copied";
    setTimeout(() => (button.lastChild.textContent = "Copy"), 1500);
  });
  return element("div", { class: "code-block" }, element("pre", { tabindex: "0", "aria-label": language ? `Code, ${language}` : "Code" }, element("code", { text: code })), button);
}

const LIST_ITEM = /^(\s*)(?:[-*]|(\d{1,9})\.)\s+(\S.*)$/;

function lineBlocks(text, context) {
  if (!text) return [];
  const nodes = [];
  const lines = text.replace(/\n$/, "").split("\n");
  let paragraph = [];
  const flush = () => {
    if (paragraph.length) nodes.push(element("p", {}, inline(paragraph.join("\n"), context)));
    paragraph = [];
  };
  for (let index = 0; index < lines.length; index += 1) {
    const line = lines[index];
    const heading = /^(#{1,6})\s+(\S.*)$/.exec(line);
    const small = /^-# (\S.*)$/.exec(line);
    if (line.startsWith(">>> ")) {
      flush();
      nodes.push(element("blockquote", {}, blocks([line.slice(4), ...lines.slice(index + 1)].join("\n"), context)));
      return nodes;
    }
    if (/^> /.test(line) || line === ">") {
      flush();
      const quoted = [];
      while (index < lines.length && (/^> /.test(lines[index]) || lines[index] === ">")) quoted.push(lines[index++].slice(2));
      index -= 1;
      nodes.push(element("blockquote", {}, lineBlocks(quoted.join("\n"), context)));
    } else if (heading && (heading[1].length <= 3 || context.document)) {
      flush();
      nodes.push(element("div", { class: `heading heading-${Math.min(heading[1].length, 4)}`, role: "heading", "aria-level": heading[1].length + 1 }, inline(heading[2], context)));
    } else if (small) {
      flush();
      nodes.push(element("div", { class: "subtext" }, inline(small[1], context)));
    } else if (LIST_ITEM.test(line)) {
      flush();
      const items = [];
      const isOrdered = (text) => Boolean(LIST_ITEM.exec(text)?.[2]);
      const starts = (text) => LIST_ITEM.test(text) && (/^\s/.test(text) || isOrdered(text) === isOrdered(line));
      while (index < lines.length && (starts(lines[index]) || (items.length && /^\s{2,}\S/.test(lines[index])))) {
        const item = LIST_ITEM.exec(lines[index]);
        if (item) items.push({ depth: item[1].length, number: item[2], text: item[3] });
        else items.at(-1).text += `\n${lines[index].trim()}`;
        index += 1;
      }
      index -= 1;
      nodes.push(list(items, context));
    } else if (context.document && /^\s*(---+|\*\*\*+)\s*$/.test(line)) {
      flush();
      nodes.push(element("hr"));
    } else if (context.document && isTable(lines, index)) {
      flush();
      const rows = [];
      while (index < lines.length && /^\s*\|/.test(lines[index])) rows.push(lines[index++]);
      index -= 1;
      nodes.push(table(rows, context));
    } else if (context.document && line.trim() === "") {
      flush();
    } else {
      paragraph.push(line);
    }
  }
  flush();
  return nodes;
}

function list(items, context) {
  const [first] = items;
  const holder = element(first.number ? "ol" : "ul", first.number ? { start: first.number } : {});
  for (let index = 0; index < items.length; index += 1) {
    const item = element("li", {}, inline(ticked(items[index].text, context), context));
    const nested = [];
    while (index + 1 < items.length && items[index + 1].depth > first.depth) nested.push(items[++index]);
    if (nested.length) item.append(list(nested, context));
    holder.append(item);
  }
  return holder;
}

function ticked(text, context) {
  if (!context.document) return text;
  return text.replace(/^\[ \] /, "☐ ").replace(/^\[[xX]\] /, "☑ ");
}

function isTable(lines, index) {
  return /^\s*\|/.test(lines[index]) && /^\s*\|[\s:|-]+\|?\s*$/.test(lines[index + 1] ?? "");
}

function table(rows, context) {
  const cells = (row) => row.trim().replace(/^\||\|$/g, "").split(/(?<!\\)\|/).map((cell) => cell.trim().replaceAll("\\|", "|"));
  // A number or a time is not broken; a table of many columns is a list on a phone.
  const line = (row, tag) => element("tr", {}, cells(row).map((cell) => element(tag, { class: cell.length <= 8 ? "short" : null }, inline(cell, context))));
  const isWide = cells(rows[0]).length > 4;
  return element("div", { class: isWide ? "table-frame wide" : "table-frame", tabindex: "0", role: "group", "aria-label": "Table" },
    element("table", {}, element("thead", {}, line(rows[0], "th")), element("tbody", {}, rows.slice(2).map((row) => line(row, "td")))));
}

// The inline marks, tried at each place in this order. Each pattern is sticky.
const MARKS = [
  [/\\([^\w\s])/y, (match) => match[1]],
  [/(`{1,2})([^`](?:[\s\S]*?[^`])?)\1(?!`)/y, (match) => element("code", { text: match[2] })],
  [/<t:(-?\d{1,13})(?::([tTdDfFsSR]))?>/y, (match) => timeMark(Number(match[1]) * 1000, match[2] ?? "f")],
  [/<@!?(\d+)>/y, (match, context) => mention(`@${context.names.user(match[1])}`, match[1] === context.names.self)],
  [/<@&(\d+)>/y, (match, context) => mention(`@${context.names.role(match[1])}`, false)],
  [/<#(\d+)>/y, (match, context) => channelMention(match[1], context)],
  [/<\/([^:>\n]{1,100}):\d+>/y, (match) => mention(`/${match[1]}`, false)],
  [/<a?:(\w+):\d+>/y, (match) => `:${match[1]}:`],
  [/@(everyone|here)\b/y, (match) => mention(match[0], false)],
  [/\[((?:\\.|[^\]\\\n])+)\]\(<?(https?:\/\/(?:[^\s()>]|\([^\s()]*\))+)>?(?:\s+"[^"\n]*")?\)/y, (match, context) => link(match[2], inline(match[1], { ...context, inLink: true }))],
  [/<(https?:\/\/[^\s>]+)>/y, (match) => link(match[1], match[1])],
  [/https?:\/\/(?:[^\s<()]|\([^\s<()]*\))*(?:\([^\s<()]*\)|[^\s<.,:;"'()\]*_~|])/y, (match, context) => (context.inLink ? match[0] : link(match[0], match[0]))],
  [/\*\*((?:\\.|[^\\])+?)\*\*(?!\*)/y, (match, context) => element("strong", {}, inline(match[1], context))],
  [/__((?:\\.|[^\\])+?)__(?!_)/y, (match, context) => element("u", {}, inline(match[1], context))],
  [/~~((?:\\.|[^\\])+?)~~/y, (match, context) => element("s", {}, inline(match[1], context))],
  [/\|\|((?:\\.|[^\\])+?)\|\|/y, (match, context) => spoiler(inline(match[1], context))],
  [/\*(?=\S)((?:\\.|\*\*(?:[^*])+\*\*|[^\\*])+?)(?<=\S)\*(?!\*)/y, (match, context) => element("em", {}, inline(match[1], context))],
  [/(?<![\p{L}\p{N}_])_(?=\S)((?:\\.|__(?:[^_])+__|[^\\_])+?)_(?![\p{L}\p{N}_])/uy, (match, context) => element("em", {}, inline(match[1], context))],
];
const STARTERS = /[\\`<@[*_~|h]/g;

function inline(text, context) {
  const nodes = [];
  let plain = "";
  let place = 0;
  const flush = () => {
    if (plain) nodes.push(plain);
    plain = "";
  };
  while (place < text.length) {
    STARTERS.lastIndex = place;
    const next = STARTERS.exec(text);
    if (!next) {
      plain += text.slice(place);
      break;
    }
    plain += text.slice(place, next.index);
    place = next.index;
    const found = firstMark(text, place);
    if (found) {
      const node = found.make(found.match, context);
      if (typeof node === "string") plain += node;
      else {
        flush();
        nodes.push(node);
      }
      place += found.match[0].length;
    } else {
      plain += text[place];
      place += 1;
    }
  }
  flush();
  return nodes;
}

function firstMark(text, place) {
  for (const [pattern, make] of MARKS) {
    pattern.lastIndex = place;
    const match = pattern.exec(text);
    if (match) return { match, make };
  }
  return null;
}

export function timeMark(ms, style) {
  if (!Number.isFinite(ms) || Math.abs(ms) > 8.64e15) return element("span", { text: "an impossible time" });
  return element("time", {
    class: "stamp",
    datetime: new Date(ms).toISOString(),
    title: inUtc(ms),
    text: stamp(ms, style),
    data: style === "R" ? { relative: ms } : {},
  });
}

function mention(words, isSelf) {
  return element("span", { class: isSelf ? "mention mention-self" : "mention", text: words });
}

function channelMention(id, context) {
  const name = context.names.channel(id);
  if (!name) return mention("#unknown", false);
  return element("button", { type: "button", class: "mention mention-channel", text: `#${name}`, data: { channel: id } });
}

function spoiler(children) {
  const button = element("button", { type: "button", class: "spoiler", "aria-label": "Spoiler, press to show" }, element("span", {}, children));
  button.addEventListener("click", () => {
    button.classList.add("shown");
    button.removeAttribute("aria-label");
  });
  return button;
}
