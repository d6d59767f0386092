// Shows the KPIs that have every word that is typed, whatever the case and the accents.
const plain = (text) => text.normalize("NFD").replace(/\p{M}/gu, "").toLowerCase();
const rows = [...document.querySelectorAll("#kpis tbody tr")].map((row) => [row, plain(row.textContent)]);
document.querySelector("#find").addEventListener("input", (event) => {
  const words = plain(event.target.value).split(/\s+/);
  for (const [row, text] of rows) row.hidden = !words.every((word) => text.includes(word));
});
