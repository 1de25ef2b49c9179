//! What happens to a visitor's connection between accept and the first byte of it.

use std::io;
use std::net::SocketAddr;
use std::sync::Arc;

use shipstack_service::metrics::Metric;
use tokio::net::TcpStream;

use crate::client_places::ClientPlaces;
use crate::pace::MinimumRate;
use crate::paced::Paced;
use crate::stalled::give_up_when_stalled;

/// Lets connections in where their client has a place left, and demands of readers that they take what they are sent.
#[derive(Debug, Clone)]
pub struct Door {
    places: Arc<ClientPlaces>,
    rate: MinimumRate,
}

impl Door {
    /// With these places, and this minimum for readers.
    pub fn new(places: Arc<ClientPlaces>, rate: MinimumRate) -> Self {
        Self { places, rate }
    }

    /// The connection as it is to be used, and whose it is; refused, it is closed with the error.
    pub fn admit(&self, stream: TcpStream) -> io::Result<(Paced, SocketAddr)> {
        let from = stream.peer_addr()?;
        let Some(place) = self.places.take(from.ip()) else {
            Metric::SitesDropped.add(1, &["crowd"]);
            return Err(io::ErrorKind::QuotaExceeded.into());
        };
        give_up_when_stalled(&stream);
        Ok((Paced::new(stream, self.rate, place), from))
    }
}
