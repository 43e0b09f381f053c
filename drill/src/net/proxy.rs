//! A bad network between a page and the server: it delays, breaks off, goes silent, and reads slowly.

use std::{
    collections::VecDeque,
    future::pending,
    io,
    net::{Ipv4Addr, SocketAddr},
    time::Duration,
};

use anyhow::Result;
use socket2::SockRef;
use tokio::{
    io::{AsyncRead, AsyncReadExt as _, AsyncWrite, AsyncWriteExt as _},
    net::{TcpListener, TcpSocket, TcpStream},
    sync::watch,
    task::{AbortHandle, JoinSet},
    time::{Instant, sleep, sleep_until},
};

/// How much is under way in one direction before the network takes no more.
const IN_FLIGHT: usize = 256 * 1024;

const BUFFER: usize = 16 * 1024;

/// How often a slow reader reads.
const SIP: Duration = Duration::from_millis(100);

/// What the kernel of a narrow way keeps, and the segments it takes: those of Ethernet. Loopback's are forty times as long, and the
/// server's kernel would keep megabytes for each connection.
const NARROW_BUFFER: u32 = 16 * 1024;
const SEGMENT: u32 = 1_448;

/// How the network is.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Weather {
    /// Each way.
    delay: Duration,
    /// At most so much longer, at random.
    jitter: Duration,
    /// Little is kept on the way to the page, as in a network and unlike over loopback.
    narrow: bool,
    /// Bytes a second that the page reads; as fast as they come when `None`.
    reads: Option<usize>,
    /// New connections are reset at once.
    refuses: bool,
    /// Connections with a lower number are reset.
    cut: u64,
    /// Connections with a lower number go silent: nothing passes, nothing ends, and all is kept for later.
    held: u64,
    /// The number of the next connection.
    next: u64,
}

impl Weather {
    pub(super) fn far(delay: Duration, jitter: Duration) -> Self {
        Self { delay, jitter, ..Self::default() }
    }

    pub(super) fn narrow() -> Self {
        Self { narrow: true, ..Self::default() }
    }
}

/// A way to the server. It ends when dropped.
#[derive(Debug)]
pub(super) struct Proxy {
    address: SocketAddr,
    weather: watch::Sender<Weather>,
    task: AbortHandle,
}

impl Proxy {
    /// Opens a way with this weather.
    pub(super) async fn open(server: SocketAddr, weather: Weather) -> Result<Self> {
        let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).await?;
        let address = listener.local_addr()?;
        let weather = watch::Sender::new(weather);
        let task = tokio::spawn(accept(listener, server, weather.clone())).abort_handle();
        Ok(Self { address, weather, task })
    }

    pub(super) fn address(&self) -> SocketAddr {
        self.address
    }

    /// Resets all connections, and takes new ones or not.
    pub(super) fn cut(&self, refuses: bool) {
        self.weather.send_modify(|weather| {
            weather.cut = weather.next;
            weather.refuses = refuses;
        });
    }

    /// Takes new connections again.
    pub(super) fn admit(&self) {
        self.weather.send_modify(|weather| weather.refuses = false);
    }

    /// All connections go silent. New ones are not touched.
    pub(super) fn hold(&self) {
        self.weather.send_modify(|weather| weather.held = weather.next);
    }

    /// What was held comes through.
    pub(super) fn release(&self) {
        self.weather.send_modify(|weather| weather.held = 0);
    }

    /// From now on the page reads so many bytes a second; with `None` as fast as it can.
    pub(super) fn read(&self, bytes_a_second: Option<usize>) {
        self.weather.send_modify(|weather| weather.reads = bytes_a_second);
    }
}

impl Drop for Proxy {
    fn drop(&mut self) {
        self.task.abort();
    }
}

async fn accept(
    listener: TcpListener,
    server: SocketAddr,
    weather: watch::Sender<Weather>,
) -> io::Result<()> {
    let mut links = JoinSet::new();
    loop {
        tokio::select! {
            accepted = listener.accept() => {
                let (page, _) = accepted?;
                let mut number = 0;
                weather.send_modify(|weather| {
                    number = weather.next;
                    weather.next += 1;
                });
                if weather.borrow().refuses {
                    page.set_zero_linger()?;
                    continue;
                }
                links.spawn(link(page, server, weather.subscribe(), number));
            }
            Some(_) = links.join_next() => {}
        }
    }
}

/// One connection, until either side ends it or the network does.
async fn link(
    mut page: TcpStream,
    server: SocketAddr,
    mut weather: watch::Receiver<Weather>,
    number: u64,
) -> io::Result<()> {
    let socket = TcpSocket::new_v4()?;
    if weather.borrow().narrow {
        socket.set_recv_buffer_size(NARROW_BUFFER)?;
        SockRef::from(&socket).set_tcp_mss(SEGMENT)?;
    }
    let mut server = socket.connect(server).await?;
    page.set_nodelay(true)?;
    server.set_nodelay(true)?;
    let cut = {
        let (from_page, to_page) = page.split();
        let (from_server, to_server) = server.split();
        let up = carry(from_page, to_server, weather.clone(), number, false);
        let down = carry(from_server, to_page, weather.clone(), number, true);
        tokio::select! {
            ended = async { tokio::try_join!(up, down) } => ended.is_err(),
            _ = weather.wait_for(|weather| weather.cut > number) => true,
        }
    };
    if cut {
        // Closing resets then, and nothing of what was sent is delivered any more.
        page.set_zero_linger()?;
        server.set_zero_linger()?;
    }
    Ok(())
}

/// Carries bytes one way: each piece comes out when its delay is over, none before an earlier one.
async fn carry(
    mut from: impl AsyncRead + Unpin,
    mut to: impl AsyncWrite + Unpin,
    mut weather: watch::Receiver<Weather>,
    number: u64,
    down: bool,
) -> io::Result<()> {
    let mut waiting: VecDeque<(Instant, Vec<u8>)> = VecDeque::new();
    let mut last = Instant::now();
    let mut next_sip = last;
    let mut open = true;
    let mut buffer = vec![0; BUFFER];
    while open || !waiting.is_empty() {
        let now = *weather.borrow_and_update();
        let held = now.held > number;
        let sip = now.reads.filter(|_| down).map(|reads| (reads / 10).min(BUFFER));
        let room = waiting.iter().map(|(_, bytes)| bytes.len()).sum::<usize>() < IN_FLIGHT;
        let due = waiting.front().filter(|_| !held).map(|(due, _)| *due);
        let arrival = async {
            match sip {
                Some(0) => pending().await,
                Some(sip) => {
                    sleep_until(next_sip).await;
                    from.read(&mut buffer[..sip]).await
                }
                None => from.read(&mut buffer).await,
            }
        };
        tokio::select! {
            read = arrival, if open && room && !held => {
                let read = read?;
                open = read > 0;
                let jitter = rand::random_range(0.0..=1.0);
                last = last.max(Instant::now() + now.delay + now.jitter.mul_f64(jitter));
                next_sip = Instant::now() + SIP;
                waiting.push_back((last, buffer[..read].to_vec()));
            }
            () = due.map_or_else(|| sleep(Duration::MAX), sleep_until) , if due.is_some() => {
                if let Some((_, bytes)) = waiting.pop_front() {
                    if bytes.is_empty() { to.shutdown().await? } else { to.write_all(&bytes).await? }
                }
            }
            changed = weather.changed() => if changed.is_err() { return Err(io::ErrorKind::BrokenPipe.into()) },
        }
    }
    Ok(())
}
