//! Drives the browser by the Chrome `DevTools` Protocol: for pages that do nothing by themselves.

use std::time::{Duration, Instant};

use futures_util::{SinkExt as _, StreamExt as _};
use serde_json::{Value, json};
use tokio::net::TcpStream;
use tokio_tungstenite::tungstenite::Message;
use tokio_tungstenite::{MaybeTlsStream, WebSocketStream};

use crate::chromium::Chromium;

const PATIENCE: Duration = Duration::from_secs(60);

pub(crate) struct Devtools {
    socket: WebSocketStream<MaybeTlsStream<TcpStream>>,
    calls: u64,
    /// What the pages complained about: errors of scripts, and what a content security policy has blocked.
    pub(crate) complaints: Vec<String>,
}

/// A tab with cookies of its own.
pub(crate) struct Tab(String);

impl Devtools {
    pub(crate) async fn connect(browser: &Chromium) -> Self {
        let (socket, _) = tokio_tungstenite::connect_async(browser.devtools().await).await.unwrap();
        Devtools { socket, calls: 0, complaints: Vec::new() }
    }

    async fn call(&mut self, session: Option<&Tab>, method: &str, params: Value) -> Result<Value, String> {
        self.calls += 1;
        let mut call = json!({ "id": self.calls, "method": method, "params": params });
        if let Some(Tab(session)) = session {
            call["sessionId"] = json!(session);
        }
        self.socket.send(Message::text(call.to_string())).await.unwrap();
        loop {
            let next = tokio::time::timeout(PATIENCE, self.socket.next()).await;
            let message = next.unwrap_or_else(|_| panic!("no answer to {method}")).unwrap().unwrap();
            let Ok(mut message) = serde_json::from_str::<Value>(message.to_text().unwrap_or("")) else {
                continue;
            };
            if message["id"] == self.calls {
                return match message.get("error") {
                    Some(err) => Err(err.to_string()),
                    None => Ok(message["result"].take()),
                };
            }
            self.note(&message);
        }
    }

    fn note(&mut self, event: &Value) {
        let params = &event["params"];
        match event["method"].as_str() {
            Some("Runtime.exceptionThrown") => self.complaints.push(params["exceptionDetails"].to_string()),
            // What was answered with an error is seen in the page.
            Some("Log.entryAdded") if params["entry"]["source"] != "network" => {
                let entry = &params["entry"];
                if entry["level"] == "error" || entry["source"] == "security" {
                    self.complaints.push(entry["text"].to_string());
                }
            }
            _ => {}
        }
    }

    /// Opens a tab.
    pub(crate) async fn open(&mut self, url: &str) -> Tab {
        let context = self.call(None, "Target.createBrowserContext", json!({})).await.unwrap();
        let params = json!({ "url": "about:blank", "browserContextId": context["browserContextId"] });
        let target = self.call(None, "Target.createTarget", params).await.unwrap();
        let params = json!({ "targetId": target["targetId"], "flatten": true });
        let attached = self.call(None, "Target.attachToTarget", params).await.unwrap();
        let tab = Tab(attached["sessionId"].as_str().unwrap().to_owned());
        for domain in ["Page.enable", "Runtime.enable", "Log.enable", "DOM.enable"] {
            self.call(Some(&tab), domain, json!({})).await.unwrap();
        }
        self.go(&tab, url).await;
        tab
    }

    /// Opens another page.
    pub(crate) async fn go(&mut self, tab: &Tab, url: &str) {
        self.leave(tab, &format!("location.href = {}", json!(url))).await;
    }

    /// What an expression is, after its promise.
    pub(crate) async fn get(&mut self, tab: &Tab, expression: &str) -> Result<Value, String> {
        let params = json!({ "expression": expression, "awaitPromise": true, "returnByValue": true, "userGesture": true });
        let done = self.call(Some(tab), "Runtime.evaluate", params).await?;
        match done.get("exceptionDetails") {
            Some(details) => Err(details.to_string()),
            None => Ok(done["result"]["value"].clone()),
        }
    }

    /// The text of the first element of a selector.
    pub(crate) async fn text(&mut self, tab: &Tab, selector: &str) -> Value {
        let selector = json!(selector);
        self.get(tab, &format!("document.querySelector({selector})?.textContent.trim()")).await.unwrap()
    }

    /// Does what leads to another page, and waits until that is there.
    pub(crate) async fn leave(&mut self, tab: &Tab, script: &str) {
        self.get(tab, &format!("window.isOld = true; {script}; 0")).await.unwrap();
        self.wait(tab, "!window.isOld && document.readyState == 'complete'", &json!(true)).await;
    }

    /// Fills the form that has these fields, and sends it.
    pub(crate) async fn submit(&mut self, tab: &Tab, action: &str, fields: &[(&str, &str)]) {
        let mut script = format!("const form = document.querySelector('form[action^={}]');", json!(action));
        for (name, value) in fields {
            let (name, value) = (json!(name), json!(value));
            script += &format!(
                "{{ const field = form.elements[{name}]; \
                 if (field.type == 'checkbox') field.checked = true; else field.value = {value}; }}"
            );
        }
        self.leave(tab, &format!("(() => {{ {script} form.querySelector('button').click() }})()")).await;
    }

    /// Waits until an expression is a value, through changes of the page, and returns what it was at last.
    pub(crate) async fn wait(&mut self, tab: &Tab, expression: &str, value: &Value) -> Value {
        let end = Instant::now() + PATIENCE;
        loop {
            // While a page is being changed for another one there is nothing to ask.
            let seen = self.get(tab, expression).await.unwrap_or(Value::Null);
            if seen == *value || Instant::now() > end {
                return seen;
            }
            tokio::time::sleep(Duration::from_millis(20)).await;
        }
    }

    /// Chooses a file.
    pub(crate) async fn choose(&mut self, tab: &Tab, selector: &str, file: &std::path::Path) {
        let document = self.call(Some(tab), "DOM.getDocument", json!({})).await.unwrap();
        let params = json!({ "nodeId": document["root"]["nodeId"], "selector": selector });
        let found = self.call(Some(tab), "DOM.querySelector", params).await.unwrap();
        let params = json!({ "files": [file], "nodeId": found["nodeId"] });
        self.call(Some(tab), "DOM.setFileInputFiles", params).await.unwrap();
    }
}
