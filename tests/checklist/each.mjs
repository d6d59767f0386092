// Does `work(item, tool)` for every item, some at a time, each worker with a tool of its own, and gives the results in the items' order.

import { availableParallelism } from "node:os";

export async function each(items, tool, work) {
  const results = [];
  const queue = items.entries();
  const worker = async () => {
    const own = await tool();
    for (const [index, item] of queue) results[index] = await work(item, own);
  };
  await Promise.all(Array.from({ length: Math.min(items.length, availableParallelism()) }, worker));
  return results;
}
