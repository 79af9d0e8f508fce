// The conversation: each message is a frame, and so are those that were written before.
const messages = document.getElementById("messages");
const form = document.getElementById("write");
let socket;

function open() {
  messages.replaceChildren();
  const address = new URL(messages.dataset.socket, location);
  address.protocol = location.protocol === "https:" ? "wss:" : "ws:";
  socket = new WebSocket(address);
  socket.onmessage = (event) => {
    const { from_staff, text } = JSON.parse(event.data);
    const item = document.createElement("li");
    item.textContent = text;
    if (from_staff) item.className = "staff";
    messages.append(item);
  };
  // 1008: the session has ended, and the page leads to the sign-in.
  socket.onclose = (event) => event.code === 1008 ? location.reload() : setTimeout(open, 2000);
}

form.onsubmit = (event) => {
  event.preventDefault();
  if (socket.readyState !== WebSocket.OPEN) return;
  socket.send(form.elements.text.value);
  form.reset();
};

open();
