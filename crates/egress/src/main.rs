//! Entry point of `shipstack-egress`, the process of the egress container.

use clap::Parser;
use shipstack_egress::wire::{Answer, PORT};
use shipstack_egress::{Ledger, Policy, Proxy, SystemResolver, Timing, run_control, write_answer};
use shipstack_types::HostAllowList;
use std::io;
use std::net::{Ipv4Addr, SocketAddr};
use std::sync::Arc;
use std::sync::mpsc::{self, Receiver};
use tokio::net::TcpListener;

/// Egress proxy of build containers. Orders come on standard input; it ends when that does.
#[derive(Parser)]
#[command(version)]
struct Arguments {
    /// Where to listen.
    #[arg(long, default_value_t = SocketAddr::from((Ipv4Addr::UNSPECIFIED, PORT)))]
    listen: SocketAddr,
    /// Hosts (`host[:port],…`) that may resolve to addresses that are not public.
    #[arg(long, default_value = "")]
    allow_private: HostAllowList,
    /// When given, the only hosts (`host[:port],…`) that builds may reach.
    #[arg(long, default_value = "")]
    only: HostAllowList,
}

/// Refusals that wait to be told; more than that at once are in the receipt alone.
const UNTOLD: usize = 256;

#[tokio::main]
async fn main() -> anyhow::Result<()> {
    let Arguments { listen, allow_private, only } = Arguments::parse();
    let listener = TcpListener::bind(listen).await?;
    write_answer(&mut io::stdout(), &Answer::Listening(listener.local_addr()?.port()))?;
    let (tell, told) = mpsc::sync_channel(UNTOLD);
    std::thread::spawn(move || tell_refusals(&told));
    let ledger = Arc::new(Ledger::telling(tell));
    let proxy =
        Proxy::new(Policy { allow_private, only }, SystemResolver, Arc::clone(&ledger), Timing::default());
    tokio::spawn(Arc::new(proxy).serve(listener));
    let control = move || run_control(&ledger, io::stdin().lock(), io::stdout());
    Ok(tokio::task::spawn_blocking(control).await??)
}

/// Each line is one write, and so never torn by an answer. Ends with the channel to the worker.
fn tell_refusals(told: &Receiver<Answer>) {
    for refusal in told {
        if write_answer(&mut io::stdout(), &refusal).is_err() {
            return;
        }
    }
}
