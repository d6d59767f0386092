// Elements, made without markup: whatever a name or an error holds stays text.

export const $ = (id) => document.getElementById(id);

/** `<tag>` with properties and children; a property that begins with `data-` or `aria-`, or is `role`, is an attribute. */
export function make(tag, properties = {}, ...children) {
  const element = document.createElement(tag);
  for (const [name, value] of Object.entries(properties)) {
    if (/^(data-|aria-|role$)/.test(name)) element.setAttribute(name, value);
    else element[name] = value;
  }
  element.append(...children.filter((child) => child !== null && child !== undefined));
  return element;
}
