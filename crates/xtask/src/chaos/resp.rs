//! Just enough of Redis's protocol to look at what is stored without the product's own client: an observer that shares
//! no code with what it observes.

use std::io::{BufRead as _, BufReader, Read as _, Write as _};
use std::time::Duration;

use anyhow::{Context as _, Result, bail};
use shipstack_testkit::{RedisServer, Stream};

/// A server that is frozen is asked again later.
const PATIENCE: Duration = Duration::from_secs(10);

/// What the server answered.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Reply {
    Nil,
    Number(i64),
    Text(String),
    List(Vec<Reply>),
}

impl Reply {
    pub(super) fn text(&self) -> Option<&str> {
        if let Self::Text(text) = self { Some(text) } else { None }
    }

    pub(super) fn list(&self) -> &[Reply] {
        if let Self::List(list) = self { list } else { &[] }
    }

    pub(super) fn number(&self) -> Option<i64> {
        match self {
            Self::Number(number) => Some(*number),
            Self::Text(text) => text.parse().ok(),
            Self::Nil | Self::List(_) => None,
        }
    }
}

/// A connection past all faults.
pub(super) struct Observer(BufReader<Stream>);

impl Observer {
    pub(super) fn connect(server: &RedisServer) -> Result<Self> {
        let stream = server.upstream().connect()?;
        stream.set_read_timeout(Some(PATIENCE))?;
        Ok(Self(BufReader::new(stream)))
    }

    pub(super) fn ask(&mut self, words: &[&str]) -> Result<Reply> {
        let mut command = format!("*{}\r\n", words.len());
        for word in words {
            command.extend(["$", &word.len().to_string(), "\r\n", word, "\r\n"]);
        }
        self.0.get_mut().write_all(command.as_bytes())?;
        self.read()
    }

    fn read(&mut self) -> Result<Reply> {
        let line = self.line()?;
        let (kind, rest) = line.split_at_checked(1).context("an empty reply")?;
        match kind {
            "+" => Ok(Reply::Text(rest.to_owned())),
            "-" => bail!("Redis says {rest}"),
            ":" => Ok(Reply::Number(rest.parse()?)),
            "$" => self.bulk(rest.parse()?),
            "*" => {
                let Ok(count) = usize::try_from(rest.parse::<i64>()?) else { return Ok(Reply::Nil) };
                (0..count).map(|_| self.read()).collect::<Result<_>>().map(Reply::List)
            }
            _ => bail!("an unknown reply: {line}"),
        }
    }

    fn bulk(&mut self, length: i64) -> Result<Reply> {
        let Ok(length) = usize::try_from(length) else { return Ok(Reply::Nil) };
        let mut bytes = vec![0; length + 2];
        self.0.read_exact(&mut bytes)?;
        bytes.truncate(length);
        Ok(Reply::Text(String::from_utf8_lossy(&bytes).into_owned()))
    }

    fn line(&mut self) -> Result<String> {
        let mut line = String::new();
        self.0.read_line(&mut line)?;
        line.strip_suffix("\r\n").map(str::to_owned).context("the connection ended")
    }
}
