// All that is folded is printed too; and rows can be filtered. The page reads as well without this.
addEventListener("beforeprint", () => document.querySelectorAll("details:not([open])").forEach(one => { one.dataset.shut = ""; one.open = true; }));
addEventListener("afterprint", () => document.querySelectorAll("details[data-shut]").forEach(one => { one.open = false; delete one.dataset.shut; }));
document.querySelectorAll(".filter").forEach(box => {
  let waiting;
  box.hidden = false;
  box.addEventListener("input", () => {
    clearTimeout(waiting);
    waiting = setTimeout(() => {
      const wanted = box.value.trim().toLowerCase();
      const place = box.nextElementSibling;
      place.querySelectorAll("tbody tr").forEach(row => { row.hidden = wanted !== "" && !row.textContent.toLowerCase().includes(wanted); });
      place.querySelectorAll("details").forEach(one => {
        const named = wanted !== "" && one.querySelector("summary").textContent.toLowerCase().includes(wanted);
        if (named) one.querySelectorAll("tbody tr").forEach(row => { row.hidden = false; });
        one.hidden = wanted !== "" && !named && !one.querySelector("tbody tr:not([hidden])");
      });
      place.querySelectorAll("tfoot").forEach(foot => { foot.hidden = wanted !== ""; });
    }, 200);
  });
});
