//! Sealing and opening the same bytes by the product and by others: `imegha-peers [MiB] [rounds] [name…]`. See `../README.md`.
//!
//! Every round runs everybody once, so that what else the machine does meets all of them, each round in another order; what is
//! printed is the median of the rounds' ratios. All work in the same two buffers, which were written to before. Who works on one thread is measured
//! by the time that the processor spent on it, who works on two by the clock on the wall.

mod peers;

use std::error::Error;
use std::time::{Duration, Instant};

use cpu_time::ThreadTime;
use peers::Peer;

type Result<T, E = Box<dyn Error>> = std::result::Result<T, E>;

fn main() -> Result<()> {
    let mut arguments = std::env::args().skip(1);
    let mib: usize = arguments.next().map_or(Ok(64), |argument| argument.parse())?;
    let rounds: usize = arguments.next().map_or(Ok(15), |argument| argument.parse())?;

    // Those only whose names begin so; without names, all.
    let names: Vec<String> = arguments.collect();

    let plain: Vec<u8> = (0..mib << 20).map(|at| (at / 4093) as u8 ^ at as u8).collect();
    let mut sealed = vec![1; plain.len() + (plain.len() >> 9) + (1 << 20)];
    let mut opened = vec![1; sealed.len()];
    let mut peers = peers::all()?;
    peers.retain(|peer| names.is_empty() || names.iter().any(|name| peer.name().starts_with(name)));
    let mut times: Vec<Vec<[Duration; 2]>> = vec![Vec::new(); peers.len()];

    // One round more than is counted: the first warms up.
    for round in 0..=rounds {
        let mut order: Vec<usize> = (0..peers.len()).collect();
        order.rotate_left(round % peers.len());
        if round % 2 == 1 {
            order.reverse();
        }
        for at in order {
            let time = run(&mut *peers[at], &plain, &mut sealed, &mut opened)?;
            if round > 0 {
                times[at].push(time);
            }
        }
    }

    println!("{mib} MiB, median of {rounds} rounds; the ratio is to the first line of as many threads");
    println!("| | threads | seal MiB/s | ratio | open MiB/s | ratio |");
    println!("|---|---|---|---|---|---|");
    for (peer, own) in peers.iter().zip(&times) {
        let floor = peers.iter().position(|floor| floor.threads() == peer.threads()).map_or(own, |at| &times[at]);
        let column = |what: usize| {
            let speed = median(own.iter().map(|time| mib as f64 / time[what].as_secs_f64()));
            let ratio =
                |(own, floor): (&[Duration; 2], &[Duration; 2])| floor[what].as_secs_f64() / own[what].as_secs_f64();
            format!("{speed:.0} | {:.2}", median(own.iter().zip(floor).map(ratio)))
        };
        println!("| {} | {} | {} | {} |", peer.name(), peer.threads(), column(0), column(1));
    }
    Ok(())
}

/// One round of one of them: how long sealing took, and opening.
fn run(peer: &mut dyn Peer, plain: &[u8], sealed: &mut Vec<u8>, opened: &mut Vec<u8>) -> Result<[Duration; 2]> {
    peer.prepare(plain, sealed);
    let start = Start::now(peer);
    peer.seal(plain, sealed)?;
    let seal = start.elapsed();
    peer.prepare_to_open();
    opened[..plain.len()].fill(0);
    let start = Start::now(peer);
    peer.open(sealed, opened)?;
    let open = start.elapsed();
    if peer.opened(sealed, opened, plain.len()) != plain {
        return Err(format!("{} did not give back what it was given", peer.name()).into());
    }
    Ok([seal, open])
}

enum Start {
    Thread(ThreadTime),
    Wall(Instant),
}

impl Start {
    fn now(peer: &dyn Peer) -> Self {
        if peer.threads() == 1 { Self::Thread(ThreadTime::now()) } else { Self::Wall(Instant::now()) }
    }

    fn elapsed(&self) -> Duration {
        match self {
            Self::Thread(start) => start.elapsed(),
            Self::Wall(start) => start.elapsed(),
        }
    }
}

fn median(values: impl Iterator<Item = f64>) -> f64 {
    let mut values: Vec<f64> = values.collect();
    values.sort_by(f64::total_cmp);
    values[values.len() / 2]
}
