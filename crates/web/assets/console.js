// Keyboard for the review page: S same, D different, U unsure. Pages work without it.
'use strict';
document.addEventListener('keydown', (event) => {
  const typing = /^(input|textarea|select)$/i.test(event.target.tagName);
  if (typing || event.ctrlKey || event.metaKey || event.altKey) return;
  if (event.key === '/') {
    const box = document.querySelector('input[name=q]');
    if (box) { event.preventDefault(); box.focus(); }
    return;
  }
  const button = document.querySelector(`form[data-keys] button[data-key="${CSS.escape(event.key.toLowerCase())}"]`);
  if (button) { event.preventDefault(); button.click(); }
});
