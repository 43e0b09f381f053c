//! The live channel, as a page opens it.

use std::net::SocketAddr;

use anyhow::{Context as _, Result, bail};
use domain::{
    Roadmap,
    wire::{ClientMessage, ServerMessage, in_room, short::Reader},
};
use futures::{SinkExt as _, StreamExt as _};
use tokio::net::TcpStream;
use tokio_tungstenite::{
    WebSocketStream,
    tungstenite::{
        Message, Utf8Bytes,
        client::IntoClientRequest as _,
        http::header::{COOKIE, ORIGIN},
        protocol::WebSocketConfig,
    },
};

use crate::{server::Server, session::Session};

/// Where and as whom to connect.
#[derive(Clone, Debug)]
pub(crate) struct Door {
    address: SocketAddr,
    origin: String,
    cookie: String,
}

impl Door {
    pub(crate) fn of(server: &Server, session: &Session) -> Self {
        Self::at(server.address(), &server.origin(), session)
    }

    pub(crate) fn at(address: SocketAddr, origin: &str, session: &Session) -> Self {
        Self { address, origin: origin.to_owned(), cookie: session.cookie().to_owned() }
    }

    /// The same room by another way: through a proxy, whose address is then the site's.
    pub(crate) fn through(self, address: SocketAddr) -> Self {
        Self { address, origin: format!("http://{address}"), ..self }
    }

    /// Opens a connection and says hello.
    pub(crate) async fn enter(&self, hello: &ClientMessage) -> Result<Socket> {
        let stream = TcpStream::connect(self.address).await.context("the server is not there")?;
        stream.set_nodelay(true)?;
        let mut request = format!("ws://{}/live", self.address).into_client_request()?;
        request.headers_mut().insert(ORIGIN, self.origin.parse()?);
        request.headers_mut().insert(COOKIE, self.cookie.parse()?);
        let mut config = WebSocketConfig::default();
        config.read_buffer_size = 4 * 1024;
        config.write_buffer_size = 0;
        let (stream, _) = tokio_tungstenite::client_async_with_config(request, stream, Some(config))
            .await
            .context("the live channel is refused")?;
        let mut socket = Socket { stream, reader: Reader::default() };
        socket.send(hello).await?;
        Ok(socket)
    }
}

/// An open connection.
#[derive(Debug)]
pub(crate) struct Socket {
    stream: WebSocketStream<TcpStream>,
    reader: Reader,
}

impl Socket {
    pub(crate) async fn send(&mut self, message: &ClientMessage) -> Result<()> {
        if let ClientMessage::Hello { .. } = message {
            self.reader.said_hello();
        }
        self.send_in(0, message).await
    }

    /// Says something about another room than the one the page has, for who reads that by itself.
    pub(crate) async fn send_in(&mut self, room: u8, message: &ClientMessage) -> Result<()> {
        Ok(self.stream.send(Message::text(in_room(room, &serde_json::to_string(message)?))).await?)
    }

    /// The next message. Can be dropped while waiting.
    ///
    /// # Errors
    /// When the connection has ended, or the server says what this protocol does not know. A frame in short form is such a
    /// thing: who has no document says a [plain](plainly) hello.
    pub(crate) async fn receive(&mut self) -> Result<ServerMessage> {
        let text = self.receive_text().await?;
        self.message(&text)
    }

    /// The next message for a page with this confirmed document. Can be dropped while waiting.
    pub(crate) async fn receive_for(&mut self, roadmap: &Roadmap) -> Result<ServerMessage> {
        loop {
            let text = self.receive_text().await?;
            if let Some(plain) = self.reader.read(&text, roadmap)? {
                return self.message(&plain);
            }
        }
    }

    fn message(&mut self, text: &str) -> Result<ServerMessage> {
        let message = serde_json::from_str(text).with_context(|| format!("the server says {text}"))?;
        if let ServerMessage::Welcome { slots, .. } = &message {
            self.reader.welcomed(slots.clone());
        }
        Ok(message)
    }

    /// The next message as it came.
    pub(crate) async fn receive_text(&mut self) -> Result<Utf8Bytes> {
        loop {
            match self.stream.next().await {
                Some(Ok(Message::Text(text))) => return Ok(text),
                Some(Ok(Message::Close(_))) | None => bail!("the server closed the connection"),
                Some(Ok(_)) => {}
                Some(Err(error)) => return Err(error.into()),
            }
        }
    }

    /// Waits for the answer to hello and returns the epoch the server told.
    pub(crate) async fn welcome(&mut self) -> Result<u64> {
        Ok(self.welcome_at_head().await?.0)
    }

    /// The same, with the head of the room's log.
    pub(crate) async fn welcome_at_head(&mut self) -> Result<(u64, u64)> {
        match self.receive().await? {
            ServerMessage::Welcome { epoch, head, .. } => Ok((epoch, head)),
            other => bail!("the server welcomes with {other:?}"),
        }
    }
}

/// A hello that asks for no frame in short form.
pub(crate) fn plainly(mut hello: ClientMessage) -> ClientMessage {
    if let ClientMessage::Hello { plain, .. } = &mut hello {
        *plain = true;
    }
    hello
}
