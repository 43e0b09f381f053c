//! The servers that are measured, made when they are first needed.

use std::path::PathBuf;

use anyhow::{Context as _, Result, ensure};

use super::{
    Part, deliveries, failover, fan_out, fleet, idle, join, latency,
    load::Load,
    many,
    nodes::{self, Nodes},
    outage, pages,
    report::Figure,
    storm, throughput, votes,
};
use crate::{room::Room, server::Server};

/// Which servers there are, and what is on them.
#[derive(Debug)]
pub(super) struct Stage {
    pub(super) server: Server,
    room: Room,
    load: Load,
    /// On the same server, once somebody needs many.
    rooms: Vec<Room>,
    nodes: Option<Nodes>,
    folder: PathBuf,
}

impl Stage {
    /// Founds a server. It does not run afterwards.
    pub(super) async fn prepare(mut server: Server, load: Load) -> Result<Self> {
        server.start().await?;
        let room = Room::prepare(&server).await?;
        server.kill().await?;
        let folder = server.folder().to_owned();
        Ok(Self { server, room, load, rooms: Vec::new(), nodes: None, folder })
    }

    /// Measures one part, on a server that has done nothing else.
    pub(super) async fn measure(&mut self, part: Part) -> Result<Vec<Figure>> {
        let load = self.load;
        match part {
            Part::Pages => {
                let (server, room) = self.started().await?;
                pages::measure(server, &room.session, load).await
            }
            Part::Latency => latency::measure(self.started().await?.1, load).await,
            Part::Lone => {
                let (server, room) = self.started().await?;
                latency::lone(server, room, load).await
            }
            Part::Throughput => {
                let (server, room) = self.started().await?;
                throughput::one_room(server, room, load).await
            }
            Part::ManyRooms => {
                let (server, rooms) = self.with_rooms().await?;
                throughput::many_rooms(server, rooms, load).await
            }
            Part::FanOut => fan_out::measure(self.started().await?.1, load).await,
            Part::Deliveries => {
                let (server, room) = self.started().await?;
                deliveries::measure(server, room, load).await
            }
            Part::Join => {
                let (server, room) = self.started().await?;
                join::measure(server, &room.session, load).await
            }
            Part::Idle => {
                let (server, room) = self.started().await?;
                idle::together(server, room, load).await
            }
            Part::Connections => {
                let (server, rooms) = self.with_rooms().await?;
                idle::spread(server, rooms, load).await
            }
            Part::Rooms => {
                let (server, rooms) = self.with_rooms().await?;
                many::measure(server, rooms, load).await
            }
            Part::Storm => {
                let (server, rooms) = self.with_rooms().await?;
                storm::measure(server, rooms, load).await
            }
            Part::Memory => {
                let (server, rooms) = self.with_rooms().await?;
                fleet::memory(server, rooms, load).await
            }
            Part::Postgres => self.nodes().await?.alone(load).await,
            Part::Nodes => self.nodes().await?.heard(load).await,
            Part::Failover => failover::measure(self.nodes().await?, load).await,
            Part::Together => self.nodes().await?.together(load).await,
            Part::Outage => outage::measure(self.nodes().await?).await,
            Part::SmallRooms => {
                let mut server = Server::prepare(Some(&self.folder), false)?;
                server.start().await?;
                fleet::many(&mut server, load).await
            }
            Part::Votes => votes::measure(&self.folder, load).await,
        }
    }

    /// Ends every server, so that the next part has the machine for itself.
    pub(super) async fn clear(&mut self) -> Result<()> {
        self.server.kill().await?;
        match &mut self.nodes {
            Some(nodes) => nodes.kill().await,
            None => Ok(()),
        }
    }

    async fn started(&mut self) -> Result<(&mut Server, &Room)> {
        self.server.start().await?;
        Ok((&mut self.server, &self.room))
    }

    async fn with_rooms(&mut self) -> Result<(&mut Server, &[Room])> {
        self.server.start().await?;
        if self.rooms.is_empty() {
            self.rooms = fleet::prepare(&self.server, &self.room.session, self.load).await?;
            self.server.kill().await?;
            self.server.start().await?;
        }
        Ok((&mut self.server, &self.rooms))
    }

    async fn nodes(&mut self) -> Result<&mut Nodes> {
        ensure!(cluster::is_installed(), nodes::NO_POSTGRES);
        if self.nodes.is_none() {
            self.nodes = Some(Nodes::prepare(&self.folder).await?);
        }
        self.nodes.as_mut().context("the servers were just made")
    }
}
