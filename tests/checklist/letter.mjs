// A mail or a page as its readers' programs take it apart.

import { readFile } from "node:fs/promises";
import PostalMime from "postal-mime";

/** @returns {{html: string, images: Map<string, string>}} the HTML, and each picture by its Content-ID as a data: URL. */
export async function open(file) {
  const bytes = await readFile(file);
  if (!file.endsWith(".eml")) return { html: bytes.toString(), images: new Map() };
  const mail = await PostalMime.parse(bytes);
  const images = new Map();
  for (const { contentId, mimeType, content } of mail.attachments) {
    if (!contentId || !mimeType.startsWith("image/")) continue;
    const data = Buffer.from(content).toString("base64");
    images.set(contentId.replace(/^<|>$/g, ""), `data:${mimeType};base64,${data}`);
  }
  return { html: mail.html ?? "", images };
}

/** The HTML with its pictures in place: a browser knows no `cid:`. One that is not there stays as it is named. */
export function withImages({ html, images }) {
  return html.replace(/cid:([^"'\s>)]+)/g, (name, id) => images.get(decodeURIComponent(id)) ?? name);
}
