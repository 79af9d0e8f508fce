// Shows how many are left of each product, as others order.
new EventSource("/stock").onmessage = (event) => {
  const { product, stock } = JSON.parse(event.data);
  for (const place of document.querySelectorAll(`[data-stock="${product}"]`)) place.textContent = stock;
};
