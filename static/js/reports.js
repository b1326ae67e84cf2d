// The page of one workbook: as soon as it is ready, save it once without another click. The link stays for those
// whose browser asks first.
(() => {
  const save = () => {
    const link = document.querySelector("a[data-download]:not([data-saved])");
    if (!link) return;
    link.dataset.saved = "yes";
    link.click();
  };
  const wasOpen = document.querySelector("#file[hx-get]");
  if (wasOpen) document.body.addEventListener("htmx:afterSettle", save);
})();
