//! A platform under load: `platform <program> <seconds> <clients>`, where the program is the example `host_platform`.
//!
//! It is started as a process of its own. So many clients at once, each on one connection that stays open and without a pause, ask for one
//! thing after the other for so many seconds each; `/healthz` is what the same server does when there is nothing to do.

use std::error::Error;
use std::io::{BufRead as _, BufReader, Read as _, Write as _};
use std::net::TcpStream;
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

fn main() -> Result<(), Box<dyn Error>> {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let [program, seconds, clients] = arguments.as_slice() else {
        return Err("platform <program> <seconds> <clients>".into());
    };
    let (length, clients) = (Duration::from_secs_f64(seconds.parse()?), clients.parse()?);
    let server = Server::start(program, clients)?;
    println!("{clients} at once, {seconds} s each");
    println!("{:<10} {:>10} {:>10} {:>10} {:>14}", "", "a second", "p50, ms", "p99, ms", "p99 to healthz");
    let mut least = None;
    for (name, requests) in server.requests() {
        let times = load(&server.address, &requests, length).map_err(|error| format!("{name}: {error}"))?;
        let (p50, p99) = (percentile(&times, 50), percentile(&times, 99));
        let rate = times.len() as f64 / length.as_secs_f64();
        let to_least = p99 / *least.get_or_insert(p99);
        println!("{name:<10} {rate:>10.0} {p50:>10.2} {p99:>10.2} {to_least:>14.1}");
    }
    Ok(())
}

/// A server that ends with this value.
struct Server {
    process: Child,
    address: String,
    bearer: String,
    /// Of as many accounts as there are clients: whoever signs in to one account again and again at once is told to wait.
    sign_ins: Vec<String>,
}

impl Server {
    fn start(program: &str, clients: usize) -> Result<Self, Box<dyn Error>> {
        let process = Command::new(program).args(["--stay", &clients.to_string()]).stdout(Stdio::piped()).spawn()?;
        let mut server = Self { process, address: String::new(), bearer: String::new(), sign_ins: Vec::new() };
        let said = server.process.stdout.take().ok_or("its output is not read")?;
        for line in BufReader::new(said).lines() {
            let line = line?;
            match line.split_once(' ') {
                Some(("description", at)) => {
                    let address = at.strip_prefix("http://").and_then(|at| at.split('/').next());
                    server.address = address.ok_or("no address")?.to_owned();
                }
                Some(("bearer", token)) => token.clone_into(&mut server.bearer),
                Some(("sign-in", body)) => server.sign_ins.push(body.to_owned()),
                _ if line == "ready" => return Ok(server),
                _ => {}
            }
        }
        Err("the server ended before it was ready".into())
    }

    /// What is asked for, by its name, the base first: a request for each client.
    fn requests(&self) -> [(&'static str, Vec<String>); 4] {
        let for_all = |request: String| vec![request; self.sign_ins.len()];
        let get = |path: &str, more: &str| format!("GET {path} HTTP/1.1\r\nhost: {}\r\n{more}\r\n", self.address);
        let post = |path: &str, body: &str| {
            let len = body.len();
            let host = &self.address;
            format!(
                "POST {path} HTTP/1.1\r\nhost: {host}\r\ncontent-type: application/json\r\ncontent-length: {len}\r\n\r\n{body}"
            )
        };
        [
            ("healthz", for_all(get("/healthz", ""))),
            ("prelogin", for_all(post("/api/v1/prelogin", r#"{"email":"alice@example.com"}"#))),
            ("look-up", for_all(get("/api/v1/people/alice", &format!("authorization: Bearer {}\r\n", self.bearer)))),
            ("sign-in", self.sign_ins.iter().map(|body| post("/api/v1/sign-in", body)).collect()),
        ]
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        // It may have ended by itself; either way there is nobody left to tell.
        _ = self.process.kill();
        _ = self.process.wait();
    }
}

/// How long each answer took, in milliseconds, shortest first. A client for each request.
fn load(address: &str, requests: &[String], length: Duration) -> Result<Vec<f64>, String> {
    let client = |request: &str| -> Result<Vec<f64>, String> {
        let stream = TcpStream::connect(address).map_err(|error| error.to_string())?;
        stream.set_nodelay(true).map_err(|error| error.to_string())?;
        let (mut stream, began, mut times) = (BufReader::new(stream), Instant::now(), Vec::new());
        while began.elapsed() < length {
            let asked = Instant::now();
            ask(&mut stream, request).map_err(|error| error.to_string())?;
            times.push(asked.elapsed().as_secs_f64() * 1000.0);
        }
        Ok(times)
    };
    let mut times = std::thread::scope(|scope| {
        let clients: Vec<_> = requests.iter().map(|request| scope.spawn(move || client(request))).collect();
        let ended = clients.into_iter().map(|client| client.join().expect("a client returns what went wrong"));
        ended.collect::<Result<Vec<_>, _>>()
    })?
    .concat();
    times.sort_by(f64::total_cmp);
    if times.is_empty() { Err("nothing was answered".to_owned()) } else { Ok(times) }
}

/// One request and its whole answer, which must be a success.
fn ask(stream: &mut BufReader<TcpStream>, request: &str) -> Result<(), Box<dyn Error>> {
    stream.get_mut().write_all(request.as_bytes())?;
    let (mut line, mut len, mut first) = (String::new(), 0, true);
    loop {
        line.clear();
        stream.read_line(&mut line)?;
        let head = line.trim_end();
        if std::mem::take(&mut first) && !head.starts_with("HTTP/1.1 200") {
            return Err(format!("it is answered {head:?}").into());
        }
        if let Some(value) = head.to_ascii_lowercase().strip_prefix("content-length:") {
            len = value.trim().parse()?;
        }
        if head.is_empty() {
            break;
        }
    }
    stream.read_exact(&mut vec![0; len])?;
    Ok(())
}

/// The time within which so many of a hundred came.
fn percentile(times: &[f64], percent: usize) -> f64 {
    times[(times.len() * percent / 100).min(times.len() - 1)]
}
