// What a person sees of the page and can reach with a finger: nothing that is covered, hidden or outside the window.
(() => {
  const tidy = (text) => (text ?? "").replace(/\s+/g, " ").trim();
  const within = (rect) => rect.width > 0 && rect.height > 0 && rect.top >= -1 && rect.left >= -1 && rect.bottom <= innerHeight + 1 && rect.right <= innerWidth + 1;

  // Whether the middle of a box is really this element, and not something that lies over it.
  const uncovered = (node, rect) => {
    const hit = document.elementFromPoint(rect.left + rect.width / 2, rect.top + rect.height / 2);
    return Boolean(hit) && (node.contains(hit) || hit.contains(node));
  };
  const seen = (node) => {
    const rect = node.getBoundingClientRect();
    return node.checkVisibility({ opacityProperty: true, visibilityProperty: true }) && within(rect) && uncovered(node, rect);
  };

  // A control is known by its words, by one line of them, or by the label that is read out.
  const answersTo = (node, label) => [tidy(node.getAttribute("aria-label")), tidy(node.innerText), ...(node.innerText ?? "").split("\n").map(tidy)].includes(label);
  const CONTROLS = "button, a[href], [role=option]";

  const controls = (label) => [...document.querySelectorAll(CONTROLS)].filter((node) => !node.disabled && answersTo(node, label));
  // The lowest one: in a conversation the newest is at the bottom.
  const control = (label, region = "body") => controls(label).filter((node) => node.closest(region) && seen(node)).at(-1);
  const field = (label) => {
    const named = [...document.querySelectorAll("input, textarea")].filter((node) => tidy(node.getAttribute("aria-label")).startsWith(label)
      || [...(node.labels ?? [])].some((words) => tidy(words.innerText).replace(/ \*( ?required)?$/, "") === label));
    return named.filter(seen).at(-1);
  };
  const middle = (node) => {
    if (!node) return null;
    const rect = node.getBoundingClientRect();
    return { x: rect.left + rect.width / 2, y: rect.top + rect.height / 2 };
  };

  // The places of some words in the page, as ranges of text; words may be bold or chips in between.
  function* places(words) {
    if (!document.body) return;
    const walker = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
    let text = "";
    const at = [];
    for (let node = walker.nextNode(); node; node = walker.nextNode()) {
      if (!node.parentElement.checkVisibility({ opacityProperty: true, visibilityProperty: true })) continue;
      for (let offset = 0; offset < node.data.length; offset += 1) {
        const character = /\s/.test(node.data[offset]) ? " " : node.data[offset];
        if (character === " " && (text === "" || text.endsWith(" "))) continue;
        text += character;
        at.push([node, offset]);
      }
    }
    for (let found = text.indexOf(words); found >= 0; found = text.indexOf(words, found + 1)) {
      const range = document.createRange();
      range.setStart(...at[found]);
      const [last, offset] = at[found + words.length - 1];
      range.setEnd(last, offset + 1);
      yield range;
    }
  }
  const readable = (range) => [...range.getClientRects()].filter((rect) => rect.width > 0).every((rect) => {
    const hit = document.elementFromPoint(rect.left + rect.width / 2, rect.top + rect.height / 2);
    const holder = range.commonAncestorContainer.nodeType === Node.TEXT_NODE ? range.commonAncestorContainer.parentElement : range.commonAncestorContainer;
    return within(rect) && Boolean(hit) && (holder.contains(hit) || hit.contains(holder));
  });
  const reads = (words) => [...places(words)].some((range) => range.getClientRects().length > 0 && readable(range));

  // Waits for what `look` answers, frame by frame.
  const until = (look, patienceMs) => new Promise((resolve) => {
    const began = performance.now();
    const frame = () => {
      const found = look();
      if (found || performance.now() - began > patienceMs) resolve(found ?? null);
      else requestAnimationFrame(frame);
    };
    frame();
  });

  // A thing that still moves or was only just drawn is pressed in the wrong place: wait until it stands for three frames.
  const standing = async (look, patienceMs) => {
    let last = null;
    let frames = 0;
    return until(() => {
      const spot = middle(look());
      frames = spot && last && spot.x === last.x && spot.y === last.y ? frames + 1 : 0;
      last = spot;
      return frames >= 3 ? spot : null;
    }, patienceMs);
  };

  // A long board among the pins is scrolled to its buttons, as one does.
  const scrollPinsTo = (label) => {
    const pressable = [...document.querySelectorAll("body.pins-open .pins-list :is(button, a)")];
    const node = pressable.findLast((one) => tidy(one.innerText) === label);
    if (node && node.getBoundingClientRect().bottom > innerHeight - 64) node.scrollIntoView({ block: "center" });
  };

  const describe = (node) => `${node.tagName.toLowerCase()} “${tidy(node.innerText).slice(0, 40) || node.className}”`;

  // What is wrong with the page as it stands, in sentences.
  const flaws = () => {
    const found = [];
    const root = document.documentElement;
    if (root.scrollWidth > innerWidth) found.push(`the page is ${root.scrollWidth} px wide in a window of ${innerWidth} px`);
    for (const scroller of document.querySelectorAll(".log, .pins-list, .sidebar, dialog")) {
      if (scroller.checkVisibility() && scroller.scrollWidth > scroller.clientWidth + 1) found.push(`${describe(scroller)} scrolls sideways`);
    }
    for (const button of document.querySelectorAll(".components .button, .components .select")) {
      if (!seen(button)) continue;
      const rect = button.getBoundingClientRect();
      if (button.scrollWidth > button.clientWidth + 1) found.push(`the words of ${describe(button)} do not fit`);
      if (matchMedia("(pointer: coarse)").matches && rect.height < 44) found.push(`${describe(button)} is ${rect.height} px high, too small for a finger`);
    }
    return found;
  };

  globalThis.eyes = {
    reachable: (label, patienceMs, region) => standing(() => {
      scrollPinsTo(label);
      return control(label, region);
    }, patienceMs),
    reachableOne: (kind, patienceMs) => standing(() => [...document.querySelectorAll(kind)].find(seen), patienceMs),
    field: (label, patienceMs) => standing(() => field(label), patienceMs),
    until,
    reads: (words, patienceMs) => until(() => reads(words), patienceMs),
    spotOf: (words, patienceMs) => standing(() => [...places(words)].findLast(readable), patienceMs),
    scrollTo: (words) => until(() => {
      const range = [...places(words)].at(-1);
      range?.startContainer.parentElement.scrollIntoView({ block: "center" });
      return Boolean(range);
    }, 5000),
    buttons: () => [...document.querySelectorAll(".components .button, .components .select")].filter(seen).map((node) => tidy(node.innerText)),
    flaws,
    words: () => (document.querySelector("dialog[open]") ?? document.querySelector("body.pins-open .pins") ?? document.querySelector(".main")).innerText,
  };
})();
