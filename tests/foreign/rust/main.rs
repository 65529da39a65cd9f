// A CoAP peer for tests on the crates `coap` and `coap-lite`: words between tabs on standard input and output.
//
// One socket, on which the crate's server answers and its client asks, as a LwM2M device or server does: what comes is
// told apart by its code, and what is no request goes to the client that talks to its sender.

use std::collections::HashMap;
use std::io::{BufRead, Error, Result};
use std::net::SocketAddr;
use std::sync::{Arc, Mutex};

use async_trait::async_trait;
use coap::client::{ClientTransport, CoAPClient, ObserveMessage};
use coap::request::{CoapOption, CoapRequest, Method, RequestBuilder, Status};
use coap::server::{Listener, Responder, Server, TransportRequestSender};
use tokio::net::UdpSocket;
use tokio::sync::mpsc::{unbounded_channel, UnboundedReceiver, UnboundedSender};
use tokio::sync::{oneshot, Mutex as Waiting};
use tokio::task::JoinHandle;

type Inboxes = Arc<Mutex<HashMap<SocketAddr, UnboundedSender<Vec<u8>>>>>;
type Values = Arc<Mutex<HashMap<String, (Vec<u8>, Option<u8>)>>>;

fn tell(words: &[&str]) {
    let escaped = |word: &&str| word.replace('\\', "\\\\").replace('\t', "\\t").replace('\n', "\\n");
    println!("{}", words.iter().map(escaped).collect::<Vec<_>>().join("\t"));
}

fn hex(data: &[u8]) -> String {
    data.iter().map(|byte| format!("{byte:02x}")).collect()
}

fn bytes(text: &str) -> Vec<u8> {
    (0..text.len()).step_by(2).map(|at| u8::from_str_radix(&text[at..at + 2], 16).unwrap()).collect()
}

/// What the server listens on: the requests of the socket.
struct Requests {
    socket: Arc<UdpSocket>,
    inboxes: Inboxes,
}

struct Answer {
    socket: Arc<UdpSocket>,
    to: SocketAddr,
}

#[async_trait]
impl Responder for Answer {
    async fn respond(&self, response: Vec<u8>) {
        self.socket.send_to(&response, self.to).await.unwrap();
    }
    fn address(&self) -> SocketAddr {
        self.to
    }
}

#[async_trait]
impl Listener for Requests {
    async fn listen(self: Box<Self>, sender: TransportRequestSender) -> Result<JoinHandle<Result<()>>> {
        Ok(tokio::spawn(async move {
            let mut buffer = vec![0; 1 << 16];
            loop {
                let (count, from) = self.socket.recv_from(&mut buffer).await?;
                let data = buffer[..count].to_vec();
                let code = data.get(1).copied().unwrap_or(0);
                if code < 32 {
                    let answer = Answer { socket: self.socket.clone(), to: from };
                    sender.send((data.clone(), Arc::new(answer))).map_err(Error::other)?;
                }
                if code == 0 || code >= 64 {
                    if let Some(inbox) = self.inboxes.lock().unwrap().get(&from) {
                        let _ = inbox.send(data);
                    }
                }
            }
        }))
    }
}

/// What a client talks through: the socket, to one peer.
struct Wire {
    socket: Arc<UdpSocket>,
    peer: SocketAddr,
    inbox: Waiting<UnboundedReceiver<Vec<u8>>>,
}

#[async_trait]
impl ClientTransport for Wire {
    async fn recv(&self, buffer: &mut [u8]) -> Result<(usize, Option<SocketAddr>)> {
        let data = self.inbox.lock().await.recv().await.ok_or(Error::other("closed"))?;
        buffer[..data.len()].copy_from_slice(&data);
        Ok((data.len(), Some(self.peer)))
    }
    async fn send(&self, data: &[u8]) -> Result<usize> {
        self.socket.send_to(data, self.peer).await
    }
}

/// A device or a server: what is kept is read, written and observed; a registration gets a place.
async fn answer(values: Values, mut request: Box<CoapRequest<SocketAddr>>) -> Box<CoapRequest<SocketAddr>> {
    let path = format!("/{}", request.get_path());
    let first = |option| request.message.get_option(option).and_then(|all| all.front().cloned());
    let format = first(CoapOption::ContentFormat).map(|value| value.last().copied().unwrap_or(0));
    let query = request.message.get_option(CoapOption::UriQuery).cloned().unwrap_or_default();
    let query: Vec<_> = query.iter().map(|part| String::from_utf8_lossy(part).into_owned()).collect();
    let method = format!("{:?}", request.get_method()).to_uppercase();
    let body = request.message.payload.clone();
    let described = format.map(|number| number.to_string()).unwrap_or_default();
    let port = request.source.map(|from| from.port().to_string()).unwrap_or_default();
    tell(&["asked", &method, &path, &query.join("&"), &described, &hex(&body), &port]);
    let kept = values.lock().unwrap().get(&path).cloned();
    let method = *request.get_method();
    let Some(ref mut response) = request.response else { return request };
    match (method, kept) {
        (Method::Post, _) if path == "/rd" => {
            response.set_status(Status::Created);
            for part in ["rd", "5a"] {
                response.message.add_option(CoapOption::LocationPath, part.into());
            }
        }
        (Method::Get, Some((value, format))) => {
            response.set_status(Status::Content);
            if let Some(number) = format {
                response.message.add_option(CoapOption::ContentFormat, vec![number]);
            }
            response.message.payload = value;
        }
        (Method::Get, None) => response.set_status(Status::NotFound),
        (Method::Delete, _) => response.set_status(Status::Deleted),
        _ => {
            if method == Method::Put {
                values.lock().unwrap().insert(path, (body, format));
            }
            response.set_status(Status::Changed);
        }
    }
    request
}

struct Peer {
    socket: Arc<UdpSocket>,
    inboxes: Inboxes,
    values: Values,
    clients: HashMap<u16, CoAPClient<Wire>>,
    observed: HashMap<String, oneshot::Sender<ObserveMessage>>,
}

impl Peer {
    /// bind [PORT]: the socket and its server.
    async fn bind(port: u16) -> Peer {
        let socket = Arc::new(UdpSocket::bind(("127.0.0.1", port)).await.unwrap());
        let (inboxes, values) = (Inboxes::default(), Values::default());
        let server = Server::from_listeners(vec![Box::new(Requests { socket: socket.clone(), inboxes: inboxes.clone() })]);
        let kept = values.clone();
        tokio::spawn(server.run(move |request: Box<CoapRequest<SocketAddr>>| answer(kept.clone(), request)));
        tell(&["bound", &socket.local_addr().unwrap().port().to_string()]);
        Peer { socket, inboxes, values, clients: HashMap::new(), observed: HashMap::new() }
    }

    fn client(&mut self, port: u16) -> CoAPClient<Wire> {
        let (socket, inboxes) = (self.socket.clone(), self.inboxes.clone());
        let open = || {
            let peer = SocketAddr::from(([127, 0, 0, 1], port));
            let (sender, receiver) = unbounded_channel();
            inboxes.lock().unwrap().insert(peer, sender);
            CoAPClient::from_transport(Wire { socket, peer, inbox: Waiting::new(receiver) })
        };
        self.clients.entry(port).or_insert_with(open).clone()
    }

    /// request PORT METHOD PATH QUERY FORMAT PAYLOAD [BLOCK]: "answered PATH CODE LOCATION PAYLOAD".
    fn request(&mut self, words: &[&str]) {
        let [port, method, path, query, format, payload, block] = words else { panic!("seven words: {words:?}") };
        let mut client = self.client(port.parse().unwrap());
        if let Ok(size) = block.parse() {
            client.set_block1_size(size);
        }
        let queries = query.split('&').filter(|part| !part.is_empty()).map(|part| part.as_bytes().to_vec()).collect();
        let described = format.parse().map(|number: u8| (CoapOption::ContentFormat, vec![number]));
        let method = match *method {
            "GET" => Method::Get,
            "POST" => Method::Post,
            "PUT" => Method::Put,
            _ => Method::Delete,
        };
        let built = RequestBuilder::new(path, method).queries(queries).options(described.into_iter().collect());
        let body = Some(bytes(payload)).filter(|body| !body.is_empty());
        let request = built.data(body).build();
        let path = path.to_string();
        tokio::spawn(async move {
            match client.send(request).await {
                Ok(got) => {
                    let places = got.message.get_option(CoapOption::LocationPath).cloned().unwrap_or_default();
                    let places: Vec<_> = places.iter().map(|part| String::from_utf8_lossy(part).into_owned()).collect();
                    let code = got.message.header.get_code();
                    tell(&["answered", &path, &code, &places.join("/"), &hex(&got.message.payload)]);
                }
                Err(error) => tell(&["unanswered", &path, &error.to_string()]),
            }
        });
    }

    /// observe PORT PATH: "notified PATH PAYLOAD" for each that comes, the first included.
    async fn observe(&mut self, port: &str, path: &str) {
        let name = path.to_string();
        let told = move |got: Result<coap::request::Packet>| match got {
            Ok(message) => tell(&["notified", &name, &hex(&message.payload)]),
            Err(error) => tell(&["unobserved", &name, &error.to_string()]),
        };
        match self.client(port.parse().unwrap()).observe(path, told).await {
            Ok(ending) => drop(self.observed.insert(path.to_string(), ending)),
            Err(error) => tell(&["unobserved", path, &error.to_string()]),
        }
    }

    async fn obey(&mut self, words: &[&str]) {
        match words {
            ["keep", path, value, format] => {
                self.values.lock().unwrap().insert(path.to_string(), (bytes(value), format.parse().ok()));
            }
            ["request", rest @ ..] => self.request(rest),
            ["observe", port, path] => self.observe(port, path).await,
            ["cancel", path] => drop(self.observed.remove(*path).unwrap().send(ObserveMessage::Terminate)),
            _ => tell(&["error", &words.join(" ")]),
        }
    }
}

#[tokio::main(flavor = "current_thread")]
async fn main() {
    let (sender, mut lines) = unbounded_channel();
    std::thread::spawn(move || {
        for line in std::io::stdin().lock().lines() {
            let _ = sender.send(line.unwrap());
        }
    });
    tell(&["ready"]);
    let mut peer = None;
    while let Some(line) = lines.recv().await {
        let words: Vec<_> = line.split('\t').collect();
        match &mut peer {
            Some(bound) => Peer::obey(bound, &words).await,
            None => peer = Some(Peer::bind(words[1].parse().unwrap()).await),
        }
    }
}
