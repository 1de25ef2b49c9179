//! Carries out the worker's orders from a line-based channel until it ends.

use crate::ledger::Ledger;
use crate::wire::{Answer, Order};
use std::io::{self, BufRead, Write};

/// An order is an address, with a list of 64 host names at most, in JSON.
const MAX_ORDER_BYTES: u64 = 64 * 1024;

/// Reads orders from `input` and writes an answer to each, until the input ends. Blocking: it has a thread to itself.
///
/// # Errors
/// When a line is no order or the channel breaks; both mean that the other side is not our worker.
pub fn run_control(ledger: &Ledger, mut input: impl BufRead, mut output: impl Write) -> io::Result<()> {
    loop {
        let mut line = Vec::new();
        io::Read::take(&mut input, MAX_ORDER_BYTES).read_until(b'\n', &mut line)?;
        if line.is_empty() {
            return Ok(());
        }
        let order: Order = serde_json::from_slice(&line)?;
        write_answer(&mut output, &carry_out(ledger, &order))?;
    }
}

/// Writes one answer as one line.
pub fn write_answer(output: &mut impl Write, answer: &Answer) -> io::Result<()> {
    let mut line = serde_json::to_vec(answer)?;
    line.push(b'\n');
    output.write_all(&line)?;
    output.flush()
}

fn carry_out(ledger: &Ledger, order: &Order) -> Answer {
    match order {
        Order::Open { address, terms } => {
            ledger.open(*address, terms.clone());
            Answer::Opened(*address)
        }
        Order::Shut(address) => {
            ledger.shut(*address);
            Answer::Shut(*address)
        }
        Order::Read(address) => Answer::Account(ledger.read(*address)),
        Order::Close(address) => Answer::Account(ledger.close(*address)),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_order_gets_one_answer_and_the_end_of_input_ends_it() {
        let orders = "{\"open\":{\"address\":\"172.18.0.2\",\"terms\":{}}}\n{\"read\":\"172.18.0.2\"}\n\
                      {\"shut\":\"172.18.0.2\"}\n{\"close\":\"172.18.0.2\"}\n";
        let mut answers = Vec::new();
        run_control(&Ledger::default(), orders.as_bytes(), &mut answers).unwrap();
        let empty = r#"{"account":{"hosts":[],"refused":[],"unnamed":0}}"#;
        let address = "172.18.0.2";
        let expected =
            format!("{{\"opened\":\"{address}\"}}\n{empty}\n{{\"shut\":\"{address}\"}}\n{empty}\n");
        assert_eq!(String::from_utf8(answers).unwrap(), expected);
    }

    #[test]
    fn what_is_no_order_ends_it() {
        assert!(run_control(&Ledger::default(), "rm -rf\n".as_bytes(), Vec::new()).is_err());
    }
}
