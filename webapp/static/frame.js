// What Airflow shows in a frame of its own: it lets no link out of it (sandbox), so that one to Airflow
// would open a second Airflow within the first. There such links are plain text.

export function keepToFrame() {
  if (window.self === window.top) return;
  document.documentElement.classList.add("framed");
  document.addEventListener("click", (event) => {
    const link = event.target.closest("a[href]");
    if (link && link.origin !== location.origin) event.preventDefault();
  });
}
