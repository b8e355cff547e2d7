// What does not fit on a page: a list of faults in words.
(async () => {
  const faults = [];
  const name = (element) => element.tagName.toLowerCase() + (element.className ? `.${element.className}` : "");
  const page = document.documentElement;
  if (page.scrollWidth > innerWidth) {
    faults.push(`the page is ${page.scrollWidth} px wide in a window of ${innerWidth} px`);
  }

  // Text is seen where it lies inside everything around it; what scrolls brings it into sight.
  const hidden = (style) => [style.overflowX, style.overflowY].some((one) => one === "hidden" || one === "clip");
  const outside = (box, around, slack) =>
    box.left < around.left - slack || box.right > around.right + slack;
  const walker = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
  while (walker.nextNode()) {
    const text = walker.currentNode, words = text.data.trim();
    if (!words || text.parentElement.closest(".hush, style, script")) continue;
    const range = document.createRange();
    range.selectNodeContents(text);
    for (const box of range.getClientRects()) {
      let inner = box;
      for (let one = text.parentElement; one !== page; one = one.parentElement) {
        const style = getComputedStyle(one);
        if (style.display === "inline") continue;
        let around = one.getBoundingClientRect();
        if (["auto", "scroll"].includes(style.overflowX)) {
          const left = around.left - one.scrollLeft;
          around = { left, right: left + one.scrollWidth, top: around.top, bottom: around.bottom };
        }
        const cut = hidden(style) && (inner.top < around.top - 1 || inner.bottom > around.bottom + 1);
        if (outside(inner, around, 1.5) || cut) {
          faults.push(`"${words.slice(0, 60)}" does not fit into ${name(one)}`);
          break;
        }
        inner = one.getBoundingClientRect();
      }
    }
  }

  // The same of pictures: all of their words lie on the sheet.
  for (const picture of document.images) {
    if (!picture.naturalWidth) faults.push(`no picture: ${picture.alt.slice(0, 60)}`);
    const drawn = new DOMParser().parseFromString(await (await fetch(picture.src)).text(), "image/svg+xml");
    const sheet = document.body.appendChild(document.importNode(drawn.documentElement, true));
    const around = sheet.getBoundingClientRect();
    for (const words of sheet.querySelectorAll("text")) {
      const box = words.getBoundingClientRect();
      if (outside(box, around, 1) || box.top < around.top - 1 || box.bottom > around.bottom + 1) {
        faults.push(`"${words.textContent.slice(0, 60)}" is cut off in a picture`);
      }
    }
    sheet.remove();
  }
  return [...new Set(faults)];
})()
