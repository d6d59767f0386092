export function mount(element, kpi) {
  element.textContent = kpi.id;
}
