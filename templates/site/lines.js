// Marks the lines of the box that is pointed at or has the focus, and what they lead to.
for (const svg of document.querySelectorAll(".lineage")) {
  const mark = (box) => {
    const own = box?.getAttribute("href");
    const lit = new Set([own]);
    for (const path of svg.querySelectorAll("path")) {
      const joins = path.dataset.joins.split(" ");
      path.classList.toggle("lit", joins.includes(own));
      if (joins.includes(own)) joins.forEach((joined) => lit.add(joined));
    }
    for (const other of svg.querySelectorAll("a")) other.classList.toggle("lit", lit.has(other.getAttribute("href")));
    svg.classList.toggle("marked", own != null);
  };
  for (const kind of ["pointerover", "focusin"]) svg.addEventListener(kind, (event) => mark(event.target.closest("a")));
  for (const kind of ["pointerleave", "focusout"]) svg.addEventListener(kind, () => mark(null));
}
