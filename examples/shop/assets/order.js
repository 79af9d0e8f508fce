// Shows the status of the order, as it changes.
const status = document.getElementById("status");
new EventSource(status.dataset.events).onmessage = (event) => {
  status.textContent = JSON.parse(event.data).status;
};
