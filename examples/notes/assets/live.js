// Updates the list: each change of the notes is an event.
const list = document.getElementById("notes");
const changes = new EventSource("/changes");

changes.addEventListener("created", (event) => {
  const note = JSON.parse(event.data);
  if (list.querySelector(`[data-id="${note.id}"]`)) return;
  const item = document.createElement("li");
  item.dataset.id = note.id;
  const link = document.createElement("a");
  link.href = `/notes/${note.id}`;
  link.textContent = note.title;
  const form = document.createElement("form");
  form.method = "post";
  form.action = `/notes/${note.id}/delete`;
  const button = document.createElement("button");
  button.textContent = "Delete";
  form.append(button);
  item.append(link, form);
  list.prepend(item);
});

changes.addEventListener("deleted", (event) => {
  list.querySelector(`[data-id="${JSON.parse(event.data).id}"]`)?.remove();
});
