// The buttons of the mail server's faults, and a list that renews itself.
const main = document.querySelector('main');

for (const button of document.querySelectorAll('button[data-fault]')) {
  button.addEventListener('click', async () => {
    await fetch('/api/fault', {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify({ fault: button.dataset.fault }),
    });
    location.reload();
  });
}

if (main.dataset.count !== undefined) {
  setInterval(async () => {
    try {
      const { fault, mails } = await (await fetch('/api/mails')).json();
      if ((mails.at(-1)?.id ?? '') !== main.dataset.newest || fault !== main.dataset.now) location.reload();
    } catch {
      // the simulators are gone for the moment
    }
  }, 1500);
}
